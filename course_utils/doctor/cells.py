"""採点用のセルを、配ったときの形に戻す。学習者が書いた文字は 1 字も変えません。

A cell is recognised by nbgrader's id, else by Jupyter's id, else by what stands in it. Test cells are put back
as released; of an answer cell only its place in nbgrader's books (type, metadata) is mended.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass

from ..edition import HEADING, Cell, Edition
from .names import asked, defined

RUN_TAGS = {"skip-execution", "raises-exception"}  # at which nbgrader and nbclient behave differently


@dataclass(frozen=True)
class Finding:
    """Something wrong. ``cure`` is the stem of what the repair does (元に戻し＋ました); empty: only a person can."""

    says: str
    cure: str = ""


Tell = Callable[[str, str], None]


def mend(cells: list[dict], edition: Edition) -> tuple[list[dict], list[Finding]]:
    """A mended copy of ``cells``, and what was wrong with them; mending that again finds nothing."""
    findings: list[Finding] = []
    # One repair can bring another damage to light, each at most once a cell.
    for _ in range(len(edition.cells) + 1):
        cells, found = _mend_once(cells, edition)
        findings += found
        if not found:
            break
    return cells, findings


def _mend_once(cells: list[dict], edition: Edition) -> tuple[list[dict], list[Finding]]:
    cells = copy.deepcopy(cells)
    findings: list[Finding] = []

    def tell(says: str, cure: str) -> None:
        findings.append(Finding(says, cure))

    cells = _one_of_each(cells, edition, tell)
    for original in edition.cells:
        _insert_if_missing(cells, original, edition, tell)
    for cell in cells:
        for original in edition.cells:
            if label(cell) == original.grade_id:
                _reset(cell, original, tell)
    for original in edition.cells:
        if original.is_test:
            _place_after_answer(cells, original, edition, tell)
    return cells, findings


def label(cell: dict) -> str | None:
    """nbgrader's id of a cell, or ``None``."""
    nbgrader = cell["metadata"].get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return grade_id if isinstance(grade_id, str) else None


def name(original: Cell) -> str:
    """What the learner calls this cell."""
    if original.is_test:
        return f"演習 {original.number} の採点セル（{original.grade_id}）"
    return f"演習 {original.number} の解答セル（{original.grade_id}）"


def find(cells: list[dict], grade_id: str) -> int | None:
    """The index of the cell with nbgrader's id."""
    return next((i for i, cell in enumerate(cells) if label(cell) == grade_id), None)


def answer_place(cells: list[dict], original: Cell, edition: Edition) -> int | None:
    """Where the answer to this exercise is: its own cell, or else the last one that defines what is asked for."""
    for answer in edition.cells:
        if answer.number == original.number and not answer.is_test:
            index = find(cells, answer.grade_id)
            if index is not None:
                return index
            return max((i for i, cell in enumerate(cells) if _defines(cell, answer)), default=None)
    return None


def _defines(cell: dict, answer: Cell) -> bool:
    """Whether a code cell holds what the stub of ``answer`` asks for."""
    wanted = asked(answer)
    return cell["cell_type"] == "code" and bool(wanted) and wanted <= defined(cell["source"])


# Which cell is which


def _one_of_each(cells: list[dict], edition: Edition, tell: Tell) -> list[dict]:
    """Give every released cell at most one cell of the notebook; the others lose nbgrader's label or go."""
    claims = _claims(cells, edition)
    chosen: dict[int, Cell] = {}
    superfluous: set[int] = set()
    told: set[int] = set()
    for original in edition.cells:
        if not claims[original.grade_id]:
            continue
        best, plain = _best(cells, claims[original.grade_id], original)
        chosen[best] = original
        copies = [i for i in claims[original.grade_id] if i != best]
        # A copy that says nothing of its own goes; what a learner wrote stays, as an ordinary cell.
        told.update(copies)
        gone = [i for i in copies if cells[i]["source"] in plain]
        superfluous.update(gone)
        if gone:
            tell(f"{name(original)}が {len(copies) + 1} つあります", "余分な同じものを取り除き")
        if len(gone) < len(copies):
            tell(
                f"{name(original)}が、ちがう内容で {len(copies) - len(gone) + 1} つあります",
                "後のものだけを採点の対象とし、前のものはふつうのセルにし",
            )
    for original in edition.cells:
        if not claims[original.grade_id]:
            free = [i for i in range(len(cells)) if i not in chosen and i not in superfluous]
            chosen |= {index: original for index in _alike(cells, free, original)[:1]}
    for index, cell in enumerate(cells):
        if index in chosen:
            if label(cell) != chosen[index].grade_id:
                tell(f"{name(chosen[index])}から、採点用の情報が失われています", "元に戻し")
                cell["metadata"] |= copy.deepcopy(chosen[index].metadata)
        elif index not in superfluous and "nbgrader" in cell["metadata"]:
            if index not in told:
                tell(
                    f"採点用ではないセルに採点用の情報（{label(cell) or '名前なし'}）が付いています", "ふつうのセルにし"
                )
            for key in ("nbgrader", "deletable", "editable"):
                cell["metadata"].pop(key, None)
    return [cell for index, cell in enumerate(cells) if index not in superfluous]


