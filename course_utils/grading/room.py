"""The room in which a student's notebook runs: a process inside the sandbox that holds nothing worth stealing.

``python -m course_utils.grading.room FD`` is the keeper. It imports what the chapter needs, once, and then forks a
warm process for each submission, hands the grader a socket to it, watches over what it starts, and clears up after
it. Inside bubblewrap the keeper is process 1: nothing in there can stop it, and nothing outlives it.

The forked process (:class:`Room`) has an IPython shell. It runs cells and calls functions when it is told to. It
never sees a test cell, an expected value or a score.
"""

import builtins
import contextlib
import ctypes
import gc
import io
import os
import resource
import select
import shutil
import signal
import socket
import sys
import time
import traceback
import warnings
from pathlib import Path

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from . import values, wire

# What a submission may have beside its processor time and memory, which the grader sets.
PROCESSES = 64
FILE_BYTES = 100_000_000
OUTPUT_CHARACTERS = 200_000
_CUT = "\n（出力が長いので、ここで切りました）\n"
_LINUX = sys.platform == "linux"


class Outputs:
    """What one cell shows, as nbformat stores it; too much of it is cut."""

    def __init__(self):
        self.clear()

    def clear(self, *_, **__) -> None:
        self.kept: list[dict] = []
        self.left = OUTPUT_CHARACTERS

    def add(self, output: dict, size: int) -> None:
        if self.left > 0:
            self.left -= size + 100  # an empty one is not free
            if self.left > 0:
                self.kept.append(output)
            else:
                self.kept.append({"output_type": "stream", "name": "stdout", "text": _CUT})

    def stream(self, name: str, text: str) -> None:
        if self.left <= 0:
            return
        last = self.kept[-1] if self.kept else {}
        if last.get("name") == name:
            last["text"] += text[: self.left]
        else:
            self.kept.append({"output_type": "stream", "name": name, "text": text[: self.left]})
        self.left -= len(text)
        if self.left <= 0:
            self.kept[-1]["text"] += _CUT


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a student's code."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str):
        self.outputs, self.name = outputs, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.outputs.stream(self.name, text)
        return len(text)


class ShowResult(DisplayHook):
    """The value of a cell's last expression becomes an output."""

    outputs: Outputs

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        output = {
            "output_type": "execute_result",
            "data": _plain(format_dict),
            "metadata": {},
            "execution_count": self.prompt_count,
        }
        self.outputs.add(output, sum(map(len, output["data"].values())))

    def finish_displayhook(self):
        pass


class ShowDisplay(DisplayPublisher):
    """``display(...)`` becomes an output."""

    outputs: Outputs

    def publish(self, data, metadata=None, **_):
        data = _plain(data)
        self.outputs.add(
            {"output_type": "display_data", "data": data, "metadata": {}}, sum(len(text) for text in data.values())
        )

    def clear_output(self, wait=False):
        self.outputs.clear()


def _plain(data: dict) -> dict[str, str]:
    return {str(mime): text for mime, text in data.items() if isinstance(text, str)}


class Shell(InteractiveShell):
    """IPython without a terminal, a history file, or drawings."""

    outputs: Outputs

    def init_history(self):
        from IPython.core.history import HistoryManager

        # Not a thread and a database that every fork would share.
        self.history_manager = HistoryManager(shell=self, parent=self, enabled=False, hist_file=":memory:")

    def enable_matplotlib(self, gui=None):
        """``%matplotlib inline`` and the like: nothing is drawn while grading."""
        return "agg", "template"

    def enable_gui(self, gui=None):
        pass

    def ask_exit(self):
        raise SystemExit("exit() は採点では使えません")

    def _showtraceback(self, etype, evalue, stb):
        output = {
            "output_type": "error",
            "ename": _text(getattr(etype, "__name__", "Error")),
            "evalue": _text(evalue),
            "traceback": [_text(line) for line in stb],
        }
        self.outputs.add(output, sum(map(len, output["traceback"])))


def _text(value, limit: int = 2_000) -> str:
    """``str(value)``, cut; a value that cannot be shown has no text."""
    try:
        return str(value)[:limit]
    except BaseException:
        return ""


