"""Grading a class: ``course grade`` against plain ``nbgrader autograde``, and what becomes of rate and memory.

    python benchmarks/grading.py                                  40 submissions both ways, then a class of 200
    python benchmarks/grading.py 03_mixture --submissions 10      another chapter; a heavy one takes nbgrader minutes
    python benchmarks/grading.py --class 2000                     only the class, and a large one: about five minutes

Both ways grade the same files on the same two cores, one after the other, each by its command as it is typed, with the
gradebook knowing the chapter already. The submissions are right, wrong and missing answers of ``tests/answers`` in
turn. Exits with 1 when a bar of ``BARS`` is missed or a score differs. Whether a large class slows down is judged by
processor time, which says the same on a busy machine as on a quiet one; the rates by the clock stand beside it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

# As `make bench` has it, for both.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "grading")]
CORES = 2
# How many times as many a minute; the coordinator's memory in MB; the processor time of a submission in the dearest
# quarter of a class, of that in the first (what grows with every student before would be 7 times as much in the last).
BARS = {"ratio": 8.0, "memory": 500.0, "growth": 1.5}
# Of a class, the shares that answer an exercise rightly, wrongly and not at all.
SHARES = (0.55, 0.3, 0.15)
# nbgrader's own preprocessors, limits and exporter.
PLAIN = """\
c = get_config()
c.CourseDirectory.course_id = "generative-models"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""


@dataclass
class Run:
    """A command that ran.

    Args:
        seconds: wall time. started: by the clock.
        watched: (samples, 3): the clock, resident MB, processor seconds of it and of all that it started.
        peak: the most MB that it had.
    """

    seconds: float
    started: float
    watched: np.ndarray
    peak: float

    def at(self, when: float) -> np.ndarray:
        """The sample at a time, or the next one."""
        return self.watched[min(np.searchsorted(self.watched[:, 0], when), len(self.watched) - 1)]


