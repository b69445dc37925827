"""提出の前に、ノートブックを調べて、直せるところを直す: ``course doctor`` と、セルからの ``doctor()``。

``notebook`` reads and writes the file, ``cells`` puts the graded cells right, ``execution`` runs all in a clean kernel.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from html import escape
from pathlib import Path

from ..edition import HEADING, Edition, digest, editions
from ..progress import chapter_folders, frame, session_notebook
from .cells import Finding, find, label, mend
from .execution import Result, compare, rerun, results
from .names import asked, defined, syntax_error
from .notebook import NotebookError, read, write

__all__ = ["Report", "doctor", "examine", "notebooks"]


@dataclass(frozen=True)
class Report:
    """What the doctor found in one notebook and did to it; reads as text, in a notebook as a card.

    Attributes:
        error: why the file cannot be examined at all. findings: problems, each with its cure if there is one.
        notes: worth knowing, no problem. results: of the clean run. backup: the copy of the file as it was.
    """

    path: Path
    title: str = ""
    error: str = ""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    backup: Path | None = None

    @property
    def status(self) -> int:
        """0: all is well, or was made so; 1: problems remain; 2: not a notebook of this course."""
        if self.error:
            return 2
        return int(any(not (self.backup and finding.cure) for finding in self.findings))

    def _lines(self) -> list[tuple[str, str]]:
        """(kind, sentence): what both views show."""
        if self.error:
            return [("読めません", self.error)]
        lines = []
        for finding in self.findings:
            if not finding.cure:
                lines.append(("問題", f"{finding.says}。"))
            elif self.backup:
                lines.append(("直しました", f"{finding.says} → {finding.cure}ました。"))
            else:
                lines.append(("直せます", f"{finding.says} → {finding.cure}ます。"))
        lines += [("お知らせ", f"{note}。") for note in self.notes]
        if self.backup:
            lines.append(
                (
                    "控え",
                    f"直す前のファイルは {self.backup.name} です。JupyterLab で開いているときは、"
                    "保存せずに「ファイル → ディスクから再読み込み」を選んでください。",
                )
            )
        if self.results:
            lines.append(("採点", "、".join(_score(result) for result in self.results)))
        if self.status == 0:
            lines.append(("まとめ", self._verdict()))
        elif any(finding.cure for finding in self.findings) and not self.backup:
            lines.append(("まとめ", "course doctor（セルからは doctor(repair=True)）で、直せるところを直せます。"))
        else:
            lines.append(("まとめ", "上の問題が残っています。"))
        return lines

    def _verdict(self) -> str:
        if not self.results:
            return "形は整っています。"
        unsolved = [r.task.number for r in self.results if r.state not in ("正解", "記入済み")]
        if unsolved:
            return f"形は整っています。正解でない、または書いていない問題: {'、'.join(unsolved)}。"
        return "提出できます。"

    def __repr__(self):
        return "\n".join(
            [f"{self.path.name}（{self.title}）" if self.title else self.path.name]
            + [f"  {kind}: {says}" for kind, says in self._lines()]
        )

    def _repr_html_(self):
        colour = ("#1a7f37", "#b3261e", "#b3261e")[self.status]
        rows = "".join(
            f'<div style="margin:2px 0"><span style="font-weight:600">{kind}: </span>{escape(says)}</div>'
            for kind, says in self._lines()
        )
        head = f'<div style="font-weight:600">提出前の検査: {escape(self.path.name)}</div>'
        return frame("提出前の検査", colour, head + rows)


def _score(result: Result) -> str:
    if result.points is None:
        return f"{result.task.number} {result.state}"
    return f"{result.task.number} {result.state}（{result.points:g} / {result.task.points:g} 点）"


def doctor(path: str | Path | None = None, *, repair: bool = False, run: bool = True) -> Report | None:
    """ノートブックを調べます。セルから呼ぶときは、先に保存してください。

    Args:
        path: the notebook; without it the one whose cell calls this.
        repair: put right what can be put right without touching an answer (a copy is kept beside the file).
        run: also run everything in a clean kernel, which takes as long as the notebook does.

    Returns:
        A report; ``None`` while nbgrader, or the doctor itself, runs the notebook that this call stands in.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return None
    own = session_notebook()
    if path is None and own is None:
        raise ValueError(
            'どのノートブックを調べるのかわかりません。doctor("ノートブック.ipynb") のように指定してください'
        )
    report = examine(Path(path) if path else own, repair=repair, run=run)
    if path is None and not report.error:
        saved = "調べたのは、最後に保存した内容です。編集中なら、保存してからもう一度実行してください"
        report = replace(report, notes=(*report.notes, saved))
    return report


