"""The source notebooks as the tests see them: cells by id, and their test cells run on any answer."""

import ast
from functools import cache
from pathlib import Path

import nbformat

from course_utils.exercises import Score

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/*.ipynb"))


@cache
def source(chapter: str) -> nbformat.NotebookNode:
    """The source notebook of a chapter, e.g. "01_distribution"."""
    return nbformat.read(ROOT / "solutions" / chapter / f"{chapter}.ipynb", as_version=4)


@cache
def release(chapter: str) -> nbformat.NotebookNode:
    """The students' notebook of a chapter."""
    return nbformat.read(ROOT / "notebooks" / chapter / f"{chapter}.ipynb", as_version=4)


def nbgrader(cell) -> dict:
    """The cell's nbgrader metadata, or an empty dict."""
    return cell.metadata.get("nbgrader", {})


def chapter_of(exercise: str) -> str:
    """The folder of the chapter with exercise "2-1"."""
    return next(name for name in CHAPTERS if name.startswith(f"{int(exercise.split('-')[0]):02d}_"))


def cell(exercise: str, kind: str):
    """The cell with nbgrader's id ``{kind}-{exercise}``; kind is "ex" (the answer) or "test"."""
    wanted = f"{kind}-{exercise}"
    return next(c for c in source(chapter_of(exercise)).cells if nbgrader(c).get("grade_id") == wanted)


def exercises() -> list[str]:
    """The numbers of all auto-graded exercises, in order."""
    return [
        nbgrader(c)["grade_id"].removeprefix("test-")
        for chapter in CHAPTERS
        for c in source(chapter).cells
        if nbgrader(c).get("grade") and c.cell_type == "code"
    ]


def run(code: str, namespace: dict):
    """Execute ``code`` as a notebook cell does: the value of a last expression is returned."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), namespace)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace) if last else None


@cache
def _imports(chapter: str) -> str:
    return next(c.source for c in source(chapter).cells if c.cell_type == "code")


def fresh_namespace(exercise: str) -> dict:
    """A namespace in which the chapter's first cell, its imports, has run."""
    namespace: dict = {"__name__": "__main__"}
    exec(_imports(chapter_of(exercise)), namespace)
    return namespace


def grade(exercise: str, answer) -> Score:
    """Run the real test cell of ``exercise``, hidden tests included, on ``answer`` (a function)."""
    from course_utils.exercises import find

    namespace = fresh_namespace(exercise)
    namespace[find(exercise).function] = answer
    return run(cell(exercise, "test").source, namespace)


def model_answer(exercise: str):
    """The function in the solution cell of ``exercise``."""
    from course_utils.exercises import find

    namespace = fresh_namespace(exercise)
    exec(cell(exercise, "ex").source, namespace)
    return namespace[find(exercise).function]