def command(root: Path, *words: str, watch: bool = False) -> Run:
    """Run a command in a course's folder.

    Raises:
        RuntimeError: if it fails; the exit status 1 only says that some submission wants a look.
    """
    own = {"JUPYTER_CONFIG_DIR": str(root / ".jupyter"), "IPYTHONDIR": str(root / ".ipython")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryFile() as said:
        started, clock = time.time(), time.perf_counter()
        process = psutil.Popen(
            words, cwd=root, env=os.environ | own | {"PATH": path}, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        watched, peak = [], 0.0
        try:
            while watch and process.poll() is None:
                sample, most = _sample(process)
                if sample:
                    watched.append(sample)
                peak = max(peak, most)
                time.sleep(0.25)
            process.wait()
        finally:
            if process.poll() is None:
                process.kill()
        seconds = time.perf_counter() - clock
        if process.returncode not in (0, 1):
            said.seek(0)
            raise RuntimeError(f"{words} failed:\n{said.read().decode(errors='replace')[-3000:]}")
    return Run(seconds, started, np.array(watched), peak)


def _sample(process: psutil.Popen) -> tuple[tuple[float, float, float] | None, float]:
    """See :class:`Run`; the peak so far is the kernel's own where there is one. Nothing once the process is gone."""
    try:
        resident = process.memory_info().rss / 1e6
        spent = sum(_spent(one) for one in (process, *process.children(recursive=True)))
        status = Path(f"/proc/{process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
    except (psutil.Error, OSError):
        return None, 0.0
    most = [int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM")]
    return (time.time(), resident, spent), max([resident, *most])


def _spent(process: psutil.Process) -> float:
    """Processor seconds of a process and of those that it has waited for."""
    try:
        return sum(process.cpu_times()[:4])
    except psutil.Error:
        return 0.0


def nbgrader(root: Path, *words: str) -> Run:
    return command(root, sys.executable, "-m", "nbgrader", *words)


def course_grade(root: Path, chapter: str, *, watch: bool = False) -> Run:
    course = str(Path(sys.executable).with_name("course"))
    return command(root, course, "grade", chapter, "--workers", str(CORES), watch=watch)


def hand_in_class(root: Path, chapter: str, n: int) -> None:
    """``n`` submissions with different answers, and in each a remark of the student's own."""
    import answers
    import nbformat
    from students import hand_in, submission
    from test_submission import as_cell, exercises_of

    rng = np.random.default_rng(n)
    columns = {number: [a for a in answers.ANSWERS if a.exercise == number] for number in exercises_of(chapter)}
    code = {
        number: (
            [as_cell(a) for a in column if a.says is None],
            [as_cell(a) for a in column if a.says is not None],
            [None],
        )
        for number, column in columns.items()
    }
    for student in range(n):
        chosen = {}
        for number, kinds in code.items():
            kind = kinds[rng.choice(3, p=SHARES)]
            text = kind[rng.integers(len(kind))]
            if text is not None:
                chosen[number] = f"{text}\n# {student} 番の解答"
        notebook = submission(chapter, chosen, written=f"{student} 番の記述です。" if student % 4 else "")
        hand_in(root, f"s{student:04d}", chapter, nbformat.writes(notebook).encode())


def classroom(root: Path, chapter: str, *, plain: bool = False) -> Path:
    """A course's folder whose gradebook knows the chapter."""
    from students import classroom as make

    make(root, [chapter])
    nbgrader(root, "generate_assignment", chapter)
    if plain:  # only now: what was handed out, and so what counts as unanswered, is the same
        (root / "nbgrader_config.py").write_text(PLAIN)
    return root


def scores(root: Path, chapter: str) -> dict[str, dict[str, float | None]]:
    """What the gradebook holds: points by student and graded cell."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        return {
            submission.student.id: {grade.name: grade.auto_score for grade in notebook.grades}
            for submission in book.assignment_submissions(chapter)
            for notebook in submission.notebooks
        }


def results(root: Path, chapter: str) -> tuple[np.ndarray, np.ndarray]:
    """When each submission was done (by the clock, in order), and the seconds that a worker spent on it."""
    from course_utils.grading.results import Result

    paths = sorted((root / "reports" / chapter / "results").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    times = [path.stat().st_mtime for path in paths]
    return np.array(times), np.array([Result.loads(path.read_text(encoding="utf-8")).seconds for path in paths])


def line(what: str, value: float, unit: str, bar: str = "", met: bool = True) -> bool:
    """Print one figure, beside its bar if it has one, and say whether it is met."""
    print(f"{what:48s} {value:9.2f} {unit:8s}{bar and f'  (bar {bar})'}{'' if met else '  MISSED'}", flush=True)
    return met


def throughput(folder: Path, chapter: str, n: int) -> bool:
    """The same submissions both ways."""
    ours, plain = classroom(folder / "ours", chapter), classroom(folder / "plain", chapter, plain=True)
    hand_in_class(ours, chapter, n)
    shutil.copytree(ours / "submitted", plain / "submitted")
    shutil.copy(ours / "gradebook.db", folder / "empty.db")
    print(f"== {n} submissions of {chapter}, {CORES} cores")
    slow = nbgrader(plain, "autograde", chapter)
    line("nbgrader autograde", 60 * n / slow.seconds, "/min")
    fast = course_grade(ours, chapter)
    line(f"course grade, {CORES} workers, sandbox", 60 * n / fast.seconds, "/min")
    ratio = slow.seconds / fast.seconds
    met = line("ratio", ratio, "times", f"{BARS['ratio']:g}", ratio >= BARS["ratio"])
    mine, theirs = scores(ours, chapter), scores(plain, chapter)
    different = [student for student in sorted(mine | theirs) if mine.get(student) != theirs.get(student)]
    line("submissions with other scores", len(different), "", "0", not different and len(mine) == n)
    for student in different:
        print(f"   {student}: ours {mine.get(student)}, nbgrader's {theirs.get(student)}")
    _split(ours, chapter, n, fast, folder / "empty.db")
    return met and not different and len(mine) == n


def _split(root: Path, chapter: str, n: int, run: Run, empty: Path) -> None:
    """Where the time of ``course grade`` went. What is written is measured by writing it again."""
    done, seconds = results(root, chapter)
    line("  until the first result: start-up", done[0] - run.started - seconds[0], "s")
    line("  from the first result to the last", done[-1] - done[0], "s")
    line("  after the last: report, end", run.started + run.seconds - done[-1], "s")
    line("  a worker's time for one submission: median", 1000 * np.median(seconds), "ms")
    line("  the slowest", 1000 * seconds.max(), "ms")
    line("  all of them, shared by the workers", seconds.sum() / CORES, "s")
    nothing = course_grade(root, chapter)
    line("  course grade with nothing to do", nothing.seconds, "s")
    shutil.rmtree(root / "autograded")
    shutil.copy(empty, root / "gradebook.db")
    writing = course_grade(root, chapter)
    line("  writing notebook and gradebook, for one", 1000 * (writing.seconds - nothing.seconds) / n, "ms")


def scale(folder: Path, chapter: str, n: int) -> bool:
    """A large class: does the coordinator grow, does it slow down?"""
    root = classroom(folder / "class", chapter)
    hand_in_class(root, chapter, n)
    print(f"== a class of {n}: {chapter}, {CORES} workers")
    run = course_grade(root, chapter, watch=True)
    done, _ = results(root, chapter)
    met = len(done) == n
    costs = []
    for quarter in range(4):
        first, last = quarter * (n - 1) // 4, (quarter + 1) * (n - 1) // 4
        start, end = run.at(done[first]), run.at(done[last])
        costs.append(1000 * (end[2] - start[2]) / (last - first))
        line(f"quarter {quarter + 1}: rate", 60 * (last - first) / (done[last] - done[first]), "/min")
        line("  processor time of one submission", costs[-1], "ms")
        line("  coordinator at its end", end[1], "MB")
    growth = max(costs[1:]) / costs[0]
    met &= line("dearest quarter, of the first", growth, "times", f"{BARS['growth']:g}", growth <= BARS["growth"])
    met &= line("coordinator at most", run.peak, "MB", f"{BARS['memory']:g}", run.peak < BARS["memory"])
    line("after the last result: report, end", run.started + run.seconds - done[-1], "s")
    line("all", run.seconds, "s")
    line("all: rate", 60 * n / run.seconds, "/min")
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapter", nargs="?", default="02_bernoulli")
    parser.add_argument("--submissions", type=int, default=40, help="for both ways")
    parser.add_argument("--class", type=int, dest="size", help="only a class of so many")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    chapter = arguments.chapter
    with tempfile.TemporaryDirectory() as folder:
        met = []
        if arguments.size is None:
            met.append(throughput(Path(folder), chapter, arguments.submissions))
        met.append(scale(Path(folder), chapter, arguments.size or 200))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
