"""The corpus through the grader: nothing unearned, nothing earned lost, nothing outside the sandbox within reach."""

import base64
import contextlib
import dataclasses
import itertools
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path

import corpus
import nbformat
import psutil
import pytest
import sources
from corpus import CHAPTER, FULL, HOSTILE, ODD, PERFECT, SLEEP, TRACE, UNREADABLE, Entry
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell
from students import submission

from course_utils import plots
from course_utils.grading import sandbox
from course_utils.grading.key import Key
from course_utils.grading.mend import SubmissionError
from course_utils.grading.results import Result
from course_utils.grading.sandbox import Limits, _seen_at
from course_utils.grading.submission import Grader

AVAILABLE = sandbox.available()
if not AVAILABLE:
    warnings.warn(
        "no bubblewrap here: hostile submissions are NOT tested, nothing is known of the sandbox", stacklevel=1
    )
NEEDS_BWRAP = pytest.mark.skipif(not AVAILABLE, reason="hostile code runs only in the sandbox; install bubblewrap")

LIMITS = Limits(cell_seconds=5, total_seconds=30, memory=1_500_000_000, tmp=20_000_000)
# So that a test of an endless loop is no endless test.
IMPATIENT = dataclasses.replace(LIMITS, cell_seconds=1)
HONEST = corpus.dumps(submission(CHAPTER, PERFECT))
# One in so many hostile submissions is followed by an honest one.
OFTEN = 6


class Desk:
    """One grader for each chapter, which grades whatever comes, one after the other."""

    def __init__(self):
        self.graders = {}
        self.count = itertools.count(1)

    def grade(self, notebook: bytes, files=None, chapter: str = CHAPTER, limits: Limits = LIMITS) -> Result:
        if (chapter, limits) not in self.graders:
            self.graders[chapter, limits] = Grader(Key.load(sources.ROOT, chapter), limits=limits)
        return self.graders[chapter, limits].grade("学生", notebook, files or {})

    def close(self):
        for grader in self.graders.values():
            grader.close()


@pytest.fixture(scope="module")
def desk():
    one = Desk()
    yield one
    one.close()


WALLS = """
def look(target):
    import os
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    return len(seen) < 5 and os.getppid() in (0, 1) and not any(map(os.path.exists, target))
"""


@pytest.fixture(scope="module")
def walls(desk):
    """Nothing hostile runs before a harmless notebook has found itself alone and shut in."""
    here = [str(sources.ROOT / "README.md"), str(Path.home() / ".bashrc"), __file__]
    assert Path(__file__).exists() and not outside(WALLS, here)
    if inside(desk, WALLS, here) is not True:
        pytest.exit("the sandbox has no walls: hostile submissions would run free on this machine", returncode=1)


def points(result: Result) -> dict[str, float]:
    return {mark.cell.removeprefix("test-"): mark.points for mark in result.marks}


def says(result: Result, exercise: str) -> str:
    return next(mark.message for mark in result.marks if mark.cell == f"test-{exercise}")


def assert_sound(result: Result) -> None:
    """What holds for every result: it can be stored, read and shown."""
    size = len(result.dumps().encode())
    assert size < 20_000_000  # two submissions have 5 MB of text of their own
    assert Result.loads(result.dumps()) == result
    nbformat.validate(nbformat.reads(result.notebook, as_version=4))
    for mark in result.marks:
        assert 0 <= mark.points <= mark.max_points == 2
        assert mark.message, mark
        assert len(mark.message) < 5_000


def assert_earned(result: Result, entry: Entry) -> None:
    assert_sound(result)
    earned = points(result)
    assert {number: earned[number] for number in entry.points} == entry.points, [
        (m.cell, m.points, m.message[:200]) for m in result.marks
    ] + [*result.remarks]


# What is right stays right


@NEEDS_BWRAP
@pytest.mark.parametrize("entry", ODD, ids=lambda e: e.name)
def test_odd_but_right(desk, entry):
    assert_earned(desk.grade(entry.build(), entry.files, entry.chapter), entry)