def _claims(cells: list[dict], edition: Edition) -> dict[str, list[int]]:
    """For each released cell, the cells that may be it: by label, else by Jupyter's id."""
    claims: dict[str, list[int]] = {original.grade_id: [] for original in edition.cells}
    taken: set[int] = set()
    originals = {original.grade_id: original for original in edition.cells}
    owners = {original.id: original.grade_id for original in edition.cells}
    owner = [owners.get(cell.get("id")) for cell in cells]

    def claim(grade_id: str | None, index: int) -> None:
        if grade_id in claims and index not in taken and _may_be(cells[index], originals[grade_id], edition):
            claims[grade_id].append(index)
            taken.add(index)

    for i, cell in enumerate(cells):
        if owner[i] in (None, label(cell)):
            claim(label(cell), i)
    # Jupyter's id is never copied, so it is better evidence than a label on a cell that was born as another.
    for i in range(len(cells)):
        if owner[i] and not claims[owner[i]]:
            claim(owner[i], i)
    for i, cell in enumerate(cells):
        claim(label(cell), i)
    return claims


def _may_be(cell: dict, original: Cell, edition: Edition) -> bool:
    """Whether the content does not speak against it: a test calls check and holds no answer, an answer is no test.

    What is taken for a test cell will be overwritten, so in doubt it is none.
    """
    if cell["source"] == original.source:
        return True
    if original.is_test:
        answers = set().union(*(asked(one) for one in edition.cells if not one.is_test))
        own = cell.get("id") == original.id or re.search(rf"check\(\s*[\"']{original.number}[\"']", cell["source"])
        return bool(own) and cell["cell_type"] == original.cell_type and not answers & defined(cell["source"])
    return cell["source"] not in {one.source for one in edition.cells if one.is_test}


def _alike(cells: list[dict], free: list[int], original: Cell) -> list[int]:
    """Of the cells that nothing else claims those that can only be this one, by their content, best first."""
    same = [i for i in free if cells[i]["source"] == original.source]
    if original.is_test:
        return same
    if original.cell_type == "code":
        return [i for i in reversed(free) if _defines(cells[i], original) and i not in same] + same
    if any(cell.get("id") == original.after for cell in cells):
        return same  # Jupyter's ids are in order, and by its id it was not found
    # An answer in words stands below its question, and is no heading.
    below = [i for i in free if i and any(m[1] == original.number for m in HEADING.finditer(cells[i - 1]["source"]))]
    return [i for i in below if cells[i]["cell_type"] == "markdown" and cells[i]["source"][:1] not in ("", "#")] + same


def _best(cells: list[dict], claims: list[int], original: Cell) -> tuple[int, set[str]]:
    """Of several cells for one the one that counts, and the sources with which a copy of it is superfluous.

    For answers: what was written before what was not, then the later one, as when the notebook runs.
    """
    if original.is_test:
        return max(claims, key=lambda i: (cells[i]["source"] == original.source, -i)), {original.source}

    def likeness(i: int) -> tuple:
        right_type = cells[i]["cell_type"] == original.cell_type
        answered = cells[i]["source"].strip() not in (original.source.strip(), "")
        return right_type, _defines(cells[i], original), answered, i

    best = max(claims, key=likeness)
    plain = {original.source, cells[best]["source"]}
    # Of equal ones the first stays, where the text expects it, unless another answer stands in between.
    for i in reversed([i for i in claims if i < best]):
        if cells[i]["source"] not in plain:
            break
        if cells[i]["source"] == cells[best]["source"] and cells[i]["cell_type"] == cells[best]["cell_type"]:
            best = i
    return best, plain


# Each cell for itself


