"""``course grade``: a whole class, in parallel, to be killed and resumed at any moment.

Workers grade; this process alone writes. What is done with a result, in this order, each step whole or not at all:

1. ``reports/CHAPTER/graded/STUDENT.json``: the result itself. From here on nothing is graded again.
2. ``autograded/STUDENT/CHAPTER/``: the notebook, for formgrader and feedback.
3. the gradebook: one transaction.
4. the result moves from ``graded/`` to ``results/``: all is done.

A run that was cut off between them goes on with the step that is missing.
"""

import contextlib
import csv
import dataclasses
import errno
import fcntl
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from ..edition import editions
from . import files, handed_in, workers
from .build import chapters, nbgrader_config
from .gradebook import Book
from .handed_in import Submission
from .key import Key, notebooks
from .mend import SubmissionError
from .report import report
from .results import Problem, Result
from .sandbox import Sandbox, SandboxError
from .similarity import course_code
from .submission import fingerprint
from .workers import Options, WorkerError

# A submission whose worker died is tried once more, alone.
TRIES = 2


class StorageError(Exception):
    """A file cannot be written; the message says which, why and what to do."""


@dataclass
class Outcome:
    """What a run did.

    Args:
        results: of all submissions that are graded now, without their notebooks.
        fresh: how many of them this run graded.
        problems: what a person must know, see :class:`.results.Problem`. folder: where the report is.
    """

    folder: Path
    results: list[Result] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    fresh: int = 0
    seconds: float = 0.0


def grade(
    root: Path,
    chapter: str,
    *,
    submitted: Path | None = None,
    processes: int | None = None,
    scheduler: str = "",
    options: Options | None = None,
    db_url: str = "",
    progress: Callable[[int, int, int], None] = lambda done, total, fresh: None,
) -> Outcome:
    """Grade everything that was handed in of a chapter and write gradebook, notebooks and report.

    Args:
        root: the course's folder. chapter: "01" or "01_distribution".
        submitted: the folder with the students' folders; default nbgrader's.
        processes: how many on this machine; default as many as it has cores. scheduler: a Dask scheduler instead.
        db_url: another gradebook than that of ``nbgrader_config.py``.
        progress: called with (done, total, graded in this run) after every submission.

    Raises:
        BuildError, KeyMismatchError: the chapter is not there or not whole.
        SandboxError, WorkerError: nothing can be graded here.
        GradebookError, StorageError: something cannot be written. What was graded is kept.
    """
    started = time.monotonic()
    options = options or Options()
    (name,) = chapters(root, [chapter])
    config = nbgrader_config(root)
    if db_url:
        config.CourseDirectory.db_url = db_url
    key = Key.load(root, name)
    if not scheduler:
        Sandbox(key.imports, options.limits, isolated=options.isolated).close()  # asks before anything runs
    submitted = submitted or root / config.CourseDirectory.get("submitted_directory", "submitted")
    if not submitted.is_dir():
        raise StorageError(f"提出物のフォルダー {submitted} がありません（--submitted で指定できます）")
    shelf = Shelf(root, name)
    with shelf.alone(), Book(root, config, key) as book, _executor(processes, scheduler) as (make, width):
        found, problems = handed_in.find(submitted, key, chapters(root, []), book.students())
        run = _Run(key, options, book, shelf, Outcome(shelf.folder, problems=problems), progress)
        run.all(found, make, width)
        outcome = run.outcome
        outcome.results.sort(key=lambda result: result.student)
        outcome.problems.sort(key=lambda problem: (problem.kind, problem.student, problem.file))
        outcome.seconds = time.monotonic() - started
        title = editions()[name].title if name in editions() else name
        page = report(name, title, outcome.results, outcome.problems, given=_given(root, name))
        shelf.write(shelf.folder / "report.html", page)
        shelf.write(shelf.folder / "problems.csv", _table(outcome))
    return outcome