class Plain(InteractiveShell):
    """A notebook in one process, as learners run it."""

    def init_history(self):
        self.history_manager = HistoryManager(shell=self, parent=self, enabled=False, hist_file=":memory:")

    def enable_matplotlib(self, gui=None):
        return "agg", "template"


@pytest.mark.parametrize("entry", [e for e in ODD if e.plain], ids=lambda e: e.name)
def test_odd_is_right_in_plain_jupyter(entry, tmp_path, monkeypatch, capsys):
    for path, content in entry.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(plots, "to_png", lambda fig: b"")
    hidden = {sources.nbgrader(c).get("grade_id"): c.source for c in sources.source(entry.chapter).cells}
    # Of chapter 1 the student may use all that stands in the text; elsewhere the imports are enough.
    told = [c.source for c in sources.release(entry.chapter).cells if c.cell_type == "code" and not sources.nbgrader(c)]
    story = told[1:] if entry.chapter != CHAPTER else []
    shell, earned = Plain(), {}
    with preserved():
        for cell in nbformat.reads(entry.build().decode(), as_version=4).cells:
            grade_id = sources.nbgrader(cell).get("grade_id", "")
            is_test = grade_id.startswith("test-")
            if cell.cell_type == "code" and "widgets.explore" not in cell.source and cell.source not in story:
                result = shell.run_cell(hidden[grade_id] if is_test else cell.source, store_history=True).result
                if is_test:
                    earned[grade_id.removeprefix("test-")] = float(repr(result))
    assert {number: earned[number] for number in entry.points} == entry.points


@contextlib.contextmanager
def preserved():
    """What a notebook may change in this process is put back."""
    import decimal
    import sys

    import numpy as np

    main, modules, options = sys.modules["__main__"], set(sys.modules), np.get_printoptions()
    with warnings.catch_warnings(), decimal.localcontext():
        try:
            yield
        finally:
            sys.modules["__main__"] = main
            for name in ("mine", "package", "package.distance"):
                if name not in modules:
                    sys.modules.pop(name, None)
            np.set_printoptions(**options)


# What is wrong stays wrong


@NEEDS_BWRAP
@pytest.mark.parametrize("entry", HOSTILE, ids=lambda e: e.name)
def test_hostile_or_broken(desk, walls, entry):
    try:
        limits = IMPATIENT if entry.endless else LIMITS
        assert_earned(desk.grade(entry.build(), entry.files, entry.chapter, limits), entry)
        assert not TRACE.exists()
    finally:
        TRACE.unlink(missing_ok=True)
    if next(desk.count) % OFTEN == 0:
        assert points(desk.grade(HONEST)) == FULL


@NEEDS_BWRAP
def test_honest_after_all(desk):
    assert points(desk.grade(HONEST)) == FULL


@NEEDS_BWRAP
def test_the_grader_stays_small_after_all():
    # Whatever was sent, it was not unfolded here: the largest messages would be gigabytes of objects.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < 1_000_000_000


@NEEDS_BWRAP
@pytest.mark.parametrize("entry", UNREADABLE, ids=lambda e: e.name)
def test_unreadable(desk, entry):
    with pytest.raises(SubmissionError) as caught:
        desk.grade(entry.build())
    assert entry.says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert points(desk.grade(HONEST)) == FULL


# Out of reach