def _insert_if_missing(cells: list[dict], original: Cell, edition: Edition, tell: Tell) -> None:
    if find(cells, original.grade_id) is not None:
        return
    if not original.is_test and answer_place(cells, original, edition) is not None:
        return  # answered in another cell; a stub below it would undo the answer
    cell = {
        "cell_type": original.cell_type,
        "id": _unused_id(cells, original),
        "metadata": copy.deepcopy(original.metadata),
        "source": original.source,
    }
    if original.cell_type == "code":
        cell |= {"execution_count": None, "outputs": []}
    cells.insert(_place(cells, original, edition), cell)
    tell(f"{name(original)}がありません", "元の場所に戻し" if original.is_test else "書く前の形で元の場所に戻し")


def _unused_id(cells: list[dict], original: Cell) -> str:
    used = {cell.get("id") for cell in cells}
    names = [original.id, *(f"{original.id}-{count}" for count in range(2, len(cells) + 3))]
    return next(one for one in names if one not in used)


def _place(cells: list[dict], original: Cell, edition: Edition) -> int:
    """Where a missing cell goes: by its answer, by the cell above it, by the graded cells around it, or last."""
    if original.is_test and (index := answer_place(cells, original, edition)) is not None:
        return index + 1
    for index, cell in enumerate(cells):
        if cell.get("id") == original.after:
            return index + 1
    order = list(edition.cells)
    mine = order.index(original)
    if not original.is_test and (index := find(cells, f"test-{original.number}")) is not None:
        return index
    for other in reversed(order[:mine]):
        if (index := find(cells, other.grade_id)) is not None:
            return index + 1
    for other in order[mine + 1 :]:
        if (index := find(cells, other.grade_id)) is not None:
            return index
    return len(cells)


def _reset(cell: dict, original: Cell, tell: Tell) -> None:
    """Put type and metadata right, and in a test cell the source too."""
    if cell["cell_type"] != original.cell_type:
        tell(f"{name(original)}の種類が {cell['cell_type']} に変わっています", f"{original.cell_type} に戻し")
        _change_type(cell, original.cell_type)
    if original.is_test and cell["source"] != original.source:
        if cell["metadata"]["nbgrader"].get("checksum") == original.metadata["nbgrader"]["checksum"]:
            tell(f"{name(original)}が書き換えられています", "元の内容に戻し")
        else:
            tell(f"{name(original)}が、この環境の版と違います（古い版のノートブックです）", "今の版に替え")
        cell["source"] = original.source
        _forget_outputs(cell)
        cell["metadata"] |= copy.deepcopy(original.metadata)
    if not _metadata_is_right(cell, original):
        tell(f"{name(original)}の採点用の情報が書き換わっています", "元に戻し")
        # The checksum of an answer cell says from which edition it is; nbgrader keeps its own.
        checksum = None if original.is_test else cell["metadata"]["nbgrader"].get("checksum")
        cell["metadata"] |= copy.deepcopy(original.metadata)
        if isinstance(checksum, str):
            cell["metadata"]["nbgrader"]["checksum"] = checksum
        if "editable" not in original.metadata:
            cell["metadata"].pop("editable", None)
    tags = cell["metadata"].get("tags")
    if isinstance(tags, list) and RUN_TAGS & {tag for tag in tags if isinstance(tag, str)}:
        tell(f"{name(original)}に、実行のしかたを変えるタグが付いています", "取り除き")
        cell["metadata"]["tags"] = [tag for tag in tags if tag not in RUN_TAGS]


def _metadata_is_right(cell: dict, original: Cell) -> bool:
    mine, right = dict(cell["metadata"]["nbgrader"]), dict(original.metadata["nbgrader"])
    if not original.is_test:
        mine.pop("checksum", None)
        right.pop("checksum", None)
    # Without "deletable" and "editable" the learner only loses a lock.
    return mine == right and cell["metadata"].get("editable", True) is original.metadata.get("editable", True)


def _change_type(cell: dict, cell_type: str) -> None:
    cell["cell_type"] = cell_type
    if cell_type == "code":
        cell.pop("attachments", None)
        _forget_outputs(cell)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _forget_outputs(cell: dict) -> None:
    cell |= {"outputs": [], "execution_count": None}


def _place_after_answer(cells: list[dict], original: Cell, edition: Edition, tell: Tell) -> None:
    answer, test = answer_place(cells, original, edition), find(cells, original.grade_id)
    if answer is not None and answer > test:
        cells.insert(answer, cells.pop(test))
        tell(f"{name(original)}が、解答より上にあります", "解答のすぐ下に移し")
