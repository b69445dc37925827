"""The grader's door to a student's code: a sandboxed process that runs cells and answers calls, within limits.

Linux with bubblewrap: no network, the system and the Python environment read-only, /tmp and the working folder
private, and nothing else to be seen: no submissions, no gradebook, no ``solutions/``. Everywhere: limits on memory,
processor time, processes, file sizes and output.
"""

import contextlib
import os
import shutil
import site
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import values, wire

WORK = "/student"
# What a student's code may write to; each is a small file system of its own.
_PRIVATE = ("/tmp", "/dev/shm", WORK)
_LAST_RESORT = (
    "信用できる提出物だけなら --no-sandbox を付けて実行してください（nbgrader autograde では --Isolated.sandbox=False）"
)


class SandboxError(Exception):
    """No sandbox can be made here; the message says what to do."""


class Gone(BaseException):
    """The student's process ended, hung or spoke nonsense; the message says which, in Japanese.

    Not an ``Exception``: ``check`` would take it for an error of the answer.
    """


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Args:
        cell_seconds: wall time of one cell, and of all calls of one test cell together.
        total_seconds: wall time of the whole submission.
        memory: bytes of address space. tmp: bytes of files.
    """

    cell_seconds: float = 60.0
    total_seconds: float = 300.0
    memory: int = 3_000_000_000
    tmp: int = 200_000_000


def available() -> bool:
    """Whether bubblewrap can make a sandbox here."""
    try:
        _require()
    except SandboxError:
        return False
    return True


def _require() -> str:
    path = shutil.which("bwrap")
    if not path:
        raise SandboxError(
            "bubblewrap（bwrap）がないので、学生のコードを隔離できません。"
            f"入れるか（Debian・Ubuntu: sudo apt install bubblewrap）、{_LAST_RESORT}"
        )
    trial = subprocess.run(
        [path, *_namespaces(), "--ro-bind", "/", "/", "true"], capture_output=True, text=True, errors="replace"
    )
    if trial.returncode:
        why = (trial.stderr.strip().splitlines() or ["理由は不明です"])[-1]
        raise SandboxError(f"bubblewrap が動きません（{why}）。ユーザー名前空間を使えるようにするか、{_LAST_RESORT}")
    return path


def _namespaces() -> list[str]:
    return [
        "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL",
        "--disable-userns", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "room",
    ]  # fmt: skip


def _visible() -> list[Path]:
    """What a student's code may read: the system, Python, and this package; nothing beside them."""
    package = Path(__file__).resolve().parents[1]
    python = [Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_path("stdlib"))]
    python += [Path(sys.executable).resolve().parent, *map(Path, site.getsitepackages())]
    system = [
        Path("/usr"),
        Path("/lib"),
        Path("/lib64"),
        Path("/bin"),
        Path("/etc/ld.so.cache"),
        Path("/etc/alternatives"),
    ]
    return [path for path in dict.fromkeys([*system, *python, package]) if path.exists()]


def _bubblewrap(limits: Limits) -> list[str]:
    command = [_require(), *_namespaces(), "--as-pid-1"]
    # The root and /dev are small file systems of their own: what could be written there would be memory without limit.
    for path in _visible():
        if path.is_symlink() and path.parent == Path("/"):
            command += ["--symlink", os.readlink(path), str(path)]
        else:
            command += ["--ro-bind", str(path), str(_seen_at(path))]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for place in _PRIVATE:
        command += ["--size", str(limits.tmp), "--tmpfs", place]
    # /proc too: run by root, a sandbox's user is root to the files of /proc/sys, and core_pattern would be a way out.
    for place in ("/proc", "/dev", "/"):
        command += ["--remount-ro", place]
    return [*command, "--chdir", WORK]


def _seen_at(path: Path) -> Path:
    """Where the sandbox shows a path: in its place, but for a course that itself lies below a private folder."""
    hidden = any(path.is_relative_to(place) for place in _PRIVATE)
    return Path("/outside", *path.parts[1:]) if hidden else path


def _environment(home: str, python: Path, package: Path) -> dict[str, str]:
    """All that a student's code finds in ``os.environ``."""
    # Installed in the environment, it is found there; from a checkout only this one folder is seen.
    checkout = {} if "site-packages" in str(package) else {"PYTHONPATH": str(package)}
    return checkout | {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MPLBACKEND": "template",  # draws nothing
        "MPLCONFIGDIR": "/tmp",
        "IPYTHONDIR": "/tmp/ipython",
        "NBGRADER_EXECUTION": "autograde",
    }