def _given(root: Path, chapter: str) -> list[str]:
    """The code of the course itself: nobody copied it from anybody."""
    return [piece for path in notebooks(root, chapter) for piece in course_code(nbformat.read(path, as_version=4))]


@contextlib.contextmanager
def _executor(
    processes: int | None, scheduler: str
) -> Iterator[tuple[Callable[[], contextlib.AbstractContextManager], int]]:
    """How to make an executor, and how many submissions it can grade at once."""
    if scheduler:
        with workers.cluster(scheduler) as (executor, width):
            yield lambda: contextlib.nullcontext(executor), width
    else:
        count = processes or len(
            os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
        )
        yield lambda: workers.local(count), count


class Shelf:
    """The files of a chapter's results: every one is written whole or not at all."""

    def __init__(self, root: Path, chapter: str):
        self.root, self.chapter = root, chapter
        self.folder = root / "reports" / chapter

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Two runs of a chapter at once would grade everything twice. The lock ends with the process."""
        with _written(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder, os.O_RDONLY)
        try:
            with _written(self.folder):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise StorageError(f"別の course grade が {self.chapter} を採点しています") from None
            yield
        finally:
            os.close(lock)

    def _kept(self, student: str, folder: str) -> Path:
        return self.folder / folder / f"{student}.json"

    def result(self, student: str) -> tuple[Result | None, bool]:
        """The result that is kept for a student, None if there is none that can be read; and whether all is done."""
        for folder in ("graded", "results"):
            with contextlib.suppress(OSError, ValueError):
                return Result.loads(self._kept(student, folder).read_text(encoding="utf-8")), folder == "results"
        return None, False

    def keep(self, result: Result) -> None:
        self.write(self._kept(result.student, "graded"), result.dumps())

    def done(self, student: str) -> None:
        """All of the kept result is where it belongs."""
        graded, done = self._kept(student, "graded"), self._kept(student, "results")
        with _written(done):
            done.parent.mkdir(exist_ok=True)
            os.replace(graded, done)

    def autograded(self, result: Result, beside: dict[str, bytes], handed_in: str, done: bool) -> None:
        """What nbgrader leaves below ``autograded/``: the notebook, what was handed in with it, and when.

        Args:
            done: whether that was done before; if not, what an earlier submission left there goes.
        """
        folder = self.root / "autograded" / result.student / self.chapter
        notebook = f"{self.chapter}.ipynb"
        # A folder of the notebook's name would stand in its way.
        contents = {name: data for name, data in beside.items() if name.split("/")[0] != notebook}
        contents |= {"timestamp.txt": handed_in.encode()} if handed_in else {}
        if not done:
            self._clear(folder, {folder / name for name in (*contents, notebook)})
        for name, data in contents.items():
            self.write(folder / name, data)
        self.write(folder / notebook, result.notebook + "\n")

    def _clear(self, folder: Path, wanted: set[Path]) -> None:
        """Remove all but the wanted files and their folders."""
        for place, folders, names in os.walk(folder, topdown=False):
            for path in (Path(place, name) for name in (*names, *folders)):
                with _written(path):
                    if path.is_symlink() or not path.is_dir():
                        if path not in wanted:
                            path.unlink()
                    elif not any(path in one.parents for one in wanted):
                        path.rmdir()

    def write(self, path: Path, content: str | bytes) -> None:
        """Write a file in one step, if it is not so already.

        Raises:
            StorageError: the file is then as it was.
        """
        # A file's name may hold what is no text.
        data = content.encode(errors="backslashreplace") if isinstance(content, str) else content
        # Always the same name, so that the next run takes away what a killed one left: it writes this file first.
        fresh = path.with_name(".course-grade.tmp")
        with _written(path):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                if path.stat().st_size == len(data) and path.read_bytes() == data:
                    return
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                fresh.write_bytes(data)
                os.replace(fresh, path)
            finally:
                fresh.unlink(missing_ok=True)


@contextlib.contextmanager
def _written(path: Path) -> Iterator[None]:
    """Says in one line why a file cannot be written."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "ディスクがいっぱいです" if full else error.strerror
        raise StorageError(
            f"{path} に書けません（{why}）。ここまでに採点した結果は残っています。"
            "直したあとでもう一度実行すると、続きから採点します"
        ) from None