class Room:
    """Answers the grader's messages: run a cell, look at a name, call a function."""

    def __init__(self, shell: Shell, sock: socket.socket):
        self.shell, self.sock = shell, sock
        self.outputs = shell.outputs

    def serve(self) -> None:
        mine = os.getpid()
        while True:
            try:
                message = wire.receive(self.sock)
            except wire.ClosedError:
                return
            answer = getattr(self, f"do_{message['do']}")(message)
            if os.getpid() != mine:  # a fork that the student's cell made must not answer too
                return
            wire.send(self.sock, {"id": message["id"]} | answer)

    def do_files(self, message: dict) -> dict:
        """Put the other files of the submission into the working folder."""
        for path, data in message["files"]:
            with contextlib.suppress(OSError):
                target = Path.cwd() / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(values.decode(data).tobytes())
        return {}

    def do_run(self, message: dict) -> dict:
        """Run a cell as Jupyter does."""
        self.outputs.clear()
        with self._captured():
            result = self.shell.run_cell(message["source"], store_history=True)
        error = result.error_before_exec or result.error_in_exec
        return {"outputs": self.outputs.kept, "missing": _missing(error)}

    def do_look(self, message: dict) -> dict:
        """What a name stands for: nothing, something to call, or a value."""
        space = self.shell.user_ns
        if message["name"] not in space:
            return {"is": "missing"}
        found = space[message["name"]]
        if callable(found):
            return {"is": "callable"}
        with self._captured():
            return {"is": "value"} | self._encoded(lambda: found)

    def do_call(self, message: dict) -> dict:
        """Call the student's function; the result goes back by value."""
        self.outputs.clear()
        function = self.shell.user_ns.get(message["name"])
        args = [values.decode(one, generators=True) for one in message["args"]]
        with self._captured(), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            answer = self._encoded(lambda: function(*args))
        texts = [output["text"] for output in self.outputs.kept if output["output_type"] == "stream"]
        answer["said"] = "".join(texts)[:2_000]
        answer["warned"] = list(dict.fromkeys((w.category.__name__, _text(w.message)) for w in warned))[:5]
        return answer

    def _encoded(self, make) -> dict:
        """The value, or how making or reading it failed."""
        try:
            return {"value": values.encode(make())}
        except values.ExchangeError as error:
            return {"unreadable": str(error)}
        except BaseException as error:  # KeyboardInterrupt and SystemExit of the student's are only errors here
            known = vars(builtins)
            kinds = [kind.__name__ for kind in type(error).__mro__ if known.get(kind.__name__) is kind]
            return {
                "raised": kinds,
                "kind": type(error).__name__,
                "text": _text(error),
                "line": _own_line(error),
                "missing": _missing(error),
            }

    @contextlib.contextmanager
    def _captured(self):
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = Stream(self.outputs, "stdout"), Stream(self.outputs, "stderr")
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


def _missing(error: BaseException | None) -> str:
    """The name that a NameError missed; of any other error, none."""
    return _text(getattr(error, "name", "")) if isinstance(error, NameError) else ""


def _own_line(error: BaseException) -> str:
    """The student's line that was running, as the card shows it."""
    with contextlib.suppress(Exception):
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if "ipython-input" in frame.filename or frame.filename.startswith(os.getcwd()):
                return f"{frame.lineno} 行目: {frame.line.strip()}"[:300] if frame.line else ""
    return ""


