"""Which cells of a submission need not be run: unchanged ones of the story that nothing of the student's uses.

Asked of the program's text alone. Where the text does not tell (magics, ``exec``, ``globals``), everything is run;
and the grader runs everything after all when a name turns out to be missing.
"""

import ast
import builtins
import symtable
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
    bound |= {child.get_name() for child in top.get_children()}
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


def _dynamic(module: str | None) -> bool:
    return bool(module) and module.partition(".")[0] in _DYNAMIC_MODULES


def fixed(source: str) -> set[str]:
    """The names that a cell binds by ``import``, ``def`` or ``class`` alone: using them does not change them."""
    found, variable = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
            if node.decorator_list:
                variable.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            variable.add(node.id)
    return found - variable


@dataclass(frozen=True)
class Step:
    """A code cell of a submission, in its place.

    Args:
        kind: "story" (unchanged), "own" (an answer, a changed cell, a new one) or "test".
        used, bound: global names. fixed: those bound for good, see :func:`fixed`.
    """

    kind: str
    source: str
    used: frozenset[str]
    bound: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()


def step(kind: str, source: str) -> Step:
    """The step of a cell of the story or of the student's.

    Raises:
        UnclearError: if its text does not tell what it uses.
    """
    used, bound = names(source)
    return Step(kind, source, frozenset(used), frozenset(bound), frozenset(fixed(source)))


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
    """Whether the student's own ``def`` stands between all that the story binds to a name and all that looks it up."""
    places = [at for at, one in enumerate(steps) if one.kind == "own" and name in one.fixed]
    others = any(one.kind == "own" and (name in one.used or name in one.bound - one.fixed) for one in steps)
    story = [at for at, one in enumerate(steps) if one.kind == "story" and name in one.bound]
    looked = [at for at, one in enumerate(steps) if one.kind == "test" and name in one.used]
    if others or not places or not looked:
        return False
    last = max(place for place in places if place < min(looked)) if min(places) < min(looked) else -1
    return last >= 0 and not any(last < at < max(looked) for at in story)
