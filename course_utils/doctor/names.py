"""セルのコードを実行せずに読む: どの名前を定義しているか、文法に誤りはないか。"""

import ast
import re
from functools import cache

from ..edition import Cell

# IPython's own lines (%matplotlib, !ls, np.sum?) are no Python.
MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)$", re.M)


def parse(code: str) -> ast.Module:
    """The syntax tree of a cell; IPython's magic lines count as ``pass``.

    Raises:
        SyntaxError: as Python's own.
    """
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.parse(MAGIC.sub(r"\1pass", code))


def syntax_error(code: str) -> str:
    """Where the code of a cell breaks off, in words; empty if it does not."""
    try:
        parse(code)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        return f"{line} 行目: {error.msg}" if line else str(error)
    return ""


def asked(original: Cell) -> set[str]:
    """The functions and classes that the stub of a released answer cell asks for; empty for a written answer."""
    return set() if original.cell_type != "code" or original.is_test else set(_functions(original.source))


@cache
def _functions(stub: str) -> tuple[str, ...]:
    return tuple(node.name for node in parse(stub).body if isinstance(node, ast.FunctionDef | ast.ClassDef))


def defined(code: str) -> set[str]:
    """The names that running the cell defines: functions, classes, imports and assignments at its top level."""
    try:
        tree = parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    names: set[str] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue  # what these bind stays inside
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        else:
            waiting.extend(ast.iter_child_nodes(node))
    return names