class Keeper:
    """Forks a room for each submission, watches it, and clears up after it."""

    def __init__(self, control: socket.socket, shell: Shell):
        self.control, self.shell = control, shell
        self.room = 0
        self.memory = 0

    def serve(self) -> None:
        poller = select.poll()
        poller.register(self.control, select.POLLIN)
        while True:
            if not poller.poll(100):
                self._watch()
                continue
            try:
                message = wire.receive(self.control)
            except wire.ClosedError:
                break
            if message["do"] == "open":
                self._open(message)
            elif self.clear():
                wire.send(self.control, {})
            else:
                break  # the grader starts a new keeper, in a new sandbox
        self.clear()

    def _open(self, message: dict) -> None:
        """Fork a room and send the grader the socket to it."""
        ours, theirs = socket.socketpair()
        self.memory = message["memory"]
        self.room = os.fork()
        if not self.room:
            # Whatever happens in there, only the room itself may go on from here.
            try:
                self.control.close()
                ours.close()
                _confine(message)
                Room(self.shell, theirs).serve()
            finally:
                os._exit(0)
        theirs.close()
        socket.send_fds(self.control, [b"!"], [ours.fileno()])
        ours.close()

    def _watch(self) -> None:
        """Too many processes or too much memory over all of them: everything goes."""
        self._reap()
        others = self._others()
        if len(others) > PROCESSES or sum(map(_resident, others)) > 1.5 * self.memory:
            self.clear()

    def clear(self) -> bool:
        """Kill all that the submission started and empty all that it could write to. Whether nothing is left."""
        for _ in range(200):
            others = self._others()
            if not others:
                break
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getpid() == 1:
                    os.kill(-1, signal.SIGKILL)  # all at once: a fork bomb cannot outrun it
                else:
                    for pid in others:
                        os.kill(pid, signal.SIGKILL)
            self._reap()
            time.sleep(0.002)
        self.room = 0
        places = [Path.cwd(), *((Path("/tmp"), Path("/dev/shm")) if os.getpid() == 1 else ())]
        for path in [path for place in places for path in place.iterdir()]:
            with contextlib.suppress(OSError):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        return not self._others() and not any(any(place.iterdir()) for place in places) and not _shared_memory()

    def _others(self) -> list[int]:
        """The processes of the submission that are still there."""
        if not _LINUX:
            return [self.room] if self.room else []
        parents = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    status = Path("/proc", entry, "stat").read_text(errors="replace").rpartition(")")[2].split()
                    if status[0] != "Z":
                        parents[int(entry)] = int(status[1])
        mine = os.getpid()
        if mine == 1:
            return [pid for pid in parents if pid != 1]
        family, grown = {mine}, True
        while grown:  # without a sandbox: our descendants, orphans included, because we are their reaper
            found = {pid for pid, parent in parents.items() if parent in family} - family
            family |= found
            grown = bool(found)
        return sorted(family - {mine})

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _resident(pid: int) -> int:
    """The memory of a process in bytes, 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0


def _shared_memory() -> bool:
    """Whether System V memory, queues or semaphores are left, which outlive their processes."""
    tables = [Path("/proc/sysvipc", kind) for kind in ("shm", "msg", "sem")]
    return os.getpid() == 1 and any(len(path.read_text().splitlines()) > 1 for path in tables if path.exists())


def _confine(message: dict) -> None:
    """The limits of a room: what is beyond them fails in there, and costs nobody else anything."""
    os.setsid()
    devnull = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(devnull, fd)
    limits = {
        "RLIMIT_AS": message["memory"],
        "RLIMIT_CPU": message["cpu"],
        "RLIMIT_NPROC": PROCESSES,
        "RLIMIT_FSIZE": FILE_BYTES,
        "RLIMIT_CORE": 0,
    }
    for name, value in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS has no RLIMIT_AS
            _, highest = resource.getrlimit(getattr(resource, name))
            value = value if highest == resource.RLIM_INFINITY else min(value, highest)
            resource.setrlimit(getattr(resource, name), (value, value))
    with contextlib.suppress(OSError):
        os.nice(5)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path.insert(0, "")  # as in Jupyter: modules beside the notebook
    import numpy

    # A fork copies the state of NumPy's global generator: no two submissions may share it.
    numpy.random.set_state(numpy.random.RandomState().get_state())  # noqa: NPY002


def _shell() -> Shell:
    outputs = Outputs()
    ShowResult.outputs = ShowDisplay.outputs = Shell.outputs = outputs
    return Shell.instance(displayhook_class=ShowResult, display_pub_class=ShowDisplay, colors="nocolor")


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _LINUX:
        libc = ctypes.CDLL(None)
        libc.prctl(4, 0)  # PR_SET_DUMPABLE: no other process may read or trace the keeper
        libc.prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans come to us
    imports = wire.receive(control)["imports"]
    shell = _shell()
    with contextlib.redirect_stdout(io.StringIO()):
        exec(imports, {"__name__": "__main__"})
    # What is there now is shared by all forks: the collector need not touch (and so copy) it.
    gc.collect()
    gc.freeze()
    keeper = Keeper(control, shell)
    keeper.clear()  # what the imports left behind: the first submission finds the same as every other
    wire.send(control, {"ready": True})
    keeper.serve()


if __name__ == "__main__":
    main()