# Every probe is the text of a function ``look(target)`` that returns what it got hold of. In the sandbox it reports by
# the message of an error; outside, in this process, the same text shows that it would find what is there.
FILES = """
def look(target):
    import os
    got = []
    for path in target:
        try:
            with open(path, "rb") as file:
                got.append(["read", path, len(file.read())])
        except OSError:
            pass
        try:
            got.append(["list", path, len(os.listdir(path))])
        except OSError:
            pass
    return got
"""
WRITE = """
def look(target):
    import os
    got = []
    for path in target:
        try:
            open(os.path.join(path, "corpus-new") if os.path.isdir(path) else path, "ab").close()
            got.append(path)
        except OSError:
            pass
    return got
"""
DESTROY = """
def look(target):
    import os, sqlite3
    got = []
    for path in target:
        for does in (
            lambda: open(path, "ab").close(),
            lambda: os.truncate(path, 0),
            lambda: os.mkdir(path + "-new"),
            lambda: os.rename(path, path + "-old"),
            lambda: os.chmod(path, 0o777),
            lambda: os.remove(path),
            lambda: os.symlink("/", os.path.join(path, "link")),
        ):
            try:
                does()
                got.append(path)
            except OSError:
                pass
        try:
            with sqlite3.connect(path) as database:
                database.execute("update grade set score = 100")
                got.append(path)
        except sqlite3.Error:
            pass
    return got
"""
WALK = """
def look(target):
    import os
    got = []
    for top, folders, names in os.walk("/"):
        if top == "/":
            folders[:] = [f for f in folders if f not in ("proc", "sys", "usr", "bin", "lib", "lib64")]
        folders[:] = [f for f in folders if os.path.join(top, f) not in target]
        for name in names:
            path = os.path.join(top, name)
            if name.endswith((".ipynb", ".db", ".csv", ".git")) or name in (".bash_history", "id_rsa", ".netrc"):
                got.append(path)
    return got
"""
NETWORK = """
def look(target):
    import socket
    got = []
    for family, address in target:
        try:
            with socket.socket(getattr(socket, family), socket.SOCK_STREAM) as one:
                one.settimeout(0.5)
                one.connect(tuple(address) if isinstance(address, list) else address)
                got.append([family, address])
        except OSError:
            pass
    try:
        got.append(["DNS", socket.getaddrinfo("localhost.example.org", 80)])
    except OSError:
        pass
    return got + [name for _, name in socket.if_nameindex() if name != "lo"]
"""
# A word comes as its first letter and the rest, so that no question holds what it asks for.
MEMORY = """
def look(target):
    found = []
    with open("/proc/self/maps") as maps:
        areas = [line.split() for line in maps]
    with open("/proc/self/mem", "rb", 0) as memory:
        for area in areas:
            start, end = (int(edge, 16) for edge in area[0].split("-"))
            if not area[1].startswith("rw") or end - start > 1 << 28:
                continue
            try:
                memory.seek(start)
                piece = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            for first, rest in target:
                at = piece.find(rest.encode())
                while at >= 0:
                    if piece[at - 1 : at] == first.encode():
                        found.append(first + " " + rest)
                        break
                    at = piece.find(rest.encode(), at + 1)
    return sorted(set(found))
"""
OTHERS = """
def look(target):
    import os
    got = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        if int(name) == os.getpid():
            continue
        for what in ("environ", "mem", "maps", "root", "cwd", "fd", "stack", "cmdline"):
            path = f"/proc/{name}/{what}"
            try:
                if what in ("root", "cwd"):
                    text = repr(os.listdir(path)).encode()
                elif what == "fd":
                    text = repr([os.readlink(f"{path}/{fd}") for fd in os.listdir(path)]).encode()
                else:
                    with open(path, "rb", 0) as file:
                        text = file.read(100_000)
                got += [[path, word] for word in target if word.encode() in text]
            except OSError:
                pass
    return got
"""
POWERS = """
def look(target):
    import ctypes, os, resource
    libc = ctypes.CDLL(None, use_errno=True)
    status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
    got = [f"{name} {status[name]}" for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb") if int(status[name], 16)]
    if status["NoNewPrivs"] != "1":
        got.append("NoNewPrivs")
    if os.getuid() == 0 or os.geteuid() == 0:
        got.append("root")
    calls = {
        "unshare user": lambda: libc.unshare(0x10000000),
        "unshare net": lambda: libc.unshare(0x40000000),
        "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
        "chroot": lambda: libc.chroot(b"/tmp"),
        "ptrace 1": lambda: libc.ptrace(16, 1, None, None),
        "setuid": lambda: libc.setuid(0),
        "sethostname": lambda: libc.sethostname(b"x", 1),
        "nice": lambda: libc.setpriority(0, 0, -10),
    }
    got += [name for name, call in calls.items() if call() == 0]
    paths = ["/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/kvm", "/dev/fuse", "/dev/console", "/sys"]
    # Opening changes nothing; writing to some of these is power over the whole machine.
    for top, folders, names in os.walk("/proc"):
        folders[:] = [name for name in folders if not name.isdigit()]
        paths += [os.path.join(top, name) for name in names]
    for path in paths:
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            got.append(path)
        except OSError:
            pass
    got = got[:9]
    for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_NPROC"):
        if resource.getrlimit(getattr(resource, name))[1] == resource.RLIM_INFINITY:
            got.append(name)
    return got
"""
ROOM = """
def look(target):
    import os
    written = 0
    for folder in ("/", "/tmp", "/dev/shm", "/dev", "/var/tmp", "/run", "/home", "/proc", "/etc", os.getcwd(), *target):
        try:
            for k in range(100):
                with open(os.path.join(folder, f"big{k}"), "wb", buffering=0) as file:
                    for _ in range(100):
                        written += file.write(bytes(1_000_000))
                if written > 1_000_000_000:
                    return written
        except OSError:
            pass
    return written
"""