def notebooks(start: Path) -> list[Path]:
    """Every notebook in the chapters' folders that belong to ``start``."""
    return [path for folder in chapter_folders(start) for path in sorted(folder.glob("*.ipynb"))]


def examine(path: Path, *, repair: bool, run: bool) -> Report:
    """Examine one notebook; with ``repair`` write the mended one. Never raises for what stands in the file."""
    try:
        notebook, marked = read(path)
        edition = _edition_of(notebook["cells"])
    except NotebookError as error:
        return Report(path, error=str(error))
    cells, findings = mend(notebook["cells"], edition)
    if marked:
        findings.append(Finding("ファイルの先頭に BOM があり、Jupyter で開けません", "取り除き"))
    backup = None
    notes = []
    if findings and repair:
        try:
            backup = write(path, {**notebook, "cells": cells})
        except OSError as error:
            notes.append(f"このフォルダーに書き込めないので、直せませんでした（{error.strerror}）")
    findings += _undefined(cells, edition)
    notes += _foreign_statements(cells, edition)
    outcome: list[Result] = []
    if not _touched(cells, edition):
        notes.append("まだどの演習にも手が付けられていません")
    elif run:
        fresh, stopped = rerun({**notebook, "cells": cells}, path.resolve().parent)
        outcome = results(fresh, edition)
        problems, remarks = compare(cells, fresh, stopped, edition)
        findings, notes = findings + problems, notes + remarks
    return Report(path, edition.title, "", tuple(findings), tuple(notes), tuple(outcome), backup)


def _edition_of(cells: list[dict]) -> Edition:
    """The chapter that most of the cells belong to.

    Raises:
        NotebookError: if it is no chapter of this course, or the instructor's version with the answers.
    """
    if any("### BEGIN SOLUTION" in cell["source"] or "### BEGIN HIDDEN TESTS" in cell["source"] for cell in cells):
        raise NotebookError("教員用の原稿（解答や非公開テストを含むもの）です。配布用のノートブックを指定してください")

    def likeness(edition: Edition) -> int:
        marks = {c.grade_id for c in edition.cells} | {c.id for c in edition.cells} | {c.source for c in edition.cells}
        return sum(len(marks & {label(cell), cell.get("id"), cell["source"]}) for cell in cells)

    best = max(editions().values(), key=likeness, default=None)
    if best is None or not likeness(best):
        raise NotebookError("この講座のノートブックではありません（採点用のセルが 1 つもありません）")
    return best


def _undefined(cells: list[dict], edition: Edition) -> list[Finding]:
    """Functions that an exercise asks for and no cell defines."""
    known = set().union(*(defined(cell["source"]) for cell in cells if cell["cell_type"] == "code"))
    findings = []
    for original in edition.cells:
        missing = sorted(asked(original) - known)
        index = find(cells, original.grade_id)
        broken = syntax_error(cells[index]["source"]) if index is not None and asked(original) else ""
        if broken:
            findings.append(Finding(f"演習 {original.number} の解答セルに文法の誤りがあります（{broken}）"))
        elif missing:
            own = sorted(defined(cells[index]["source"])) if index is not None else []
            close = get_close_matches(missing[0], own, n=1)
            hint = f"（{close[0]} のことですか？）" if close else ""
            findings.append(
                Finding(f"演習 {original.number} の {'、'.join(missing)} がどこにも定義されていません{hint}")
            )
    return findings


def _foreign_statements(cells: list[dict], edition: Edition) -> list[str]:
    """Exercises whose text is not the one that the checks were written for."""
    texts = {m[1]: digest(cell["source"]) for cell in cells for m in HEADING.finditer(cell["source"])}
    other = [task.number for task in edition.tasks if texts.get(task.number, task.statement) != task.statement]
    if not other:
        return []
    return [f"問題文がこの環境の版と違います: {'、'.join(other)}（自分で直したのでなければ、版の違うノートブックです）"]


def _touched(cells: Iterable[dict], edition: Edition) -> bool:
    """Whether anything was answered or run."""
    stubs = {original.grade_id: original.source for original in edition.cells}
    return any(cell.get("outputs") or cell["source"] != stubs.get(label(cell), cell["source"]) for cell in cells)