class Sandbox:
    """Where students' code runs, one submission after the other. Use as a context manager.

    Args:
        imports: the chapter's first code cell, run once so that what it imports is there at once.
        isolated: with bubblewrap; ``False`` leaves the limits, but no walls.

    Raises:
        SandboxError: if ``isolated`` and bubblewrap cannot be used.
    """

    def __init__(self, imports: str, limits: Limits | None = None, *, isolated: bool = True):
        self.imports, self.limits, self.isolated = imports, limits or Limits(), isolated
        if sys.platform == "win32":
            raise SandboxError("Windows では採点できません。WSL か Linux で実行してください")
        self._prefix = _bubblewrap(self.limits) if isolated else []
        self._keeper: subprocess.Popen | None = None
        self._folder: tempfile.TemporaryDirectory | None = None
        self._room: socket.socket | None = None
        self._number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """End the keeper and all that lives in the sandbox."""
        self.leave()
        if self._keeper:
            self._control.close()
            self._keeper.kill()
            self._keeper.wait()
            self._keeper = None
        if self._folder:
            self._folder.cleanup()
            self._folder = None

    def _start(self) -> None:
        """Start the keeper and wait until it has imported everything."""
        self._control, theirs = socket.socketpair()
        home = WORK
        if not self.isolated:
            self._folder = tempfile.TemporaryDirectory()
            home = self._folder.name
        python, package = Path(sys.executable), Path(__file__).resolve().parents[2]
        if self.isolated:
            python, package = _seen_at(python), _seen_at(package)
        environment = _environment(home, python, package)
        given = [word for pair in environment.items() for word in ("--setenv", *pair)] if self.isolated else []
        command = [str(python), "-P", "-m", "course_utils.grading.room", str(theirs.fileno())]
        with tempfile.TemporaryFile() as said:
            self._keeper = subprocess.Popen(
                [*self._prefix, *given, *command],
                env=environment,
                cwd=None if self.isolated else home,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            theirs.close()
            try:
                wire.send(self._control, {"imports": self.imports})
                wire.receive(self._control, time.monotonic() + 120)
            except (wire.ClosedError, wire.LateError, wire.GarbledError):
                said.seek(0)
                last = (said.read().decode(errors="replace").strip().splitlines() or ["理由は不明です"])[-1]
                self.close()
                raise SandboxError(f"学生のコードを動かすプロセスを始められません（{last}）") from None

    def open(self, files: dict[str, bytes] | None = None) -> None:
        """A fresh process for a submission, with its ``files`` in the working folder.

        Raises:
            SandboxError: if the keeper cannot be started.
        """
        self.leave()
        if self._keeper and self._keeper.poll() is not None:
            self.close()
        if not self._keeper:
            self._start()
        limits = self.limits
        message = {"do": "open", "memory": limits.memory, "cpu": int(limits.total_seconds) + 1}
        try:
            wire.send(self._control, message)
            self._control.settimeout(30)
            _, fds, _, _ = socket.recv_fds(self._control, 1, 1)
            self._room = socket.socket(fileno=fds[0])
        except (wire.ClosedError, OSError, IndexError):
            self.close()
            raise SandboxError("学生のコードを動かすプロセスが終わってしまいました") from None
        if files:
            # To the room and not through the keeper, whose memory every room inherits.
            sent = [[path, values.encode(np.frombuffer(data, dtype=np.uint8))] for path, data in files.items()]
            self._ask({"do": "files", "files": sent}, 30)

    @property
    def is_open(self) -> bool:
        """Whether there is a process to talk to."""
        return self._room is not None

    def leave(self) -> None:
        """End the submission's processes and clear away its files."""
        if self._room:
            self._room.close()
            self._room = None
            with contextlib.suppress(wire.ClosedError, wire.LateError, wire.GarbledError):
                wire.send(self._control, {"do": "clear"})
                wire.receive(self._control, time.monotonic() + 30)
                return
            self.close()

    def run(self, source: str, seconds: float) -> dict:
        """Run a cell: its outputs as nbformat stores them, and the name a NameError missed."""
        return self._ask({"do": "run", "source": source}, seconds)

    def look(self, name: str, seconds: float) -> dict:
        """What ``name`` stands for there."""
        return self._ask({"do": "look", "name": name}, seconds)

    def call(self, name: str, args: list, seconds: float) -> dict:
        """Call a function there; see :meth:`.room.Room.do_call` for the answer."""
        return self._ask({"do": "call", "name": name, "args": [values.encode(one) for one in args]}, seconds)

    def _ask(self, message: dict, seconds: float) -> dict:
        """Send and wait for the answer.

        Raises:
            Gone: if there is none; the process is then no more.
        """
        if not self._room:
            raise Gone("実行するプロセスがありません")
        self._number += 1
        # Not to be guessed: an answer must belong to this question.
        number = f"{self._number}-{os.urandom(8).hex()}"
        deadline = time.monotonic() + max(seconds, 0.01)
        try:
            self._room.settimeout(max(seconds, 0.01))
            wire.send(self._room, message | {"id": number})
            answer = wire.receive(self._room, deadline)
        except wire.LateError:
            reason = f"時間切れです（{self.limits.cell_seconds:g} 秒を超えました）"
        except wire.ClosedError:
            reason = "実行中にプロセスが終わりました（強制終了、メモリ不足など）"
        except wire.GarbledError:
            reason = "実行結果を読み取れません"
        else:
            if answer.get("id") == number:
                return answer
            reason = "実行結果を読み取れません"
        self.leave()
        raise Gone(reason)
