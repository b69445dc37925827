"""Where submissions are graded: processes of this machine, or a Dask cluster. Both through ``concurrent.futures``.

A worker gets all that it needs in the call and gives everything back in the result: it needs no disk that others
see, no gradebook, and nothing of the course but the installed package.
"""

import contextlib
import ctypes
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field

from .key import Key, code_digest
from .results import Result
from .sandbox import Limits
from .submission import Grader


class WorkerError(Exception):
    """The workers cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Options:
    """How to grade: with bubblewrap or without, and within which limits."""

    isolated: bool = True
    limits: Limits = field(default_factory=Limits)


# A grader serves one thread: a sandbox holds one submission at a time.
_here = threading.local()


def work(key: Key, options: Options, student: str, notebook: bytes, files: dict[str, bytes]) -> Result:
    """Grade one submission, in a worker. The worker's sandbox stays warm for the next one.

    Raises:
        SubmissionError: if the file is no notebook of this chapter.
        SandboxError: if students' code cannot be confined here.
        WorkerError: if another version of the course is installed here.
    """
    if key.code != code_digest():
        raise WorkerError("ワーカーに入っている course_utils の版が違います。同じ版を入れて、起動し直してください")
    wanted = key.fingerprint, options
    if getattr(_here, "wanted", None) != wanted:
        if hasattr(_here, "grader"):
            _here.grader.close()
        _here.wanted, _here.grader = None, None
        _here.grader = Grader(key, isolated=options.isolated, limits=options.limits)
        _here.wanted = wanted
    os.environ["NBGRADER_EXECUTION"] = "autograde"  # a check that is graded is no progress of a learner's
    return _here.grader.grade(student, notebook, files)


@contextlib.contextmanager
def local(workers: int) -> Iterator[Executor]:
    """Processes of this machine, which end when this one does, however it ends."""
    # The student's interrupt is the coordinator's; spawned, because a forked copy of this process shares its files.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(os.getpid(),))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def require_connection(executor: Executor) -> None:
    """What was given to a Dask scheduler that is gone would be waited for without end.

    Raises:
        WorkerError: if that is so.
    """
    client = getattr(executor, "_client", None)
    if client is not None and client.status in ("closing", "closed"):
        raise WorkerError(
            "Dask のスケジューラーとの接続が切れました。ここまでに採点した結果は残っています。"
            "もう一度実行すると、続きから採点します"
        )


def _begin(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)


@contextlib.contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """The workers of a Dask scheduler, and how many there are.

    Raises:
        WorkerError: if Dask is not installed, or the scheduler does not answer or has no workers.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise WorkerError("--scheduler には Dask が要ります。入れるには: pip install distributed") from None
    if not re.fullmatch(r"((tcp|tls)://)?[^/]+:\d+", address):  # of which Dask says no clear word
        raise WorkerError(
            f"Dask のスケジューラー {address} につながりません（tcp://ホスト:ポート の形で指定してください）"
        )
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise WorkerError(f"Dask のスケジューラー {address} につながりません（{type(error).__name__}）") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise WorkerError(
                f"Dask のスケジューラー {address} にワーカーがいません（dask worker {address} で加えます）"
            )
        # Not pure: two students may hand in the same bytes, and each is graded.
        yield client.get_executor(pure=False), threads
