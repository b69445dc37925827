"""Which cells of a submission need not be run: unchanged ones of the story that nothing of the student's uses.

Asked of the program's text alone. Where the text does not tell (magics, ``exec``, ``globals``), everything is run;
and the grader runs everything after all when a name turns out to be missing.
"""

import ast
import builtins
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

_BUILTIN = frozenset(dir(builtins))
# With these a program can reach names that its text does not show.
_DYNAMIC = frozenset(
    "globals locals vars dir exec eval compile __import__ get_ipython sys __main__ "
    "In Out _ __ ___ _ih _oh _i _ii _iii".split()
)


_DYNAMIC_MODULES = frozenset("__main__ builtins code gc importlib inspect IPython runpy sys".split())


class UnclearError(Exception):
    """A cell whose names the text does not tell."""


def names(source: str) -> tuple[set[str], set[str]]:
    """The global names that a cell uses, and those that it binds.

    Raises:
        UnclearError: if the text does not tell.
    """
    try:
        tree = ast.parse(source)
        top = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UnclearError from None
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.names[0].name == "*" or _dynamic(node.module)):
            raise UnclearError
        if isinstance(node, ast.Import) and any(_dynamic(alias.name) for alias in node.names):
            raise UnclearError
    used = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    bound = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    # To symtable, ``x += 1`` does not use x.
    grown = (node.target for node in _top_level(tree) if isinstance(node, ast.AugAssign))
    used |= {target.id for target in grown if isinstance(target, ast.Name)}
    todo = list(top.get_children())
    while todo:
        scope = todo.pop()
        todo += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_global():
                used.add(symbol.get_name())
                if symbol.is_assigned():
                    bound.add(symbol.get_name())
    if used & _DYNAMIC:
        raise UnclearError
    return used - _BUILTIN, bound


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {(alias.asname or alias.name).split(".")[0] for alias in node.names}


def _top_level(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a cell in order, without what is inside functions and classes."""
    todo = list(reversed(tree.body))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            todo += reversed(list(ast.iter_child_nodes(node)))


def _is_function(value: ast.expr, known: set[str]) -> bool:
    """Whether what is assigned is a lambda, or another name for something that lasts."""
    return isinstance(value, ast.Lambda) or (isinstance(value, ast.Name) and value.id in known)


def _dynamic(module: str | None) -> bool:
    return bool(module) and module.partition(".")[0] in _DYNAMIC_MODULES


def fixed(source: str) -> set[str]:
    """The names that a cell binds to modules, functions and classes alone: using them does not change them."""
    found, variable, lasting = set(), set(), set()
    for node in _top_level(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= _imported(node)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
            if node.decorator_list:
                variable.add(node.name)
            variable |= {name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names}
        elif isinstance(node, ast.Assign) and _is_function(node.value, found):
            lasting |= {id(target) for target in node.targets if isinstance(target, ast.Name)}
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in lasting:
            variable.add(node.id)
    return found - variable


@dataclass(frozen=True)
class Step:
    """A code cell of a submission, in its place.

    Args:
        kind: "story" (unchanged), "own" (an answer, a changed cell, a new one) or "test".
        used, bound: global names. fixed: those bound for good, see :func:`fixed`. modules: those bound by import.
    """

    kind: str
    source: str
    used: frozenset[str]
    bound: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()


def step(kind: str, source: str) -> Step:
    """The step of a cell of the story or of the student's.

    Raises:
        UnclearError: if its text does not tell what it uses.
    """
    used, bound = names(source)
    imports = (node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom)))
    modules = set().union(*map(_imported, imports))
    return Step(kind, source, frozenset(used), frozenset(bound), frozenset(fixed(source)), frozenset(modules))


def unneeded(imports: Step, steps: list[Step]) -> dict[str, frozenset[str]]:
    """The cells of the story that need not run, each with the names that are then not bound.

    Args:
        imports: the chapter's first cell; it always runs, and need not be among ``steps``.
        steps: the other code cells, in the notebook's order; a test's ``used`` are the names it looks up.
    """
    asking = [one for one in steps if one.kind != "story"]
    needed = set().union(*(one.used for one in asking)) - imports.fixed
    # What only the student binds, and only by def, is the same however often the story calls it.
    variable = set().union(
        *(one.bound if one.kind == "story" else one.bound - one.fixed for one in steps if one.kind != "test")
    )
    covered = {name for name in needed if _covered(name, steps)}
    waiting = dict.fromkeys(one for one in steps if one.kind == "story" and one.source != imports.source)
    grown = True
    while grown:
        grown = False
        for one in list(waiting):
            # A cell that so much as mentions a needed variable may change what it stands for.
            if (one.bound | one.used & variable) & (needed - covered):
                del waiting[one]
                needed |= one.used - imports.fixed
                grown = True
    return {one.source: one.bound for one in waiting}


def _covered(name: str, steps: list[Step]) -> bool:
    """Whether a name is the student's own ``def`` wherever it is looked up, whatever the story binds to it."""
    using = [one for one in steps if one.kind == "own" and name in one.used]
    while more := [
        one
        for one in steps
        if one.kind == "own" and one not in using and any(one.used & other.bound - other.modules for other in using)
    ]:
        using += more  # what calls what uses the name
    asked = {name}.union(*(one.bound - one.modules for one in using))
    looked_up = [at for at, one in enumerate(steps) if one in using or (one.kind == "test" and one.used & asked)]
    for at in looked_up:
        binders = [one for one in steps[: at + 1] if name in one.bound]
        if not binders or binders[-1].kind == "story" or name not in binders[-1].fixed:
            return False
    return bool(looked_up)