def outside(text: str, target):
    """What a probe finds in this process, where nothing holds it back. Only for probes that read."""
    space: dict = {}
    exec(text, space)
    return space["look"](target)


def notebook_with(text: str, target, before: str = "") -> bytes:
    """A notebook whose answer to 1-2 tells what the probe found."""
    body = f"""
import functools, json
@functools.cache
def once():
    return "<<" + json.dumps(look({target!r})) + ">>"
def smoothed_pmf(counts, alpha):
    raise RuntimeError(once())
"""
    return corpus.dumps(submission(CHAPTER, PERFECT | {"1-2": before + text + body}))


def inside(desk: Desk, text: str, target, *, files=None):
    """What a probe finds in the sandbox."""
    result = desk.grade(notebook_with(text, target), files)
    assert points(result) == FULL | {"1-2": 0.0}
    told = says(result, "1-2")
    assert "<<" in told and ">>" in told, told
    return json.loads(told[told.index("<<") + 2 : told.rindex(">>")])


@pytest.fixture
def class_folder(tmp_path) -> Path:
    """A course as a lecturer has it, with other students' work."""
    root = tmp_path / "講座"
    for name in (
        f"submitted/青木/{CHAPTER}/{CHAPTER}.ipynb",
        f"autograded/青木/{CHAPTER}/{CHAPTER}.ipynb",
        "gradebook.db",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(HONEST)
    shutil.copytree(sources.ROOT / "solutions" / CHAPTER, root / "solutions" / CHAPTER)
    return root


def secrets(root: Path) -> list[str]:
    """Paths that no student may read or write."""
    repository = [
        sources.ROOT / name for name in ("solutions", "notebooks", "tests", ".git", "nbgrader_config.py", "README.md")
    ]
    solution = sources.ROOT / "solutions" / CHAPTER / f"{CHAPTER}.ipynb"
    found = [
        root,
        *root.rglob("*"),
        *repository,
        solution,
        Path.home() / ".bashrc",
        Path("/etc/passwd"),
        Path("/etc/shadow"),
    ]
    return [str(path) for path in found if path.exists()]


@NEEDS_BWRAP
def test_files_are_out_of_reach(desk, class_folder):
    paths = [path for _, path, _ in outside(FILES, secrets(class_folder))]
    assert len(paths) > 10
    # What the student handed in is there: the probe can read.
    assert inside(desk, FILES, [*paths, "own.txt"], files={"own.txt": b"mine"}) == [["read", "own.txt", 4]]


@NEEDS_BWRAP
def test_files_cannot_be_changed(desk, walls, class_folder):
    def state():
        return {
            path: (path.stat().st_mode, path.is_file() and path.read_bytes())
            for path in sorted(class_folder.rglob("*"))
        }

    before = state()
    assert inside(desk, DESTROY, [str(path) for path in before]) == []
    assert state() == before
    # What is not ours to lose is only opened for writing, or asked for a new file.
    folders = [
        sources.ROOT,
        sources.ROOT / "course_utils",
        Path(sysconfig.get_path("purelib")),
        Path("/usr"),
        Path("/"),
    ]
    files = [
        sources.ROOT / "course_utils" / "exercises" / "core.py",
        Path(json.__file__),
        Path("/etc/hosts"),
        Path("/bin/sh"),
    ]
    assert inside(desk, WRITE, [*map(str, folders), *map(str, files)]) == []
    assert not any((folder / "corpus-new").exists() for folder in folders)
    assert inside(desk, WRITE, ["own.txt", "."], files={"own.txt": b"mine"}) == ["own.txt", "."]
    assert set(inside(desk, DESTROY, ["own.txt"], files={"own.txt": b"mine"})) == {"own.txt"}


@NEEDS_BWRAP
def test_nothing_of_the_course_is_to_be_seen(desk, class_folder):
    # Python's own folders are there, and hold what looks like somebody's notebooks.
    python = [str(_seen_at(Path(folder))) for folder in (sys.prefix, sys.base_prefix)]
    assert any("gradebook.db" in path for path in outside(WALK.replace('"/"', repr(str(class_folder))), []))
    assert inside(desk, WALK, python) == []


@NEEDS_BWRAP
def test_network_is_out_of_reach(desk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        named.bind("listening")
        abstract.bind(f"\0corpus-{os.getpid()}")
        named.listen()
        abstract.listen()
        addresses = [
            ["AF_INET", list(tcp.getsockname())],
            ["AF_UNIX", "listening"],
            ["AF_UNIX", f"\0corpus-{os.getpid()}"],
        ]
        assert all(one in outside(NETWORK, addresses) for one in addresses)
        addresses[1][1] = str(tmp_path / "listening")
        assert inside(desk, NETWORK, [*addresses, ["AF_INET", ["1.1.1.1", 53]]]) == []


def split(words: list[str]) -> list[list[str]]:
    return [[word[0], word[1:]] for word in words]


# They stand in the hidden tests and nowhere else.
HIDDEN = ["_relative_frequencies", "_additive(counts", "rows.count(row) / len(rows)", "_random_pmf", 'edge="n = 0"']


@NEEDS_BWRAP
def test_hidden_tests_are_not_in_memory(desk):
    key = Key.load(sources.ROOT, CHAPTER)
    assert all(any(word in cell.source for cell in key.tests) for word in HIDDEN)
    # The grader's own process knows them; the student's knows its own code.
    assert len(outside(MEMORY, split(HIDDEN))) == len(HIDDEN)
    own = "a text of its own"
    assert inside(desk, f"own = {own!r}\n" + MEMORY, split([*HIDDEN, own])) == ["a  text of its own"]


@NEEDS_BWRAP
def test_nothing_of_the_grader_in_other_processes(monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", "the-lecturers-password")
    desk = Desk()  # a new one, which inherits the secret if it inherits anything
    words = ["the-lecturers-password", str(sources.ROOT / "solutions"), "gradebook", "socket:", "pytest"]
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "pytest"])
    try:
        assert outside(OTHERS, words[3:])
        assert inside(desk, OTHERS, words) == []
        environment = "import os\ndef look(target):\n    return [k for k, v in os.environ.items() if target in v]\n"
        assert outside(environment, "the-lecturers-password") == ["COURSE_SECRET"]
        assert inside(desk, environment, "the-lecturers-password") == []
    finally:
        desk.close()
        other.kill()
        other.wait()


@NEEDS_BWRAP
def test_no_powers(desk):
    assert inside(desk, POWERS, None) == []


@NEEDS_BWRAP
def test_no_more_room_than_allowed(desk):
    written = inside(desk, ROOM, [])
    assert LIMITS.tmp / 2 < written <= 4 * LIMITS.tmp


@NEEDS_BWRAP
def test_detached_processes_are_gone(desk, walls):
    def left():
        return [p.pid for p in psutil.process_iter(["cmdline"]) if SLEEP in (p.info["cmdline"] or [])]

    sleeper = subprocess.Popen(["sleep", SLEEP])
    assert left() == [sleeper.pid]  # it would be seen
    sleeper.kill()
    sleeper.wait()
    entry = next(e for e in HOSTILE if e.name == "detached processes")
    assert_earned(desk.grade(entry.build()), entry)
    assert left() == []


# From one student to the next

LEAVE = """
import builtins, ctypes, os, sys
builtins.left = np.left = "LEFT"
sys.modules["left"] = sys
os.environ["LEFT"] = "LEFT"
for folder in (".", "/tmp", "/dev/shm", os.path.expanduser("~")):
    for name, mode in (("left", 0o000), ("mine.py", 0o000), ("package", 0o555), ("own.txt", 0o000)):
        try:
            os.makedirs(os.path.join(folder, name, "in", "side"))
            open(os.path.join(folder, name, "in", "LEFT"), "w").write("LEFT")
            os.chmod(os.path.join(folder, name, "in"), mode)
            os.chmod(os.path.join(folder, name), mode)
        except OSError:
            pass
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
memory = libc.shmget(4711, 4096, 0o1666)
address = libc.shmat(memory, None, 0)
if address not in (None, 2**64 - 1):
    ctypes.memmove(address, b"LEFT", 4)
"""
LEFT = """
def look(target):
    import builtins, ctypes, os, sys
    got = [name for name, there in {
        "builtins": hasattr(builtins, "left"), "numpy": hasattr(np, "left"), "modules": "left" in sys.modules,
        "environ": "LEFT" in os.environ}.items() if there]
    for folder in (".", "/tmp", "/dev/shm", os.path.expanduser("~")):
        got += [os.path.join(folder, name) for name in target if os.path.lexists(os.path.join(folder, name))]
    if ctypes.CDLL(None).shmget(4711, 4096, 0o666) != -1:
        got.append("shared memory")
    return got
"""


@NEEDS_BWRAP
def test_nothing_passes_from_one_student_to_the_next(desk):
    leaver = corpus.dumps(submission(CHAPTER, PERFECT | {"1-2": LEAVE + PERFECT["1-2"]}))
    assert points(desk.grade(leaver)) == FULL
    assert inside(desk, LEFT, ["left", "mine.py", "package", "own.txt"]) == []
    # Within one submission all of it is there.
    report = notebook_with(LEFT, ["left", "own.txt"], before=LEAVE)
    told = says(desk.grade(report), "1-2")
    assert all(word in told for word in ("builtins", "numpy", "modules", "environ", "left", "shared memory")), told


@NEEDS_BWRAP
def test_what_one_leaves_is_not_in_the_way_of_the_next(desk):
    helped = next(e for e in ODD if e.files)
    leaver = corpus.dumps(submission(CHAPTER, PERFECT | {"1-2": LEAVE + PERFECT["1-2"]}))
    assert points(desk.grade(leaver)) == FULL
    assert_earned(desk.grade(helped.build(), helped.files), helped)


@NEEDS_BWRAP
def test_earlier_submissions_are_not_in_memory(desk):
    marks = [f"{word}-of-an-earlier-student" for word in ("file", "source", "result")]
    content = (marks[0] + "!" * (-len(marks[0]) % 3)).encode() * 20_000
    # On its way a file may be written in base 64.
    words = [*marks, base64.b64encode(content).decode()[:40]]
    own = f"\nown = {marks[1]!r}\nprint({marks[2]!r})\n"
    earlier = corpus.dumps(submission(CHAPTER, PERFECT | {"1-2": PERFECT["1-2"] + own}))
    for _ in range(3):
        assert points(desk.grade(earlier, {"own.txt": content})) == FULL
    assert inside(desk, MEMORY, split(words)) == []


@NEEDS_BWRAP
def test_a_submission_is_graded_the_same_after_any_other(desk, walls):
    entry = next(e for e in ODD if e.name == "leans on the text of the chapter")
    alone = desk.grade(entry.build(), entry.files)
    for name in ("comparisons patched", "a busy thread", "many files", "numpy replaced", "kills whom it can"):
        desk.grade(next(e for e in HOSTILE if e.name == name).build())
        after = desk.grade(entry.build(), entry.files)
        assert after.notebook == alone.notebook and points(after) == points(alone)
