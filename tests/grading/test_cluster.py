"""``course grade --scheduler``: a real Dask scheduler with two workers that cannot see the class."""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sources
from bubblewrap import NEEDS_BWRAP
from students import classroom, hand_in
from test_classroom import CHAPTER, book_of, course, environment, files_below, partly, recorded

from course_utils.cli import main
from course_utils.grading.classroom import grade
from course_utils.grading.key import Key
from course_utils.grading.workers import WorkerError

distributed = pytest.importorskip("distributed")
pytestmark = NEEDS_BWRAP


def some(root: Path) -> Path:
    classroom(root, [CHAPTER])
    for number in range(4):
        hand_in(root, f"学生{number:02}", CHAPTER, partly(number))
    return root


class Cluster:
    """A scheduler and its workers, each a process of its own, elsewhere; no worker sees ``hidden``."""

    def __init__(self, folder: Path, hidden: Path):
        self.folder, self.hidden = folder, hidden
        self.running: list[subprocess.Popen] = []
        known = folder / "scheduler.json"
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", known)
        self.address = _soon(lambda: json.loads(known.read_text(encoding="utf-8"))["address"])

    def add_worker(self) -> subprocess.Popen:
        bubble = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", str(self.hidden), "--die-with-parent"]
        options = ["--nthreads", "1", "--no-nanny", "--local-directory", self.folder]
        return self._start("dask_worker", self.address, *options, prefix=bubble)

    def _start(self, program: str, *options, prefix=()) -> subprocess.Popen:
        command = [*prefix, sys.executable, "-m", f"distributed.cli.{program}", *map(str, options), "--no-dashboard"]
        with (self.folder / f"{program}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd="/", env=environment(), stdout=log, stderr=log)
        self.running.append(process)
        return process

    def stop(self) -> None:
        for process in reversed(self.running):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()


def _soon(what, seconds: float = 60):
    """What it gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, ValueError):
            if found := what():
                return found
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """Where the classes are, and nobody else looks."""
    return tmp_path_factory.mktemp("講座")


@pytest.fixture(scope="module")
def cluster(place, tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"), place)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def two_workers(cluster):
    while len(cluster.running) < 3:
        cluster.add_worker()
    with distributed.Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        yield client


@pytest.fixture(scope="module")
def here(place) -> Path:
    """The same class, graded on this machine."""
    root = some(place / "ここで")
    assert grade(root, CHAPTER, processes=1).fresh == 4
    return root


def test_no_workers(cluster, place):
    root = some(place / "誰もいない")
    run = course(root, "--scheduler", cluster.address)
    assert run.returncode == 2
    assert run.stderr.strip().splitlines() == [
        f"course grade: Dask のスケジューラー {cluster.address} にワーカーがいません"
        f"（dask worker {cluster.address} で加えます）"
    ]


@pytest.mark.parametrize(
    ("address", "why"),
    [("tcp://127.0.0.1:9", "OSError"), ("そんなもの", "tcp://ホスト:ポート"), ("tcp:/", "tcp://ホスト:ポート")],
)
def test_no_scheduler(place, address, why):
    root = place / "つながらない"
    if not root.exists():
        some(root)
    run = course(root, "--scheduler", address)
    (line,) = run.stderr.strip().splitlines()
    assert run.returncode == 2
    assert line.startswith(f"course grade: Dask のスケジューラー {address} につながりません") and why in line


def test_no_dask(place, monkeypatch, capsys):
    root = some(place / "dask なし")
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.chdir(root)
    assert main(["grade", CHAPTER, "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err.strip() == (
        "course grade: --scheduler には Dask が要ります。入れるには: pip install distributed"
    )


def test_same_scores_from_workers_that_see_nothing(two_workers, cluster, place, here):
    there = some(place / "あちらで")
    for path in (place, there, there / "submitted" / "学生00", sources.ROOT / "nbgrader_config.py"):
        seen = set(two_workers.run(os.path.exists, str(path)).values())
        assert path.exists() and seen == {path == place or sources.ROOT in path.parents}, path
    assert list(two_workers.run(os.listdir, str(place)).values()) == [[], []]
    run = course(there, "--scheduler", cluster.address)
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    assert recorded(book_of(there)) == recorded(book_of(here))
    assert files_below(there / "autograded") == files_below(here / "autograded")
    assert grade(there, CHAPTER, scheduler=cluster.address).fresh == 0


def test_another_version_over_there(two_workers, cluster, place, monkeypatch):
    root, load = some(place / "版違い"), Key.load
    monkeypatch.setattr(Key, "load", lambda *where: dataclasses.replace(load(*where), code="newer"))
    with pytest.raises(WorkerError, match="course_utils の版が違います"):
        grade(root, CHAPTER, scheduler=cluster.address)


def test_one_worker_dies(two_workers, cluster, place, here):
    root, lost = some(place / "ひとり減る"), cluster.running.pop()

    def kill(*_):
        lost.send_signal(signal.SIGKILL)

    outcome = grade(root, CHAPTER, scheduler=cluster.address, progress=kill)
    lost.wait()
    assert outcome.fresh == 4 and not outcome.problems
    assert recorded(book_of(root)) == recorded(book_of(here))


def test_the_scheduler_dies(place, tmp_path):
    """It takes the connection away in the middle of a run, which then goes on here."""
    root = some(place / "切れる")
    lost = Cluster(tmp_path, place)
    try:
        lost.add_worker()
        with distributed.Client(lost.address, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
        with pytest.raises(WorkerError, match="接続が切れました"):
            grade(root, CHAPTER, scheduler=lost.address, progress=lambda *_: lost.scheduler.kill())
    finally:
        lost.stop()
    outcome = grade(root, CHAPTER, processes=1)
    assert 0 < outcome.fresh < 4 and len(outcome.results) == 4
