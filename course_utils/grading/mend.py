"""From the bytes that a student handed in to a notebook that can be graded: every cell in its place, as released.

Only the answers and what the student added are the student's. Test cells come from the key, by nbgrader's id, by
Jupyter's id where nbgrader's is gone, by their text where both are, or anew.
"""

import re

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from ..doctor.notebook import NotebookError, parse
from .key import Key, KeyCell, name_of


class SubmissionError(Exception):
    """A submission that cannot be graded; the message is one line that says why."""


def _cell(kind: str, source: str, identity: str) -> NotebookNode:
    """A new cell; nbformat's own makers validate each one, which takes as long as all the rest of cleaning."""
    cell = {"cell_type": kind, "id": identity, "metadata": {}, "source": source}
    return nbformat.from_dict(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))


def clean(raw: bytes) -> NotebookNode:
    """The notebook in a submitted file: valid, without outputs or tags, whatever the file's version and metadata.

    Raises:
        SubmissionError: if it is no notebook.
    """
    try:
        notebook = parse(raw)
    except NotebookError as error:
        raise SubmissionError(str(error)) from None
    cells, used = [], set()
    for number, given in enumerate(notebook["cells"]):
        cell = _cell(given["cell_type"], _text(given["source"]), _identity(given.get("id", ""), number, used))
        nbgrader = given["metadata"].get("nbgrader")
        if isinstance(nbgrader, dict) and isinstance(nbgrader.get("grade_id"), str):
            cell.metadata["nbgrader"] = {"grade_id": nbgrader["grade_id"]}
        cells.append(cell)
    return new_notebook(cells=cells)


def _text(source: str) -> str:
    """Without what no file can hold (half a surrogate pair) and with this system's line ends."""
    return source.encode("utf-8", "replace").decode().replace("\r\n", "\n")


def _identity(given: str, number: int, used: set[str]) -> str:
    """Jupyter's id if it is a valid one and new, else one by the cell's place."""
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", given) or given in used:
        given = f"cell-{number}"
        while given in used:
            given += "x"
    used.add(given)
    return given


def mend(notebook: NotebookNode, key: Key) -> list[str]:
    """Put a :func:`clean` notebook's graded cells right, in place. Returns what was done, one line each, in Japanese.

    Raises:
        SubmissionError: if it is a notebook of another chapter.
    """
    known = {cell.grade_id: cell for cell in key.cells}
    _refuse_foreign(notebook, key, known)
    remarks = _drop_duplicates(notebook, known)
    found = {name_of(cell): cell for cell in notebook.cells if name_of(cell)}
    stripped = [cell for cell in key.cells if cell.grade_id not in found and _recover(notebook, cell, found)]
    if stripped:
        remarks.append(f"採点の印が消えていたセルを戻しました（{'、'.join(cell.grade_id for cell in stripped)}）")
    if not found:
        remarks.append("この章の採点用のセルが 1 つもありません")
    place = -1
    for original in key.cells:
        cell = found.get(original.grade_id)
        if cell is not None:
            place = notebook.cells.index(cell)
            remarks += _restore(notebook, place, original)
        elif original.is_graded:
            # At the end if nothing before it is left: then everything that the student wrote runs first.
            place = place + 1 if place >= 0 else len(notebook.cells)
            notebook.cells.insert(place, _released(original, f"restored-{original.grade_id}"))
            remarks.append(f"採点セル {original.grade_id} がありません（元に戻して採点します）")
    notebook.metadata.update(key.kernel)
    return remarks


def _refuse_foreign(notebook: NotebookNode, key: Key, known: dict) -> None:
    present = {name_of(cell) for cell in notebook.cells} - {None}
    if present and present.isdisjoint(known):
        raise SubmissionError(
            f"この章（{key.chapter}）のノートブックではありません（{sorted(present)[0]} などのセルがあります）"
        )


def _drop_duplicates(notebook: NotebookNode, known: dict) -> list[str]:
    """Copies of a cell become ordinary cells; the last one counts."""
    seen, copied = set(), set()
    for cell in reversed(notebook.cells):
        grade_id = name_of(cell)
        if grade_id in seen or grade_id not in known:
            cell.metadata.pop("nbgrader", None)
        if grade_id in seen:
            copied.add(grade_id)
        seen.add(grade_id)
    copied.discard(None)
    return [f"セル {grade_id} が重複しています（最後のものを採点します）" for grade_id in sorted(copied & known.keys())]


def _recover(notebook: NotebookNode, original: KeyCell, found: dict) -> bool:
    """Find a cell that lost nbgrader's metadata."""
    free = [cell for cell in notebook.cells if name_of(cell) is None]
    same = [cell for cell in free if cell.id == original.id]
    if original.is_graded:
        same += [cell for cell in free if cell.source.strip() == original.released.strip()]
    if same:
        same[0].metadata["nbgrader"] = {"grade_id": original.grade_id}
        found[original.grade_id] = same[0]
    return bool(same)


def _restore(notebook: NotebookNode, place: int, original: KeyCell) -> list[str]:
    """The cell at ``place`` gets what is not the student's: all of a test cell, the metadata of an answer."""
    cell = notebook.cells[place]
    if original.metadata["solution"] and cell.cell_type == original.cell_type:
        cell.metadata["nbgrader"] = dict(original.metadata)
        return []
    notebook.cells[place] = _released(original, cell.id)
    if original.metadata["solution"]:
        # Of the wrong type it would not be run or not be read: the text is the student's, the type is not.
        notebook.cells[place].source = cell.source
        return [f"セル {original.grade_id} の種類が変わっていました（元に戻して採点します）"]
    if cell.cell_type == original.cell_type and cell.source.strip() in (
        original.released.strip(),
        original.source.strip(),
    ):
        return []
    return [f"採点セル {original.grade_id} が書き換えられていました（元に戻して採点します）"]


def _released(original: KeyCell, identity: str) -> NotebookNode:
    cell = _cell(original.cell_type, original.source, identity)
    cell.metadata["nbgrader"] = dict(original.metadata)
    return cell
