"""Faults made in a function by small edits of its syntax tree: one edit, one mutant."""

import ast
import copy
from collections.abc import Iterator

_SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
_NAMES = {
    "sum": "mean", "mean": "sum", "max": "min", "min": "max", "exp": "expm1", "log": "log1p", "sqrt": "square",
    "cumsum": "sort", "cumprod": "cumsum", "abs": "float", "argmax": "argmin", "log1p": "log", "random": "normal",
    "prod": "sum", "outer": "add", "floor": "ceil",
}  # fmt: skip


def _edits(node: ast.AST) -> Iterator[tuple[str, dict]]:
    """Ways to spoil one node: (description, attributes to set)."""
    if isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in _SWAPS:
        yield f"{type(node.op).__name__} swapped", {"op": _SWAPS[type(node.op)]()}
    if isinstance(node, ast.BinOp):
        yield "left operand only", {"__replace__": node.left}
        yield "right operand only", {"__replace__": node.right}
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS:
        yield f"{type(node.ops[0]).__name__} negated", {"ops": [_SWAPS[type(node.ops[0])](), *node.ops[1:]]}
    if isinstance(node, ast.UnaryOp):
        yield "unary operator dropped", {"__replace__": node.operand}
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        yield "constant + 1", {"value": node.value + 1}
        if node.value:
            yield "constant negated", {"value": -node.value}
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "boolean flipped", {"value": not node.value}
    if isinstance(node, ast.Attribute) and node.attr in _NAMES:
        yield f"{node.attr} -> {_NAMES[node.attr]}", {"attr": _NAMES[node.attr]}
    if isinstance(node, ast.Name) and node.id in _NAMES and isinstance(node.ctx, ast.Load):
        yield f"{node.id} -> {_NAMES[node.id]}", {"id": _NAMES[node.id]}
    if isinstance(node, ast.Call):
        for k, keyword in enumerate(node.keywords):
            rest = [*node.keywords[:k], *node.keywords[k + 1 :]]
            yield f"{keyword.arg}= dropped", {"keywords": rest}
        if len(node.args) == 2 and not node.keywords:
            yield "arguments swapped", {"args": node.args[::-1]}
    if isinstance(node, ast.If):
        yield "condition never true", {"test": ast.Constant(False)}
        yield "condition always true", {"test": ast.Constant(True)}
    if isinstance(node, ast.IfExp):
        yield "first branch always", {"__replace__": node.body}
        yield "second branch always", {"__replace__": node.orelse}
    if isinstance(node, ast.Return) and node.value is not None:
        yield "nothing returned", {"value": ast.Constant(None)}


class _Apply(ast.NodeTransformer):
    def __init__(self, place: int, changes: dict):
        self.place, self.changes, self.count = place, changes, -1

    def visit(self, node):
        self.count += 1
        if self.count == self.place:
            if "__replace__" in self.changes:
                return copy.deepcopy(self.changes["__replace__"])
            node = copy.deepcopy(node)
            for name, value in self.changes.items():
                setattr(node, name, value)
            return node
        return self.generic_visit(node)


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Every single-edit mutant of ``source``: (description with the line, new source), without repetitions."""
    tree = ast.parse(source)
    nodes: list[ast.AST] = []

    class _Collect(ast.NodeTransformer):
        def visit(self, node):
            nodes.append(node)
            return self.generic_visit(node)

    _Collect().visit(copy.deepcopy(tree))
    seen = {ast.unparse(tree)}
    for place, node in enumerate(nodes):
        for description, changes in _edits(node):
            changed = ast.fix_missing_locations(_Apply(place, changes).visit(copy.deepcopy(tree)))
            text = ast.unparse(changed)
            if text not in seen:
                seen.add(text)
                yield f"line {getattr(node, 'lineno', '?')}: {description}", text