@dataclass
class _Job:
    submission: Submission
    notebook: bytes
    files: dict[str, bytes]
    tries: int = 0


class _Run:
    """One pass over the class."""

    def __init__(self, key: Key, options: Options, book: Book, shelf: Shelf, outcome: Outcome, progress: Callable):
        self.key, self.options, self.book, self.shelf = key, options, book, shelf
        self.outcome, self.progress = outcome, progress
        self.recorded = book.recorded()
        self.done = self.total = 0

    def all(self, submissions: list[Submission], make: Callable, width: int) -> None:
        self.total = len(submissions)
        jobs = filter(None, map(self._prepared, submissions))
        # As many as keep the workers busy, and no more: what waits here is memory.
        while broken := self._pass(jobs, make, 2 * width):
            # A worker died, and which submission did it nobody knows: each of them once more, alone.
            for job in broken:
                self._pass(iter([job]), make, 1)

    def _prepared(self, submission: Submission) -> _Job | None:
        """A submission that must be graded; None if it is graded already, or cannot be read."""
        try:
            notebook = submission.notebook.read_bytes()
            beside, left_out = files.beside(submission.folder)
        except OSError as error:
            self._problem(submission, "採点できません", f"ファイルを読めません（{error.strerror}）")
            self._tick()
            return None
        for text in left_out:
            self._problem(submission, "ファイル", text)
        kept, done = self.shelf.result(submission.student)
        if kept and kept.fingerprint == fingerprint(self.key, notebook, beside):
            self._record(kept, submission, beside, done)
            self._tick()
            return None
        return _Job(submission, notebook, beside)

    def _pass(self, jobs: Iterator[_Job], make: Callable, most: int) -> list[_Job]:
        """Grade until there is nothing left or a worker dies; returns what has to be tried again."""
        pending: dict[Future, _Job] = {}
        again: list[_Job] = []
        with make() as executor:
            while True:
                workers.require_connection(executor)
                while len(pending) < most and not again and (job := next(jobs, None)):
                    self._submit(executor, job, pending, again)
                if not pending:
                    break
                for future in wait(pending, timeout=2, return_when=FIRST_COMPLETED).done:
                    self._finished(future, pending.pop(future), again)
        return again

    def _submit(self, executor: Executor, job: _Job, pending: dict, again: list) -> None:
        try:
            future = executor.submit(
                workers.work, self.key, self.options, job.submission.student, job.notebook, job.files
            )
        except BrokenProcessPool:
            again.append(job)
        else:
            pending[future] = job

    def _finished(self, future: Future, job: _Job, again: list[_Job]) -> None:
        try:
            result = future.result()
        except SubmissionError as error:
            self._problem(job.submission, "採点できません", str(error))
        except (SandboxError, WorkerError):
            raise
        except (BrokenProcessPool, CancelledError):
            job.tries += 1
            if job.tries < TRIES:
                again.append(job)
                return
            self._problem(job.submission, "採点できません", "採点するプロセスが止まりました（メモリ不足など）")
        except Exception as error:
            text = f"採点中に予期しないエラーが起きました（{type(error).__name__}: {error}）"
            self._problem(job.submission, "採点できません", text[:300])
        else:
            self.shelf.keep(result)
            self.outcome.fresh += 1
            self._record(result, job.submission, job.files, done=False)
        self._tick()

    def _record(self, result: Result, submission: Submission, beside: dict[str, bytes], done: bool) -> None:
        """Steps 2 to 4, where they are not done yet."""
        when = f"{submission.handed_in} UTC" if submission.handed_in else ""
        self.shelf.autograded(result, beside, when, done)
        marks = dict.fromkeys(self.key.points)
        marks |= {name: 0.0 for name in result.untouched if name in marks}
        marks |= {mark.cell: mark.points for mark in result.marks}
        # Equal points are no sign that another answer was recorded: it may be as wrong as the one before.
        recorded = self.recorded.get(result.student) if done else None
        late = self.book.write(result, marks, submission.handed_in, recorded)
        if not done:
            self.shelf.done(result.student)
        if late > 0:
            self._problem(submission, "遅れ", f"締め切りに {_duration(late)}遅れました")
        for remark in result.remarks:
            self._problem(submission, "要確認", remark)
        self.outcome.results.append(dataclasses.replace(result, notebook="", late=late))

    def _problem(self, submission: Submission, kind: str, says: str) -> None:
        self.outcome.problems.append(Problem(submission.student, submission.shown, kind, says))

    def _tick(self) -> None:
        self.done += 1
        self.progress(self.done, self.total, self.outcome.fresh)


