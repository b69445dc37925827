"""What a class handed in: one notebook of each student, and everything about the folder that is not as it should be."""

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dateutil.parser import UnknownTimezoneWarning
from dateutil.tz import gettz
from nbgrader.utils import parse_utc

from ..doctor.notebook import NotebookError, read
from .key import Key
from .results import Problem

_CLUTTER = {".ipynb_checkpoints", "__pycache__", "__MACOSX"}
# Bytes of a student's name: with ".json" it must still be a file's name.
_LONGEST_NAME = 250


@dataclass(frozen=True)
class Submission:
    """A student's notebook of the chapter.

    Args:
        folder: its folder; the other files in it belong to the submission.
        shown: the notebook's path below the folder with the students' folders.
        handed_in: the time in ``timestamp.txt`` in UTC, if there is one.
    """

    student: str
    notebook: Path
    folder: Path
    shown: str
    handed_in: datetime | None = None


def find(
    submitted: Path, key: Key, chapters: Iterable[str], students: Iterable[str]
) -> tuple[list[Submission], list[Problem]]:
    """The submissions of a chapter below ``submitted`` (``STUDENT/CHAPTER/CHAPTER.ipynb``), and what is odd there.

    Args:
        chapters: the folder names of all chapters. students: those who should have handed in.
    """
    found, problems = [], []
    others, expected = set(chapters) - {key.chapter}, set(students)
    for place in sorted(submitted.iterdir()):
        if place.name.startswith(".") or place.name in _CLUTTER:
            continue
        if not place.is_dir():
            says = f"学生のフォルダーの中にないので、採点しません（学生/{key.chapter}/ に置いてください）"
            problems.append(Problem("", place.name, "置き場所", says))
            continue
        expected.add(place.name)
        if odd := _unusable(place.name):
            problems.append(Problem(place.name, place.name, "採点できません", odd))
            continue
        try:
            one, odd = _submission(place, key, others)
        except OSError as error:
            shown = Path(error.filename or place).relative_to(submitted).as_posix()
            one, odd = None, [Problem(place.name, shown, "採点できません", f"読めません（{error.strerror}）")]
        problems += odd
        if one:
            found.append(one)
    present = {one.student for one in found} | {problem.student for problem in problems}
    problems += [Problem(student, "", "未提出", "この章の提出がありません") for student in sorted(expected - present)]
    return found, problems


def _unusable(name: str) -> str:
    """Why a student's folder cannot be one of ``autograded/`` and a name in the gradebook, or ""."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "学生のフォルダーの名前が UTF-8 ではないので、採点しません（名前を付け直してください）"
    if length > _LONGEST_NAME or re.search(r"[\x00-\x1f\x7f-\x9f]", name):
        return "学生のフォルダーの名前が長すぎるか、制御文字を含むので、採点しません（名前を付け直してください）"
    return ""


def _submission(place: Path, key: Key, others: set[str]) -> tuple[Submission | None, list[Problem]]:
    """The notebook of the student whose folder this is."""
    student, folder = place.name, place / key.chapter
    problems: list[Problem] = []

    def tell(path: Path, kind: str, says: str) -> None:
        problems.append(Problem(student, path.relative_to(place.parent).as_posix(), kind, says))

    proper = folder / f"{key.chapter}.ipynb"
    if folder.is_symlink():
        tell(folder, "採点できません", "リンクではなく、フォルダーそのものを置いてください")
        return None, problems
    rest = [path for path in _notebooks(folder, set()) if path != proper] if folder.is_dir() else []
    if not proper.is_file():
        # Beside its folder, or in one of another name.
        rest += [path for path in _notebooks(place, others) if folder not in path.parents and _belongs(path, key)]
    if proper.is_file():
        for path in rest:
            tell(path, "重複", f"ほかにもノートブックがあります（採点したのは {proper.name} です）")
        chosen = proper
    elif len(rest) == 1:
        chosen = rest[0]
        tell(chosen, "名前違い", f"{key.chapter}/{key.chapter}.ipynb ではありませんが、採点しました")
    elif rest:
        names = "、".join(path.name for path in rest)
        tell(rest[0], "名前違い", f"どれを採点すればよいかわからないので、採点していません（{names}）")
        return None, problems
    else:
        if folder.exists():
            tell(folder, "未提出", "フォルダーにノートブックがありません")
        return None, problems
    if chosen.is_symlink():
        tell(chosen, "採点できません", "リンクではなく、ノートブックそのものを置いてください")
        return None, problems
    handed_in, odd = _time(chosen.parent)
    if odd:
        tell(chosen.parent / "timestamp.txt", "提出時刻", odd)
    return Submission(student, chosen, chosen.parent, chosen.relative_to(place.parent).as_posix(), handed_in), problems


def _notebooks(folder: Path, others: set[str]) -> Iterator[Path]:
    """All notebooks below a folder but those below ``others``, in order."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _CLUTTER:
            continue
        if path.is_dir() and not path.is_symlink() and path.name not in others:
            yield from _notebooks(path, others)
        elif path.suffix == ".ipynb" and path.stem not in others and path.is_file():
            yield path


def _belongs(path: Path, key: Key) -> bool:
    """Whether a notebook holds cells of the chapter."""
    try:
        cells = read(path)[0]["cells"]
    except NotebookError:
        return path.stem == key.chapter
    ids = {cell.grade_id for cell in key.cells}
    given = [cell["metadata"].get("nbgrader") for cell in cells]
    return any(isinstance(one, dict) and one.get("grade_id") in ids for one in given)


def _time(folder: Path) -> tuple[datetime | None, str]:
    """When it was handed in, and what is wrong with the file that says so."""
    path = folder / "timestamp.txt"
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise OSError
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None, ""
    except (OSError, UnicodeDecodeError):
        return None, "timestamp.txt を読めません（提出時刻なしで採点しました）"
    try:
        return _utc(text), ""
    except Exception:
        return None, f"timestamp.txt を時刻として読めません（{text[:40]!r}。提出時刻なしで採点しました）"


def _utc(text: str) -> datetime:
    """A time as nbgrader writes it, or in a zone that nbgrader reads as seconds ("+0900") or does not mind ("JST")."""
    text = re.sub(r" JST$", " +0900", text)
    text = re.sub(r" ([+-]\d\d:?\d\d)$", r"\1", text)
    zone = text.split(" ")[2:3]
    if not re.search(r"\d{4}", text) or (zone and not gettz(zone[0])):
        raise ValueError
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnknownTimezoneWarning)
        return parse_utc(text)
