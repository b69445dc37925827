"""進み具合の記録。学習者のフォルダーの 1 つのファイルだけに書き、どこにも送りません。

``check`` records what it said, if a learner sits at the notebook: ``.course_progress.json`` stands above the
chapters' folders, and deleting it loses nothing else. Where it cannot be written, the course works without.
Standard library only, no processes, no threads; two notebooks may write at once.
"""

import json
import os
import sys
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from .edition import Edition, Task, editions

FILE = ".course_progress.json"
RIGHT, WRONG, UNANSWERED = "正解", "不正解", "未解答"
PATIENCE = 0.1  # seconds to wait for another notebook that is writing (it takes about a millisecond)
STALE = 10.0  # seconds after which a lock is one that a killed kernel left behind
FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """What the last check of an exercise said. ``time`` is ISO 8601, UTC."""

    state: str
    points: float
    time: str


# Where


def session_notebook() -> Path | None:
    """The notebook at which a person sits, in JupyterLab, Notebook or VS Code; ``None`` while a program runs it."""
    if "NBGRADER_EXECUTION" in os.environ or "ipykernel" not in sys.modules:
        return None
    # A server names the file when it starts the kernel; nbclient, nbval and nbconvert do not.
    name = os.environ.get("JPY_SESSION_NAME") or getattr(sys.modules["__main__"], "__vsc_ipynb_file__", "")
    path = Path(name)
    if path.suffix != ".ipynb":  # a console, or nobody
        return None
    # Some servers give the path as the browser sees it; a kernel starts in its notebook's folder.
    return path if path.is_absolute() else Path.cwd() / path.name


def _own_folder() -> Path | None:
    """The folder above the chapters', if a learner sits at a chapter of this course."""
    notebook = session_notebook()
    if notebook is None or notebook.parent.name not in editions():
        return None
    above = notebook.parent.parent
    # An instructor who looks at the sources or at a submission is no learner.
    return None if above.name == "solutions" or above.parent.name in ("submitted", "autograded") else above


def chapter_folders(start: Path) -> list[Path]:
    """The chapters' folders that a person in ``start`` means: below it, in its ``notebooks/``, or around it."""
    for folder in (start.resolve(), *start.resolve().parents):
        for place in (folder, folder / "notebooks"):
            found = [place / chapter for chapter in editions() if (place / chapter).is_dir()]
            if found and place.name != "solutions":
                return found
    return []


# The file


class _BadFileError(Exception):
    """The file is not one of ours, or of another version."""


def load(folder: Path) -> dict[str, Entry]:
    """What the file in ``folder`` says, by exercise; empty if there is none or it cannot be understood."""
    try:
        return _read(folder / FILE)
    except (OSError, _BadFileError):
        return {}


