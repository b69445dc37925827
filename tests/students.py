"""Submissions of made-up students: the released notebook with answers written into its cells."""

import inspect
import re
import shutil
from pathlib import Path

import answers
import nbformat
import sources

from course_utils.exercises import find


def answer_code(exercise: str, function_name: str) -> str:
    """The code of an answer of ``tests/answers``, as a student would have it in the cell."""
    function = next(
        a.function for a in answers.ANSWERS if a.exercise == exercise and a.function.__name__ == function_name
    )
    code = re.sub(r"^@.*\n", "", inspect.getsource(function), flags=re.M)
    return code.replace(f"def {function_name}(", f"def {find(exercise).function}(", 1)


def model_code(exercise: str) -> str:
    """The model answer."""
    return re.sub(r".*### (BEGIN|END) SOLUTION\n?", "", sources.cell(exercise, "ex").source)


def submission(chapter: str, code: dict[str, str], *, written: str = "") -> nbformat.NotebookNode:
    """The students' notebook of ``chapter`` with ``code`` in the answer cells and ``written`` in the written answer."""
    notebook = nbformat.from_dict(sources.release(chapter))
    for cell in notebook.cells:
        grade_id = sources.nbgrader(cell).get("grade_id", "")
        if grade_id.removeprefix("ex-") in code and grade_id.startswith("ex-"):
            cell.source = code[grade_id.removeprefix("ex-")]
        elif grade_id.startswith("written-") and written:
            cell.source = written
    return notebook


def find_cell(notebook: nbformat.NotebookNode, grade_id: str) -> int:
    """The index of the cell with nbgrader's id."""
    return next(i for i, c in enumerate(notebook.cells) if sources.nbgrader(c).get("grade_id") == grade_id)


def hand_in(root: Path, student: str, chapter: str, notebook: nbformat.NotebookNode | bytes) -> Path:
    """Put a notebook (or raw bytes) where nbgrader looks for it."""
    path = root / "submitted" / student / chapter / f"{chapter}.ipynb"
    path.parent.mkdir(parents=True)
    if isinstance(notebook, bytes):
        path.write_bytes(notebook)
    else:
        nbformat.write(notebook, path)
    return path


def classroom(root: Path, chapters: list[str]) -> Path:
    """A repository of its own for an instructor: configuration, sources and released notebooks, nothing else."""
    root.mkdir(parents=True)
    shutil.copy(sources.ROOT / "nbgrader_config.py", root)
    for chapter in chapters:
        for folder in ("solutions", "notebooks"):
            shutil.copytree(sources.ROOT / folder / chapter, root / folder / chapter)
    return root