def _duration(seconds: float) -> str:
    minutes = int(seconds // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "日"), (hours, "時間"), (minutes, "分")) if n]
    return "".join(f"{part} " for part in parts) or "1 分足らず"


def _table(outcome: Outcome) -> str:
    """``problems.csv``; with a byte order mark, without which Excel takes it for Shift_JIS."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["学生", "ファイル", "種類", "説明"])
    # A cell that begins like a formula would be run as one.
    writer.writerows([_inert(value) for value in dataclasses.astuple(problem)] for problem in outcome.problems)
    return "\ufeff" + text.getvalue()


def _inert(value: str) -> str:
    return f"'{value}" if value[:1] in "=+-@\t\r＝＋－＠" and value else value


class Bar:
    """Progress on a terminal: how far, how fast, how long still. Elsewhere a line every half minute."""

    def __init__(self, stream=sys.stderr):
        self.stream, self.started, self.shown = stream, time.monotonic(), 0.0

    def __call__(self, done: int, total: int, fresh: int) -> None:
        now = time.monotonic()
        alive = self.stream.isatty()
        if done < total and now - self.shown < (0.2 if alive else 30):
            return
        self.shown = now
        rate = fresh / max(now - self.started, 1e-9)
        left = f"残り {_clock((total - done) / rate)}" if rate and done < total else f"{_clock(now - self.started)}"
        filled = 24 * done // max(total, 1)
        line = f"採点 {'█' * filled}{'░' * (24 - filled)} {done}/{total}　毎分 {60 * rate:.0f} 件　{left}"
        print(f"\r\x1b[2K{line}" if alive else line, end="\n" if done == total or not alive else "", file=self.stream)
        self.stream.flush()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def summary(outcome: Outcome) -> str:
    """What the terminal says at the end."""
    results, kept = outcome.results, len(outcome.results) - outcome.fresh
    lines = [f"{len(results)} 件を採点しました" + (f"（うち {kept} 件は前の結果のまま）" if kept else "")]
    if results:
        points = [result.points for result in results]
        most = sum(mark.max_points for mark in results[0].marks)
        lines.append(
            f"自動採点の平均 {sum(points) / len(points):.2f} / {most:g} 点、満点 {sum(p == most for p in points)} 人"
        )
    for kind, count in Counter(problem.kind for problem in outcome.problems).most_common():
        lines.append(f"{kind}: {count} 件")
        shown = [problem for problem in outcome.problems if problem.kind == kind]
        lines += [
            f"  {problem.student or '（学生不明）'}　{problem.file}　{problem.says}".rstrip() for problem in shown[:10]
        ]
        if len(shown) > 10:
            lines.append(f"  …ほか {len(shown) - 10} 件（problems.csv にすべてあります）")
    lines.append(f"報告: {outcome.folder / 'report.html'}")
    return "\n".join(map(_visible, lines))


def _visible(line: str) -> str:
    """A file's name may hold anything, also what a terminal takes for a command."""
    return "".join(c if c.isprintable() or c == "\u3000" else ascii(c)[1:-1] for c in line)