def _read(path: Path) -> dict[str, Entry]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["format"] != FORMAT:
            raise _BadFileError
        entries = {number: Entry(**entry) for number, entry in kept["exercises"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _BadFileError from None
    for entry in entries.values():
        if entry.state not in (RIGHT, WRONG, UNANSWERED) or not isinstance(entry.points, int | float):
            raise _BadFileError
        if not isinstance(entry.time, str):
            raise _BadFileError
    return entries


_waiting: dict[str, Entry] = {}  # not written yet: the file was busy


def record(number: str, state: str, points: float) -> None:
    """Note what a check said, if a learner sits at a chapter of this course. Never raises for the file's sake."""
    folder = _own_folder()
    if folder is None:
        return
    _waiting[number] = Entry(state, points, datetime.now(UTC).isoformat(timespec="seconds"))
    try:
        with _lock(folder / f"{FILE}.lock") as held:
            if held:
                _merge(folder / FILE)
                _waiting.clear()
    except OSError:
        return  # a folder that cannot be written: the course works without a record


def _merge(path: Path) -> None:
    try:
        entries = _read(path)
    except _BadFileError:
        os.replace(path, path.with_name(f"{FILE}.{datetime.now():%Y%m%d-%H%M%S}.bad"))
        entries = {}
    entries |= _waiting
    kept = {number: vars(entries[number]) for number in sorted(entries, key=_order)}
    fresh = path.with_name(f"{FILE}.tmp")
    fresh.write_text(json.dumps({"format": FORMAT, "exercises": kept}, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(fresh, path)


def _order(number: str) -> tuple:
    return tuple(int(part) if part.isdigit() else 0 for part in number.split("-")), number


@contextmanager
def _lock(path: Path) -> Iterator[bool]:
    """Hold a lock file, on every system and file system alike; False if another holds it for too long."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            _break_stale(path)
        except PermissionError:
            # Windows says so of a lock that is just being deleted; elsewhere the folder is read-only.
            if os.name != "nt":
                raise
        if time.monotonic() > end:
            yield False
            return
        time.sleep(0.005)
    try:
        yield True
    finally:
        path.unlink(missing_ok=True)


def _break_stale(path: Path) -> None:
    try:
        if abs(time.time() - path.stat().st_mtime) > STALE:
            path.unlink()
    except OSError:
        return  # another one was faster


# The table


@dataclass(frozen=True)
class Row:
    """One chapter: its exercises by state, and points."""

    edition: Edition
    numbers: dict[str, list[str]]
    points: float
    possible: float


def _rows(entries: dict[str, Entry]) -> list[Row]:
    rows = []
    for edition in editions().values():
        numbers: dict[str, list[str]] = {RIGHT: [], WRONG: [], UNANSWERED: []}
        tasks = [task for task in edition.tasks if not task.written]
        for task in tasks:
            numbers[entries[task.number].state if task.number in entries else UNANSWERED].append(task.number)
        points = sum(entries[task.number].points for task in tasks if task.number in entries)
        rows.append(Row(edition, numbers, points, sum(task.points for task in tasks)))
    return rows


def _next(entries: dict[str, Entry], chapter: str | None) -> tuple[Edition, Task] | None:
    """The first exercise that is not right, looking from ``chapter`` on and then from the beginning."""
    if chapter is None and entries:
        latest = max(entries, key=lambda number: entries[number].time)
        chapter = next((e.chapter for e in editions().values() for t in e.tasks if t.number == latest), None)
    order = list(editions().values())
    start = next((i for i, edition in enumerate(order) if edition.chapter == chapter), 0)
    for edition in order[start:] + order[:start]:
        for task in edition.tasks:
            if not task.written and (task.number not in entries or entries[task.number].state != RIGHT):
                return edition, task
    return None


@dataclass(frozen=True)
class Progress:
    """The state of all chapters: text in a terminal, a card in a notebook."""

    entries: dict[str, Entry] | None
    chapter: str | None = None

    def _summary(self) -> str:
        rows = _rows(self.entries)
        counts = "、".join(
            f"{state} {sum(len(r.numbers[state]) for r in rows)}" for state in (RIGHT, WRONG, UNANSWERED)
        )
        return f"{counts}（{sum(r.points for r in rows):g} / {sum(r.possible for r in rows):g} 点）"

    def __repr__(self):
        if self.entries is None:
            return NEUTRAL
        head = ["章", RIGHT, WRONG, UNANSWERED, "点"]
        table = [head] + [
            [
                row.edition.title,
                *(" ".join(row.numbers[state]) or "-" for state in (RIGHT, WRONG, UNANSWERED)),
                f"{row.points:g}/{row.possible:g}",
            ]
            for row in _rows(self.entries)
        ]
        widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(_pad, row, widths)).rstrip() for row in table]
        return "\n".join([*lines, self._summary(), self._step()])

    def _repr_html_(self):
        if self.entries is None:
            return _card(f"<div>{NEUTRAL}</div>")
        cell = "padding:2px 12px 2px 0;text-align:left;vertical-align:top"
        head = "".join(f'<th scope="col" style="{cell}">{name}</th>' for name in ("章", *_SIGNS.values(), "点"))
        body = "".join(
            f'<tr><th scope="row" style="{cell};font-weight:{600 if row.edition.chapter == self.chapter else 400}">'
            f"{escape(row.edition.title)}</th>"
            + "".join(f'<td style="{cell}">{" ".join(row.numbers[state]) or "–"}</td>' for state in _SIGNS)
            + f'<td style="{cell}">{row.points:g} / {row.possible:g}</td></tr>'
            for row in _rows(self.entries)
        )
        return _card(
            f"<div>{self._summary()}</div>"
            f'<table style="border-collapse:collapse;margin:4px 0"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
            f"<div>{escape(self._step())}</div>"
            f'<div style="font-size:90%">このセルを実行し直すと新しくなります。記述問題は数えていません。記録は '
            f"<code>{FILE}</code> にだけあり、消しても解答は消えません。</div>"
        )

    def _step(self) -> str:
        """Where to go next. No link: in an output JupyterLab would open the other chapter's file, not its notebook."""
        step = _next(self.entries, self.chapter)
        if step is None:
            return ALL_RIGHT
        edition, task = step
        if edition.chapter == self.chapter:
            return f"次は、この章の{_name(task)}です。"
        done = "この章の演習は、すべて正解です。" if self.chapter else ""
        return f"{done}次は、{edition.title} の{_name(task)}です。"


NEUTRAL = "JupyterLab で実行すると、ここに全章の進み具合（正解・不正解・未解答）と、次に取り組む演習が出ます。"
ALL_RIGHT = "すべての演習が正解です。おつかれさまでした。提出の前に course doctor で確かめましょう。"
_SIGNS = {RIGHT: "✓ 正解", WRONG: "✗ 不正解", UNANSWERED: "… 未解答"}


def _name(task: Task) -> str:
    return f"演習 {task.number}「{task.title}」"


def frame(label: str, colour: str, inside: str) -> str:
    """A card without style sheets or scripts: a group that a screen reader announces as ``label``."""
    return (
        f'<div role="group" aria-label="{escape(label)}" style="border:1px solid {colour};'
        f"border-left:6px solid {colour};border-radius:4px;padding:8px 12px;margin:4px 0;"
        f'max-width:52em;line-height:1.6;color:var(--jp-content-font-color1,#1f2328)">{inside}</div>'
    )


def _card(inside: str) -> str:
    return frame("進み具合", "#57606a", f'<div style="font-weight:600">進み具合</div>{inside}')


def _width(text: str) -> int:
    """Columns in a terminal: Japanese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def progress() -> Progress:
    """全章の進み具合のカードを返します（学習者が JupyterLab などで実行したときだけ、その人の記録が出ます）。"""
    folder = _own_folder()
    if folder is None:
        return Progress(None)
    return Progress(load(folder) | _waiting, session_notebook().parent.name)


def progress_of(start: Path) -> Progress | None:
    """What ``course progress`` prints in the folder ``start``; ``None`` if there is no chapter of this course."""
    found = chapter_folders(start)
    return Progress(load(found[0].parent)) if found else None
