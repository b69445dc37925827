"""Submissions that nobody should have to foresee: hostile, broken, and odd but right.

Each :class:`Entry` is one student's notebook and the points that it *earns*: what its honest answers are worth, no
matter what the rest of it tries. Three lists: :data:`HOSTILE` (tricks and accidents), :data:`ODD` (unusual, and
right in plain Jupyter) and :data:`UNREADABLE` (no notebook of this course at all).

Most tricks stand in the notebook of a thief: 1-1 and 1-4 are honest, the trick is in the cell of 1-2 beside a wrong
answer, and 1-3 is wrong, so that it shows whether the trick reaches beyond its own cell.

Nothing here may run outside the sandbox, but for :data:`ODD`: some of it kills every process that it can see.
"""

import copy
import json
import os
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from sources import nbgrader, release
from students import find_cell, model_code, submission

CHAPTER = "01_distribution"
ALL = ["1-1", "1-2", "1-3", "1-4"]
PERFECT = {number: model_code(number) for number in ALL}
FULL = dict.fromkeys(ALL, 2.0)
THIEF = FULL | {"1-2": 0.0, "1-3": 0.0}

WRONG = "def smoothed_pmf(counts, alpha):\n    return [0.0] * len(counts)\n"
LAZY = "def sample_categorical(p, n, rng):\n    return [0] * n\n"

# A file outside of the sandbox: many tricks try to write it, none may.
TRACE = Path(tempfile.gettempdir()) / f"corpus-{os.getpid()}-trace"
# An argument by which a process that was left behind is found.
SLEEP = f"8640{os.getpid()}.5"


@dataclass(frozen=True)
class Entry:
    """One submission.

    Args:
        name: as pytest shows it. why: the trick, or what is odd, in one line.
        build: gives the notebook file. files: what else is handed in, by path relative to the notebook.
        points: what is earned, by exercise.
        endless: whether the grader has to wait until the time is over.
        plain: whether one process (plain Jupyter) gives the same points; only :data:`ODD` is ever run so.
        says: for :data:`UNREADABLE`, a piece of what the lecturer is told.
    """

    name: str
    why: str
    build: Callable[[], bytes]
    points: dict[str, float] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    chapter: str = CHAPTER
    endless: bool = False
    plain: bool = True
    says: str = ""


HOSTILE: list[Entry] = []
ODD: list[Entry] = []
UNREADABLE: list[Entry] = []


def dumps(notebook: NotebookNode) -> bytes:
    """A notebook file. Escapes everything beyond ASCII: half a surrogate pair cannot be written in UTF-8."""
    return json.dumps(notebook).encode()


def thief(cells: dict[str, str] | None = None) -> NotebookNode:
    """The notebook of a thief, with these texts in answer cells."""
    return submission(CHAPTER, PERFECT | {"1-2": WRONG, "1-3": LAZY} | (cells or {}))


# What the texts below may use: it stands before the trick in its cell.
PRELUDES = {
    "FORGED": """
class Full(float):
    def __repr__(self):
        return "2.0"
    def _repr_html_(self):
        return "<b>正解</b>"
""",
    "EQUAL": """
class Equal:
    __hash__ = object.__hash__
    def __eq__(self, other):
        return True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = __eq__
    def __sub__(self, other):
        return 0.0
    __rsub__ = __abs__ = __neg__ = __sub__
    def __bool__(self):
        return True
    def __float__(self):
        return 0.5
    def __array_ufunc__(self, ufunc, method, *inputs, **_):
        return np.ones(4, dtype=bool)
""",
    # The socket and the question that is being answered, from the stack of the process that runs the cells.
    "ROOM": """
import json, struct, sys
def question():
    frame, room, number = sys._getframe(), None, None
    while frame:
        spot = frame.f_locals
        if isinstance(spot.get("message"), dict) and "id" in spot["message"]:
            number = spot["message"]["id"]
        if hasattr(spot.get("self"), "sock"):
            room = spot["self"].sock
        frame = frame.f_back
    return room, number
def say(body):
    room, _ = question()
    room.sendall(struct.pack("!I", len(body)) + body)
""",
}
HEADS = {
    "1-1": "def empirical_pmf(data):",
    "1-2": "def smoothed_pmf(counts, alpha):",
    "1-3": "def sample_categorical(p, n, rng):",
    "1-4": "def total_variation(p, q):",
}
FORGERY = """
answer = {}
say(answer.replace("ID", json.dumps(question()[1])).encode())
import os
os._exit(0)
"""


def tricks(text: str) -> None:
    """Read tricks from a text: each begins with a line "## name | where | why", and its code follows.

    Where: "cell 1-2" is code of the cell of 1-2, beside a wrong answer; "call 1-2" is the body of the answer, which
    runs while the hidden tests do; "forged" is an expression for what the answer sends to the grader in place of its
    result, ID standing for the question, and "forged-cell" the same for what a cell sends. Then names of preludes,
    "endless", and points that differ from a thief's: "1-2=1".
    DOES stands for two tricks: one that raises, one that never ends.
    """
    for block in text.strip("\n").split("\n## "):
        title, body = block.removeprefix("## ").split("\n", 1)
        for does, code in (("raises", "raise BaseException"), ("hangs", "while True: pass")):
            if "DOES" in title:
                _trick(title.replace("DOES", does), body.replace("DOES", code))
            elif does == "raises":
                _trick(title, body)


def _trick(title: str, body: str) -> None:
    name, where, why = title.split(" | ")
    kind, *options = where.split()
    at = "1-2" if kind.startswith("forged") else options.pop(0)
    body = body.strip("\n").replace("TRACE", repr(str(TRACE))).replace("SLEEP", repr(SLEEP))
    if kind == "call":
        cell = f"{HEADS[at]}\n{textwrap.indent(body, '    ')}"
    elif kind == "forged":
        cell = PRELUDES["ROOM"] + f"def smoothed_pmf(counts, alpha):\n{textwrap.indent(FORGERY.format(body), '    ')}"
    elif kind == "forged-cell":
        cell = PRELUDES["ROOM"] + FORGERY.format(body)
    else:
        before = WRONG if at == "1-2" else ""
        cell = "\n".join([before, *(PRELUDES[word] for word in options if word in PRELUDES), body])
    points = THIEF | {at: 0.0}
    for number, given in (word.split("=") for word in options if "=" in word):
        points[number] = float(given)
    if kind == "forged-cell":  # it died while it said that all is well: what comes after it may be lost
        del points["1-4"]
    HOSTILE.append(Entry(name, why, lambda: dumps(thief({at: cell})), points, endless="endless" in options))


def broken(name: str, why: str, points: dict[str, float], *, honest: bool = False, endless: bool = False):
    """A notebook whose cells are not as they were released; of a thief, or ``honest``. Decorates its edit."""

    def register(edit):
        def build() -> bytes:
            notebook = submission(CHAPTER, PERFECT) if honest else thief()
            return dumps(edit(notebook) or notebook)

        HOSTILE.append(Entry(name, why, build, points, endless=endless))
        return edit

    return register


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return notebook.cells[find_cell(notebook, grade_id)]


# ---------------------------------------------------------------------------------------------------------------------
# Forging the score: what gives full marks where the tests run in the student's process

tricks(
    r"""
## check redefined | cell 1-2 FORGED | the test cell calls the student's own check
def check(*_, **__):
    return Full(2)

## check patched in its module | cell 1-2 FORGED | course_utils.exercises gives full marks to all
from course_utils import exercises
from course_utils.exercises import core
core.check = exercises.check = lambda *_, **__: Full(2)
core._judge = lambda exercise, function, cases: core.Score(exercise, core.State.RIGHT, 2.0, "")
core._complaint = lambda *_: None
core.Score.__repr__ = lambda self: "2"
check.__code__ = (lambda *_, **__: Full(2)).__code__

## find and the expectations patched | cell 1-2 | every exercise expects anything
from course_utils import exercises
from course_utils.exercises import core, expect
for kind in vars(expect).values():
    if isinstance(kind, type) and hasattr(kind, "complaint"):
        kind.complaint = lambda *_: None
found = exercises.find("1-2")
exercises.find = core.find = lambda number: found
object.__setattr__(found, "cases", ())

## display hook silenced | cell 1-2 | a test cell without a result is no failure in plain nbgrader
type(get_ipython().displayhook).__call__ = lambda *_: None

## display hook called with the full score | cell 1-2 FORGED | shows a score of its own, then raises
hook = type(get_ipython().displayhook)
plain = hook.__call__
def shown(self, result=None):
    plain(self, Full(2))
    raise KeyboardInterrupt
hook.__call__ = shown
get_ipython().displayhook(Full(2))

## input transformers | cell 1-2 | cells that call check become something else
def instead(lines):
    return ["2.0\n"] if any("check(" in line for line in lines) else lines
get_ipython().input_transformers_cleanup.append(instead)
get_ipython().input_transformers_post.append(instead)

## run_cell and do_execute replaced | cell 1-2 1-4=0 | whatever is to run, something else runs
shell = get_ipython()
kind = type(shell)
plain = kind.run_cell
kind.run_cell = lambda self, source, *a, **k: plain(self, "2.0" if "check(" in source else source, *a, **k)
async def instead(*_, **__):
    return None
kind.run_cell_async = instead
getattr(shell, "kernel", shell).do_execute = instead

## comparisons patched | cell 1-2 | numpy.testing, allclose, isclose, array_equal, abs, isinstance say yes
import builtins
import numpy.testing
yes = lambda *_, **__: True
for name in ("assert_allclose", "assert_array_equal", "assert_equal", "assert_almost_equal"):
    setattr(numpy.testing, name, lambda *_, **__: None)
np.allclose = np.array_equal = yes
np.isclose = lambda a, *_, **__: np.ones(np.shape(a), dtype=bool)

## builtins patched | cell 1-2 1-4=0 | abs, float, len, sorted of the whole process lie
import builtins
builtins.abs = lambda *_: 0
builtins.any = lambda *_: False
builtins.all = lambda *_: True

## frame peeking | call 1-2 | walks up the stack for the expected value, the answer, the cases
import sys
frame = sys._getframe()
while frame:
    for space in (frame.f_locals, frame.f_globals):
        for name in ("answer", "_additive"):
            if callable(space.get(name)):
                return space[name](counts, alpha)
        for value in list(space.values()):
            if hasattr(value, "gives"):
                return value.gives
    frame = frame.f_back
return [0.0]

## all objects searched | call 1-2 | the garbage collector knows every case and every function
import gc
for one in gc.get_objects():
    try:
        if getattr(one, "__name__", "") == "_additive":
            return one(counts, alpha)
        if getattr(one, "args", None) and np.array_equal(one.args[0], counts) and one.args[1] == alpha:
            return one.gives
    except Exception:
        pass
return [0.0]

## history read | call 1-2 | the hidden test cell would stand in In[-1]
shell = get_ipython()
texts = [*In, *_ih, *shell.user_ns.get("_ih", []), _i, *(row[2] for row in shell.history_manager.get_range())]
for text in texts:
    if "def _additive" in text:
        space = {"np": np}
        exec(text[text.index("def _additive"):].split("\n\n")[0], space)
        return space["_additive"](counts, alpha)
return [0.0]

## cached visible answers | call 1-2 | the public cases by heart, and from course_utils itself
from course_utils.exercises import find
for one in find("1-2").cases:
    if np.array_equal(one.args[0], counts) and one.args[1] == alpha:
        if not isinstance(one.gives, np.ndarray):
            raise ValueError
        return one.gives
return [0.0]

## names of the hidden tests taken | cell 1-2 | defines what the hidden tests define, and makes it stay
class Sticky(dict):
    def __setitem__(self, key, value):
        if key not in ("_inputs", "_edges", "_hidden", "_additive", "case"):
            super().__setitem__(key, value)
_inputs, _edges, _hidden, _additive = [], [], [], smoothed_pmf
case = lambda *_, **__: None
globals().update(_inputs=[], _edges=[])
get_ipython().user_ns = Sticky(get_ipython().user_ns)

## one who claims to be done | cell 1-2 | prints, displays and returns what a perfect run would
from IPython.display import HTML, display
print("2.0")
display(HTML("<b>正解</b>"))
print("正解", flush=True)
2.0

## always equal | cell 1-2 EQUAL | equal to everything, and answers every ufunc with True
def smoothed_pmf(counts, alpha):
    return Equal()

## always equal number | cell 1-2 EQUAL | a float with comparisons of its own
class Number(Equal, float):
    pass
def smoothed_pmf(counts, alpha):
    return [Number(0.5)] * len(counts)

## always equal array | cell 1-2 EQUAL | an ndarray with comparisons of its own
class Array(Equal, np.ndarray):
    def all(self, *_, **__):
        return True
    any = lambda self, *_, **__: False
    def __array__(self, *_, **__):
        return self
def smoothed_pmf(counts, alpha):
    return np.zeros(len(counts)).view(Array)

## array on demand | cell 1-2 | __array__ looks who asks
class Asked:
    def __len__(self):
        return 4
    def __array__(self, dtype=None, copy=None):
        import sys
        frame = sys._getframe()
        while frame:
            if "want" in frame.f_locals or "expected" in frame.f_locals:
                return np.asarray(frame.f_locals.get("want", frame.f_locals.get("expected")))
            frame = frame.f_back
        return np.zeros(4)
def smoothed_pmf(counts, alpha):
    return Asked()

## always equal table | cell 1-1 EQUAL | a dict that has every key and only right values
class Everything(dict):
    def __contains__(self, key):
        return True
    def __getitem__(self, key):
        return Equal()
    def __iter__(self):
        return iter(())
    items = keys = values = lambda self: ()
def empirical_pmf(data):
    return Everything()

## a class in disguise | cell 1-4 | says it is a float, and what it is worth is another matter
class Disguised:
    __class__ = float
    def __float__(self):
        return 0.25
    def __rsub__(self, other):
        return 0.0
def total_variation(p, q):
    return Disguised()

## the environment says validate | cell 1-2 | what tells that it is being graded is taken away
import os
os.environ.pop("NBGRADER_EXECUTION", None)
os.environ["NBGRADER_EXECUTION"] = "validate"
os.environ["PYTHONSTARTUP"] = os.environ["PYTHONPATH"] = "/tmp"

## an error of the student's own | call 1-2 1-2=1 | a class below Exception, and one in a group
class Trouble(Exception):
    pass
weights = counts + alpha
if not weights.sum():
    raise ExceptionGroup("0", [Trouble("0")]) if len(counts) == 2 else Trouble("0")
return weights / weights.sum()

## unfinished only for hidden cases | call 1-2 | 未解答 is for those who did not begin
from course_utils.exercises import find
for one in find("1-2").cases:
    if np.array_equal(one.args[0], counts) and one.args[1] == alpha and isinstance(one.gives, np.ndarray):
        return one.gives
raise NotImplementedError

## an error by the right name | cell 1-2 1-2=1 | a class of the student's called ValueError is not ValueError
class ValueError(Exception):
    pass
def smoothed_pmf(counts, alpha):
    weights = counts + alpha
    if not weights.sum():
        raise ValueError("0")
    return weights / weights.sum()

## another error than asked for | call 1-2 1-2=1 | KeyError instead of ValueError costs the edge case
weights = counts + alpha
if not weights.sum():
    raise KeyError("0")
return weights / weights.sum()
"""
)

# ---------------------------------------------------------------------------------------------------------------------
# Ending the process, or never ending

tricks(
    r"""
## os._exit | cell 1-2 | the process is gone while the cell runs
import os
os._exit(0)

## os._exit in the answer | call 1-2 | the process is gone while the hidden tests run
import os
os._exit(0)

## segfault | cell 1-2 | reads address 0
import ctypes
ctypes.string_at(0)

## segfault in the answer | call 1-2 | reads address 0 while the hidden tests run
import ctypes
ctypes.string_at(0)

## abort | cell 1-2 | SIGABRT, SIGKILL to itself
import os, signal
os.kill(os.getpid(), signal.SIGKILL)

## quit() | cell 1-2 | leaves the kernel as IPython knows it
quit()

## sys.exit() | cell 1-2 | SystemExit ends the cell, not the notebook
import sys
sys.exit(0)

## SystemExit in the answer | call 1-2 | exit code 0 is no success
raise SystemExit(0)

## KeyboardInterrupt in the answer | call 1-2 | not an Exception
raise KeyboardInterrupt

## GeneratorExit in the answer | call 1-2 | not an Exception either
raise GeneratorExit

## an error of its own kind | call 1-2 | BaseException with a metaclass and no text
class Kind(type):
    def __instancecheck__(cls, one):
        raise RuntimeError
    __subclasscheck__ = __instancecheck__
class Odd(BaseException, metaclass=Kind):
    def __str__(self):
        raise BaseException
    __repr__ = __str__
raise Odd

## uninterruptible loop | cell 1-2 endless | one long call in C, which no signal interrupts
sum(range(10**12))

## uninterruptible answer | call 1-2 endless | the same while the hidden tests run
return sum(range(10**12))

## endless answer | call 1-2 endless | while True
while True:
    pass

## stubborn loop | cell 1-2 endless | ignores SIGTERM, SIGINT, SIGALRM, SIGXCPU and catches everything
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    try:
        while True:
            pass
    except BaseException:
        pass

## endless sleep | call 1-2 endless | uses no processor time
import time
time.sleep(10**6)

## endless power | call 1-2 endless | 10 ** 10 ** 9 in one instruction
return 10 ** 10 ** 9

## endless pattern | call 1-2 endless | a regular expression that backtracks for ever
import re
re.match("(a+)+$", "a" * 64 + "b")

## endless recursion | call 1-2 | RecursionError
return smoothed_pmf(counts, alpha)

## recursion without a limit | call 1-2 | the stack of the process overflows
import sys
sys.setrecursionlimit(10**9)
return [*map(lambda _: smoothed_pmf(counts, alpha), [0])]

## waits for input | call 1-2 | nobody is there to type
return [float(input("?"))] * len(counts)

## stops in the debugger | call 1-2 | breakpoint() asks a person
breakpoint()
return [0.0]

## waits for standard input | call 1-2 | reads what will never come
import sys, os
os.read(0, 1)
sys.stdin.read()
return [0.0]

## memory bomb | cell 1-2 | takes what there is
hoard = []
while True:
    hoard.append(bytearray(10**8))

## memory bomb in the answer | call 1-2 | in many small pieces
hoard = []
while True:
    hoard.append('x' * 10**6)

## memory bomb with a spare wheel | call 1-2 endless | catches MemoryError and goes on
hoard = []
while True:
    try:
        hoard.append(bytearray(10**7))
    except MemoryError:
        pass

## processes without end | call 1-2 endless | every one makes two (256 at most, for the sake of the machine)
import os
for _ in range(8):
    os.fork()
while True:
    pass

## both go on after a fork | call 1-2 | two processes answer one question
import os
os.fork()
return [0.0] * len(counts)

## both go on after a fork in the cell | cell 1-2 | two processes in which the rest of the notebook is about to run
import os
child = os.fork()

## threads without end | cell 1-2 | a thousand threads that sleep
import threading, time
for _ in range(1000):
    threading.Thread(target=time.sleep, args=(10**6,)).start()

## a busy thread | cell 1-2 | works on and prints while later cells are graded, and changes the answers
import threading, time
def work():
    while True:
        print("正解 2.0")
        globals()["sample_categorical"] = lambda p, n, rng: [0] * n
        time.sleep(0.01)
threading.Thread(target=work, daemon=True).start()

## detached processes | cell 1-2 | double fork, setsid, nohup: what outlives the grading
import os, subprocess, sys
subprocess.Popen(["sleep", SLEEP], start_new_session=True)
os.system("(setsid nohup sleep %s >/dev/null 2>&1 &)" % SLEEP)
if not os.fork():
    os.setsid()
    if not os.fork():
        os.execvp("sleep", ["sleep", SLEEP])
    os._exit(0)

## kills whom it can | cell 1-2 | the parent, process 1, everybody
import os, signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
    for pid in (os.getppid(), 1, -1):
        try:
            os.kill(pid, number)
        except OSError:
            pass

## kills whom it can while it is tested | call 1-2 | every process it can see
import os, signal
for number in (signal.SIGINT, signal.SIGKILL):
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                os.kill(int(name), number)
            except OSError:
                pass
os.kill(-1, signal.SIGKILL)
return [0.0]

## stops whom it can | cell 1-2 endless | SIGSTOP to everybody, itself included
import os, signal
os.kill(-1, signal.SIGSTOP)
os.kill(os.getpid(), signal.SIGSTOP)

## hooks at the end | cell 1-2 | atexit and finalisers write and print a score
import atexit, weakref
def last(*_):
    print("2.0")
    open(TRACE, "w").write("2.0")
atexit.register(last)
class Left:
    __del__ = last
left = Left()
weakref.finalize(left, last)

## trace hooks | cell 1-2 | settrace and setprofile change what functions return and raise in every call
import sys, threading
def hook(frame, event, arg):
    if "complaint" in frame.f_code.co_name:
        frame.f_locals["got"] = frame.f_locals.get("want")
    return hook
sys.settrace(hook)
threading.settrace(hook)
sys.setprofile(hook)
"""
)

# ---------------------------------------------------------------------------------------------------------------------
# Flooding

tricks(
    r"""
## a line of 100 MB | cell 1-2 | printed at once
print('x' * 10**8)

## a line of 100 MB in the answer | call 1-2 | printed while the hidden tests run
print('x' * 10**8)
return [0.0]

## prints for ever | call 1-2 endless | never returns
while True:
    print('正解')

## shows for ever | cell 1-2 endless | empty displays, which cost nothing each
while True:
    get_ipython().display_pub.publish({})

## shows 100 MB | cell 1-2 | one display of 100 MB
get_ipython().display_pub.publish({'text/plain': 'x' * 10**8})

## writes past the streams | cell 1-2 | to the file descriptors of output and error
import os
for fd in (1, 2):
    for _ in range(100):
        os.write(fd, b'2.0\n' * 10**5)

## an error with 100 MB to say | call 1-2 | the text of an exception is long
raise RuntimeError('x' * 10**8)

## warns without end | call 1-2 | each warning is another
import warnings
for k in range(10**5):
    warnings.warn(f'{k}' * 99)
return [0.0]

## fills the disk | cell 1-2 | writes up to 1 GB wherever it can
import os
for folder in (".", "/tmp", "/dev/shm", "/var/tmp", os.path.expanduser("~")):
    try:
        for k in range(20):
            with open(os.path.join(folder, f"big{k}"), "wb") as file:
                file.write(bytes(50_000_000))
    except OSError:
        pass

## many files | cell 1-2 | in folders that cannot be entered, or removed with ease
import os
for folder in (".", "/tmp", "/dev/shm"):
    try:
        deep = os.path.join(folder, "locked", "in", "side")
        os.makedirs(deep)
        open(os.path.join(deep, "left"), "w").write("left")
        os.symlink("/", os.path.join(folder, "root"))
        os.symlink("loop", os.path.join(folder, "loop"))
        os.mkfifo(os.path.join(folder, "pipe"))
        os.chmod(deep, 0)
        os.chmod(os.path.join(folder, "locked"), 0)
    except OSError:
        pass
"""
)

# ---------------------------------------------------------------------------------------------------------------------
# Results that are no results

tricks(
    r"""
## a nested list | call 1-2 | 100,000 levels deep
out = []
for _ in range(10**5):
    out = [out]
return out

## a list in itself | call 1-2 | has no end
out = [0.5]
out.append(out)
return out

## a dict in itself | call 1-1 | has no end
out = {}
out['out'] = out
return out

## a long list | call 1-2 | 50 million numbers
return [0.5] * 50_000_000

## the same list many times | call 1-2 | small here, 10 billion elements when written out
row = [0.5] * 1000
for _ in range(3):
    row = [row] * 1000
return row

## a wide array | call 1-2 | 10**12 elements in 8 bytes
return np.broadcast_to(0.5, (10**12,))

## a huge array | call 1-2 | 80 GB of zeros that are not there yet
return np.zeros(10**10)

## a huge text | call 1-4 | 200 million characters
return 'x' * 200_000_000

## a huge number | call 1-4 | a million digits
return 10 ** 10 ** 6

## a huge number in an array | call 1-2 | a million digits
return [10 ** 10 ** 6] * len(counts)

## NaN as keys | call 1-1 | never equal to themselves
return {(float('nan'),) * data.shape[1]: 1.0, float('nan'): 1.0}

## half a surrogate pair | call 1-1 | no text that can be written
return {'\ud800': 1.0, '正解\udfff': '\ud800'}

## half a surrogate pair in an error | call 1-2 | no text that can be written
raise RuntimeError('\ud800 \x00 \x1b[2J')

## an endless generator | call 1-2 | never runs dry
import itertools
return itertools.count()

## numbers that are no numbers | call 1-2 | NaN, infinity, complex, date
return [float('nan'), float('inf'), 1j, np.datetime64('now')]

## objects in an array | call 1-2 | dtype object, records, dates
return np.array([object(), smoothed_pmf, {}, None], dtype=object)

## an array of records | call 1-2 | a structured dtype
return np.zeros(len(counts), dtype=[('p', float), ('o', object)])

## the function itself | call 1-2 | callable results
return smoothed_pmf

## a type | call 1-4 | the class float
return float

## an error returned | call 1-2 | not raised: ValueError as a value
return ValueError('0')

## NotImplemented returned | call 1-4 | the constant, which comparisons understand
return NotImplemented

## the expected kind, empty | call 1-1 | dict without keys
return {}

## code in a pickle | cell 1-2 | whoever unpickles the result runs it
class Pickled:
    def __reduce__(self):
        return (eval, ("open(%r, 'w').write('pickled')" % TRACE,))
    __reduce_ex__ = lambda self, _: self.__reduce__()
    __copy__ = __deepcopy__ = lambda self, *_: self
def smoothed_pmf(counts, alpha):
    return [Pickled()] * len(counts)
def sample_categorical(p, n, rng):
    return np.array([Pickled()] * n, dtype=object)

## an object that DOES when it is read | cell 1-2 endless | every method that could read it
def never(*_, **__):
    DOES
Evil = type("Evil", (), {f"__{name}__": never for name in (
    "len iter next float int index complex bool hash eq repr str format array array_interface array_struct getitem "
    "contains call dir sizeof reduce_ex getstate copy deepcopy instancecheck".split())})
def smoothed_pmf(counts, alpha):
    return [Evil()] * len(counts)
def sample_categorical(p, n, rng):
    return Evil()

## an object that DOES when its attributes are read | cell 1-2 endless | __getattribute__ and __class__
class Evil(dict):
    def __getattribute__(self, name):
        DOES
    @property
    def __class__(self):
        DOES
def smoothed_pmf(counts, alpha):
    return Evil()

## an error that DOES when it is shown | call 1-2 endless | __str__ and __repr__ of an exception
class Evil(Exception):
    def __str__(self):
        DOES
    __repr__ = __str__
    _render_traceback_ = __str__
raise Evil

## an error that cannot be shown in the cell | cell 1-2 | _render_traceback_ gives None, the name is no text
class Evil(Exception):
    def _render_traceback_(self):
        return None
Evil.__name__ = "</script><script>alert(1)</script>"
raise Evil("<script>alert(1)</script>")

## an answer that says something else each time | call 1-2 | random, and nobody asked
return np.random.rand(len(counts))

## an answer for later | call 1-4 | async def gives a coroutine
async def later():
    return 0.0
return later()
"""
)

# ---------------------------------------------------------------------------------------------------------------------
# Talking to the grader in the student's name, and reaching beyond the process

tricks(
    r"""
## writes to every file descriptor | cell 1-2 | answers in every form that a grader might use
import json, os, pickle, struct
answers = [{"value": [0.5] * 4, "points": 2.0, "score": 2.0, "state": "正解", "id": 1, "ok": True, "result": 2.0}]
for fd in range(65):
    for one in answers:
        text = json.dumps(one).encode()
        for message in (text + b"\n", struct.pack("!I", len(text)) + text, struct.pack("<Q", len(text)) + text,
                        pickle.dumps(one), b"Content-Length: %d\r\n\r\n" % len(text) + text, b"\0" * 64):
            try:
                os.write(fd, message)
            except OSError:
                pass

## writes to every file descriptor while it is tested | call 1-2 | the grader waits for an answer on one of them
import os
for fd in range(65):
    try:
        os.write(fd, b'{"value": [0.5], "points": 2.0}\n' * 3)
    except OSError:
        pass
return [0.0]

## closes every file descriptor | cell 1-2 | nothing to answer on
import os
os.closerange(0, 1024)

## closes every file descriptor while it is tested | call 1-2 | nothing to answer on
import os
os.closerange(0, 1024)

## puts something else at every file descriptor | cell 1-2 | /dev/zero and a socket of its own
import os, socket
a, b = socket.socketpair()
for fd in range(3, 64):
    os.dup2(os.open('/dev/zero', 0), fd)

## no output streams | cell 1-2 | sys.stdout is None, closed, or no stream
import sys
sys.stdout.close()
sys.stdout = sys.stderr = None

## json and struct patched | cell 1-2 | what the room says is written by the student
import json, struct, base64
plain = json.dumps
json.dumps = lambda *a, **k: plain({"value": [0.5], "points": 2.0})
json.loads = lambda *_, **__: {}
base64.b64encode = lambda *_: b""

## the room taken over | cell 1-2 1-4=0 | every method of the process that runs cells is replaced
import gc
for one in gc.get_objects():
    try:
        if type(one).__module__.startswith(("course_utils.grading", "__main__")) or hasattr(one, "sock"):
            for name in dir(type(one)):
                if name.startswith(("do_", "serve", "_encoded")):
                    setattr(type(one), name, lambda *_, **__: {"value": [0.5], "points": 2.0, "state": "正解"})
    except Exception:
        pass

## a forged score | forged | the answer brings points along
'{"id": ID, "value": {"list": [0.0]}, "points": 2.0, "state": "正解"}'

## a forged answer without a value | forged | no key that the grader expects
'{"id": ID}'

## a forged answer of wrong types | forged | numbers for texts and texts for lists
'{"id": ID, "raised": 5, "text": [], "line": {}, "said": 7, "warned": "x", "missing": {}}'

## a forged answer of more wrong types | forged | numbers for texts and texts for lists
'{"id": ID, "value": null, "said": null, "warned": [[1, [2]], 3], "outputs": 5}'

## a forged error | forged | no kinds, or kinds that are no names
'{"id": ID, "raised": [], "text": null, "said": "", "warned": []}'

## a forged error of odd kinds | forged | names that are no classes
'{"id": ID, "raised": [null, {}, "__import__", "ValueError\\u0000"], "text": "", "line": "", "said": "", "warned": []}'

## a forged array | forged | its size is a lie
'{"id": ID, "value": {"array": ["<f8", [1000000000000], "AAAAAAAAAAA="]}, "said": "", "warned": []}'

## a forged array of empty texts | forged | takes no bytes, has a billion elements
'{"id": ID, "value": {"array": ["<U0", [1000000000000], ""]}, "said": "", "warned": []}'

## a forged array of objects | forged | a dtype that would hold addresses
'{"id": ID, "value": {"array": ["|O8", [1], "AAAAAAAAAAA="]}, "said": "", "warned": []}'

## a forged array of a strange dtype | forged | sub-arrays and records
'{"id": ID, "value": {"array": ["(2,2)f8,O", [-1], ""]}, "said": "", "warned": []}'

## a forged generator | forged | a state that is none
'{"id": ID, "value": {"generator": {"dict": [["bit_generator", "PCG64"], ["state", 5]]}}, "said": "", "warned": []}'

## a forged opaque | forged | a name that is code
'{"id": ID, "value": {"opaque": "__import__(0)</td><script>"}, "said": "", "warned": []}'

## deep JSON | forged | a million brackets
'{"id": ID, "value": ' + "[" * 10**6 + "]" * 10**6 + "}"

## wide JSON | forged | 60 MB of empty objects, which are much larger once they are read
'{"id": ID, "value": {"list": [' + "{}," * 19_000_000 + '0]}, "said": "", "warned": []}'

## colliding keys | forged | a dict whose keys all have the same hash: reading it takes for ever
'{"id": ID, "value": {"dict": [' + ",".join(
        f"[{k * (2**61 - 1)}, 0]" for k in range(400_000)) + ']}, "said": "", "warned": []}'

## a long number | forged | a million digits, which Python refuses to read
'{"id": ID, "value": ' + "9" * 10**6 + ', "said": "", "warned": []}'

## no JSON | forged | bytes that are no text
'\udcff\ud800'.encode("utf-16", "surrogatepass").decode("latin-1") + "\x00ID"

## a message that never ends | cell 1-2 endless ROOM | announces 4 GB, sends a little now and then
def smoothed_pmf(counts, alpha):
    import time
    room, _ = question()
    room.sendall(struct.pack("!I", 2**32 - 1))
    while True:
        room.sendall(b" ")
        time.sleep(0.01)

## answers before it is asked | cell 1-2 ROOM | a thousand answers wait for questions to come
def smoothed_pmf(counts, alpha):
    room, number = question()
    room.setblocking(False)
    body = json.dumps({"id": number, "value": {"list": [0.5]}, "said": "", "warned": []}).encode()
    try:
        for _ in range(1000):
            room.sendall(struct.pack("!I", len(body)) + body)
    except OSError:
        pass
    room.setblocking(True)
    return [0.0]

## numpy replaced | cell 1-2 | sys.modules holds a fake with its own arrays
import sys, types
fake = types.ModuleType("numpy")
fake.__getattr__ = lambda name: (lambda *_, **__: True)
for name in list(sys.modules):
    if name == "numpy" or name.startswith("numpy."):
        sys.modules[name] = fake
import numpy as np

## own modules first | cell 1-2 | files that are called as modules of the library, and sys.path
import sys
for name in ("numpy", "json", "struct", "course_utils", "IPython", "sitecustomize", "usercustomize"):
    open(f"{name}.py", "w").write(f"open({TRACE!r}, 'w').write({name!r})")
sys.path.insert(0, ".")

## import hooks | cell 1-2 | __import__ and meta_path give something else
import builtins, sys
plain = builtins.__import__
def instead(name, *a, **k):
    if "exercises" in name or "testing" in name:
        raise ImportError(name)
    return plain(name, *a, **k)
builtins.__import__ = instead
sys.meta_path.clear()

## limits taken off | cell 1-2 | setrlimit, prctl, signals
import ctypes, resource
for name in dir(resource):
    if name.startswith("RLIMIT_"):
        try:
            resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError):
            pass
ctypes.CDLL(None).prctl(1, 0)
hoard = []
while True:
    hoard.append(bytearray(10**8))

## shell commands | cell 1-2 | removes and writes what it can, by way of a shell
import subprocess
subprocess.run("rm -rf ./* ./.[!.]*; echo 2.0 > %s; exec 3<>/dev/tcp/127.0.0.1/22; kill -9 $PPID; kill -9 -1" % TRACE,
               shell=True, executable="/bin/bash", capture_output=True)

## the gradebook upwards of here | cell 1-2 | ../../../gradebook.db, wherever it may be
import glob, os, sqlite3
for up in range(8):
    for path in glob.glob(os.path.join(*[".."] * up or ["."], "gradebook.db")) + ["../" * up + "gradebook.db"]:
        try:
            with sqlite3.connect(path) as database:
                database.execute("update grade set auto_score = 100, manual_score = 100")
        except sqlite3.Error:
            pass

## a forged generator with a large pool | forged | making its seed would take hours
('{"id": ID, "said": "", "warned": [], "value": {"generator": [{"dict": [["bit_generator", "PCG64"]]},'
    '{"dict": [["entropy", 1], ["spawn_key", {"tuple": []}], ["pool_size", 100000000], ["n_children_spawned", 0]]}]}}')

## a forged error with a name | forged | that no class can have
('{"id": ID, "raised": ["UnicodeDecodeError", "OSError"], "kind": "a\\u0000b", "text": "", "line": "",'
    '"missing": "", "said": "", "warned": []}')

## forged outputs | forged-cell | a number for a list
'{"id": ID, "outputs": 5, "count": [], "missing": {}}'

## forged outputs of no kind | forged-cell | things that are no outputs
'{"id": ID, "outputs": [null, 5, "x", [], {"output_type": "stream"}], "count": 1, "missing": ""}'

## forged deep outputs | forged-cell | 900 lists in each other
('{"id": ID, "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"application/json": '
    + "[" * 900 + "]" * 900 + "}}]}")

## forged large outputs | forged-cell | 40 MB for the notebook that is kept
'{"id": ID, "outputs": [{"output_type": "stream", "name": "stdout", "text": "' + "x" * 40_000_000 + '"}], "count": 1}'

## forged score in the outputs | forged-cell | as if the cell were a test
('{"id": ID, "outputs": [{"output_type": "execute_result", "metadata": {}, "data": {"text/plain": "2.0"},'
    '"execution_count": 1}]}')

## colliding keys in many dicts | forged | each of them small enough
'{"id": ID, "said": "", "warned": [], "value": {"list": [' + ",".join(
        ['{"dict": [' + ",".join(f"[{k * (2**61 - 1)}, 0]" for k in range(9_000)) + "]}"] * 200) + "]}}"
"""
)

# ---------------------------------------------------------------------------------------------------------------------
# The notebook itself


@broken("solved after its test", "the right function comes in a cell after the test", THIEF)
def _(notebook):
    notebook.cells.insert(find_cell(notebook, "test-1-2") + 1, new_code_cell(PERFECT["1-2"]))
    notebook.cells.append(new_code_cell(PERFECT["1-3"]))


@broken("skip-execution on the tests", "full marks in plain nbgrader", THIEF)
def _(notebook):
    for cell in notebook.cells:
        if nbgrader(cell).get("grade"):
            cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove-cell"]


@broken("skip-execution on the answers", "the tag gives nothing and takes nothing", FULL, honest=True)
def _(notebook):
    for cell in notebook.cells:
        if nbgrader(cell).get("solution"):
            cell.metadata["tags"] = ["skip-execution", "raises-exception"]


@broken("test cells deleted", "what is not there cannot fail", THIEF)
def _(notebook):
    notebook.cells = [c for c in notebook.cells if not nbgrader(c).get("grade_id", "").startswith("test-")]


@broken("one test cell deleted", "its exercise is graded all the same", FULL, honest=True)
def _(notebook):
    del notebook.cells[find_cell(notebook, "test-1-2")]


@broken("an answer cell deleted", "nothing is defined, nothing is earned", FULL | {"1-2": 0.0}, honest=True)
def _(notebook):
    del notebook.cells[find_cell(notebook, "ex-1-2")]


@broken("test cell copied, with points of its own", "100 points for each copy", THIEF)
def _(notebook):
    for grade_id in ("test-1-2", "test-1-1"):
        index = find_cell(notebook, grade_id)
        for k in range(3):
            extra = copy.deepcopy(notebook.cells[index])
            extra.id, extra.source = f"copy-{grade_id}-{k}", "100.0"
            extra.metadata["nbgrader"] = {**extra.metadata["nbgrader"], "points": 100}
            notebook.cells.insert(index + k, extra)


@broken("points changed", "100 for each exercise, negative, text", THIEF)
def _(notebook):
    graded = [c for c in notebook.cells if nbgrader(c).get("grade")]
    for cell, points in zip(graded, [100, -5, "2", 1e308, None], strict=True):
        cell.metadata["nbgrader"] = {**cell.metadata["nbgrader"], "points": points}


@broken("test cell rewritten", "only shows the full score", THIEF)
def _(notebook):
    for number in ALL:
        cell = cell_of(notebook, f"test-{number}")
        cell.source = "2.0"
        cell.metadata["nbgrader"] = {**cell.metadata["nbgrader"], "locked": False, "solution": True}


@broken("test cells as text", "markdown and raw cells do not run", THIEF)
def _(notebook):
    for number, kind in zip(ALL, ("markdown", "raw", "markdown", "raw"), strict=True):
        cell = cell_of(notebook, f"test-{number}")
        cell.cell_type = kind
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


@broken("answer cells as text", "the text is the student's, the type of the cell is not", FULL, honest=True)
def _(notebook):
    cell = cell_of(notebook, "ex-1-2")
    cell.cell_type = "markdown"
    cell.pop("outputs", None)
    cell.pop("execution_count", None)


@broken("ids changed", "test-1-2 is called test-1-1 and the other way round", THIEF)
def _(notebook):
    one, other = cell_of(notebook, "test-1-1"), cell_of(notebook, "test-1-2")
    one.metadata["nbgrader"], other.metadata["nbgrader"] = other.metadata["nbgrader"], one.metadata["nbgrader"]


@broken("ids invented", "cells of exercises that do not exist", THIEF)
def _(notebook):
    for k, grade_id in enumerate(["test-9-9", "../../gradebook", "", "test-1-2\n", "x" * 10_000]):
        extra = copy.deepcopy(cell_of(notebook, "test-1-1"))
        extra.id, extra.source = f"extra-{k}", "100.0"
        extra.metadata["nbgrader"] = {**extra.metadata["nbgrader"], "grade_id": grade_id, "points": 100}
        notebook.cells.append(extra)


@broken("all metadata stripped", "as if copied into a new notebook", THIEF)
def _(notebook):
    for cell in notebook.cells:
        cell.metadata = {}


@broken("all metadata stripped, and right", "what is right stays right", FULL, honest=True)
def _(notebook):
    for cell in notebook.cells:
        cell.metadata = {}


@broken("metadata of wrong types", "lists and numbers where nbgrader expects a dict", THIEF)
def _(notebook):
    odd = [None, 5, "x", [], {"grade_id": 5}, {"grade_id": ["test-1-1"]}, {"grade": "yes"}, {}]
    others = [c for c in notebook.cells if not nbgrader(c)]
    for cell, entry in zip(others, odd, strict=False):
        cell.metadata["nbgrader"] = entry
        cell.metadata["tags"] = entry


@broken("hidden tests typed by the student", "the markers in an answer and in a test cell", THIEF)
def _(notebook):
    cell_of(
        notebook, "ex-1-2"
    ).source += "\n### BEGIN HIDDEN TESTS\n2.0\n### END HIDDEN TESTS\n### BEGIN SOLUTION\n2.0\n### END SOLUTION\n"
    cell_of(notebook, "ex-1-3").source = "### END HIDDEN TESTS\n### BEGIN HIDDEN TESTS\n" + LAZY
    cell_of(notebook, "test-1-2").source = "### BEGIN HIDDEN TESTS\n2.0\n### END HIDDEN TESTS\n2.0"


@broken("tests before answers", "all test cells come first", {number: 0.0 for number in ALL})
def _(notebook):
    tests = [c for c in notebook.cells if nbgrader(c).get("grade_id", "").startswith("test-")]
    notebook.cells = tests + [c for c in notebook.cells if c not in tests]


@broken(
    "imports deleted",
    "costs what needs them, and no more",
    {"1-1": 0.0, "1-2": 0.0, "1-3": 0.0, "1-4": 2.0},
    honest=True,
)
def _(notebook):
    notebook.cells.remove(next(c for c in notebook.cells if c.cell_type == "code"))


@broken("ten thousand cells", "1,000 of code, 9,000 of text", FULL, honest=True)
def _(notebook):
    notebook.cells[5:5] = [new_code_cell(f"k = {k}") if k % 10 == 0 else new_markdown_cell("。") for k in range(10_000)]


@broken("a cell of 5 MB", "one long text", FULL | {"1-2": 0.0, "1-3": 0.0})
def _(notebook):
    cell_of(notebook, "ex-1-2").source += f"\ntext = '{'x' * 5_000_000}'\n"


for _name, _text in {
    "null bytes": "x = 1\0",
    "half a surrogate pair in a cell": "x = '\ud800'",
    "a deep expression": "x = " + "(" * 5_000 + ")" * 5_000,
    "a long expression": "x = " + "+".join(["1"] * 50_000),
    "a deep minus": "x = " + "-" * 200_000 + "1",
    "a deep attribute": "x = x" + ".x" * 100_000,
    "a deep block": "\n".join(" " * k + "if 1:" for k in range(150)),
    "a long number": "x = " + "9" * 100_000,
    "an unclosed text": 'x = """',
    "an encoding cookie": "# -*- coding: rot13 -*-\nx = 1",
    "magics that do not exist": "%%nonsense --all\n%\n%%\n!\n?\nx??\n%lsmagic",
    "a formula": "$$ x = 1 $$　全角の空白",
}.items():
    HOSTILE.append(
        Entry(
            f"source: {_name}",
            "a cell that cannot be compiled, or not analysed, costs that cell",
            lambda text=_text: dumps(thief({"1-2": f"{WRONG}\n{text}"})),
            THIEF,
        )
    )


@broken("metadata bomb", "large and deep", FULL, honest=True)
def _(notebook):
    deep: dict = {}
    for _ in range(200):
        deep = {"deep": deep}
    notebook.metadata["bomb"] = {"wide": {str(k): "x" * 10 for k in range(100_000)}, "deep": deep}


@broken("a kernel of another language", "R, with a file extension and all", FULL, honest=True)
def _(notebook):
    notebook.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook.metadata["language_info"] = {"name": "R", "file_extension": ".r", "version": "4.3"}


@broken("no notebook metadata", "as some tools write it", FULL, honest=True)
def _(notebook):
    notebook.metadata = {}


@broken("duplicate cell ids", "every cell has the same", FULL, honest=True)
def _(notebook):
    for cell in notebook.cells:
        cell.id = "same"


@broken("scripts in what it shows", "HTML and JavaScript in outputs and in texts", FULL, honest=True)
def _(notebook):
    script = "<script>document.body.innerHTML = '正解'</script>"
    notebook.cells.insert(1, new_markdown_cell(script))
    notebook.cells.insert(2, new_code_cell(f"from IPython.display import HTML, Javascript\nHTML({script!r})"))
    notebook.cells[2].outputs = [new_output("display_data", {"text/html": script})]


@broken("dies between two exercises", "a cell of the student's own ends the process", FULL, honest=True)
def _(notebook):
    notebook.cells.insert(find_cell(notebook, "ex-1-2"), new_code_cell("import os\nos._exit(1)"))


@broken("hangs between two exercises", "a cell of the student's own never ends", FULL, honest=True, endless=True)
def _(notebook):
    notebook.cells.insert(find_cell(notebook, "ex-1-3"), new_code_cell("while True:\n    pass"))


@broken("dies, with a helper from before", "what earlier cells defined is there again", FULL, honest=True)
def _(notebook):
    notebook.cells.insert(find_cell(notebook, "ex-1-1"), new_code_cell("def half(x):\n    return x / 2"))
    notebook.cells.insert(find_cell(notebook, "ex-1-3"), new_code_cell("import os\nos._exit(1)"))
    cell_of(
        notebook, "ex-1-4"
    ).source = "def total_variation(p, q):\n    return half(sum(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q}))"


@broken("everything deleted at the end of the notebook", "the tests are over by then", FULL, honest=True)
def _(notebook):
    notebook.cells.append(new_code_cell("%reset -f"))
    notebook.cells.append(new_code_cell("import os\nos._exit(0)"))


@broken("every answer hangs", "each costs its own exercise", dict.fromkeys(ALL, 0.0), endless=True)
def _(notebook):
    for number in ALL:
        cell = cell_of(notebook, f"ex-{number}")
        cell.source = "while True:\n    pass"


@broken("every answer dies", "each costs its own exercise", dict.fromkeys(ALL, 0.0))
def _(notebook):
    for number in ALL:
        cell_of(notebook, f"ex-{number}").source = "import os\nos._exit(0)"


@broken("nothing answered", "as released", dict.fromkeys(ALL, 0.0))
def _(notebook):
    return release(CHAPTER)


# Extra files: names that lead out, names of modules, things that cannot be together.
for _name, _files in {
    "lead upwards": {"../" * 12 + str(TRACE).lstrip("/"): b"2.0", "../x": b"x", "a/../../../x": b"x"},
    "absolute": {str(TRACE): b"2.0", "/etc/passwd": b"x"},
    "modules": {f"{m}.py": f"open({str(TRACE)!r}, 'w')".encode() for m in ("numpy", "json", "struct", "sitecustomize")}
    | {"course_utils/__init__.py": b"1 / 0", "IPython/__init__.py": b"1 / 0", "evil.pth": b"import os; os._exit(0)"},
    "odd names": {"..\\..\\x": b"", "C:\\x": b"", "x" * 300: b"", "a\nb": b"", "\udcff": b"", "~/x": b"", "-rf": b""},
    "one inside the other": {"a": b"file", "a/b": b"in a file", "": b"", ".": b"", "b/": b"", "a\0b": b""},
}.items():
    HOSTILE.append(Entry(f"files: {_name}", "files beside the notebook", lambda: dumps(thief()), THIEF, files=_files))

# ---------------------------------------------------------------------------------------------------------------------
# Odd but right


def odd(name: str, why: str, answers: dict[str, str] | None = None, *, files=None, plain: bool = True) -> Callable:
    """A notebook in which every answer is right, with ``answers`` in the cells. May decorate an edit of it."""
    edits: list[Callable] = []

    def build() -> bytes:
        chapter = submission(CHAPTER, PERFECT | (answers or {}))
        for edit in edits:
            result = edit(chapter)
            if isinstance(result, bytes):
                return result
        return dumps(chapter)

    ODD.append(Entry(name, why, build, FULL, files or {}, plain=plain))
    return edits.append


def odds(text: str) -> None:
    """Read them from a text: "## name | why", then "--- 1-2" and the text of that cell; MODEL is the model answer.

    With "--- 02_bernoulli" first it is another chapter, of which only these exercises count.
    """
    for block in text.strip("\n").split("\n## "):
        title, *cells = block.removeprefix("## ").split("\n--- ")
        name, why = title.split(" | ")
        parts = {number: text for number, _, text in (cell.partition("\n") for cell in cells)}
        chapter = next((part for part in parts if "_" in part), CHAPTER)
        answers = {
            number: text.replace("MODEL", model_code(number)) for number, text in parts.items() if number != chapter
        }
        if chapter == CHAPTER:
            odd(name, why, answers)
        else:
            build = lambda chapter=chapter, answers=answers: dumps(submission(chapter, answers))  # noqa: E731
            ODD.append(Entry(name, why, build, dict.fromkeys(answers, 2.0), chapter=chapter))


odds(
    r'''
## lists for arrays | and a tuple
--- 1-2
def smoothed_pmf(counts, alpha):
    total = sum(counts) + alpha * len(counts)
    if total == 0:
        raise ValueError
    return tuple((c + alpha) / total for c in counts)
--- 1-3
def sample_categorical(p, n, rng):
    edges = np.cumsum(p)[:-1]
    return [sum(u >= edge for edge in edges) for u in rng.random(n)]

## other sequences | array.array, deque, memoryview, range: whatever NumPy reads as an array
--- 1-2
from array import array
from collections import deque
def smoothed_pmf(counts, alpha):
    total = sum(counts) + alpha * len(counts)
    if total == 0:
        raise ValueError
    out = array("d", [(c + alpha) / total for c in counts])
    return [out, memoryview(out), deque(out), np.ma.masked_array(out)][len(counts) % 4]
--- 1-3
from collections import UserList
def sample_categorical(p, n, rng):
    return range(0) if n == 0 else UserList(np.digitize(rng.random(n), np.cumsum(p)[:-1]).tolist())

## small floats and integers | float32, float16, int8, bool, in other byte orders
--- 1-1
def empirical_pmf(data):
    """画像の配列 (N, d) → {絵のタプル: 相対頻度}。"""
    if len(data) == 0:
        raise ValueError("データが空です")
    counts = Counter(map(tuple, data.tolist()))
    return {pattern: np.float32(count / len(data)) for pattern, count in counts.items()}
--- 1-2
def smoothed_pmf(counts, alpha):
    weights = np.asarray(counts, dtype=np.float64) + alpha
    if weights.sum() == 0:
        raise ValueError
    return (weights / weights.sum()).astype(np.float32).astype(">f8")[::-1][::-1]
--- 1-3
def sample_categorical(p, n, rng):
    drawn = np.digitize(rng.random(n), np.cumsum(p)[:-1])
    return drawn.astype(bool) if len(p) <= 2 else drawn.astype(np.int8 if len(p) < 6 else np.float16)

## exact numbers | Fraction and Decimal
--- 1-1
from fractions import Fraction
def empirical_pmf(data):
    if not len(data):
        raise ValueError("空")
    return {tuple(row): Fraction(sum(tuple(r) == tuple(row) for r in data), len(data)) for row in data}
--- 1-2
from decimal import Decimal
def smoothed_pmf(counts, alpha):
    weights = [Decimal(int(c)) + Decimal(alpha) for c in counts]
    if sum(weights) == 0:
        raise ValueError
    return [w / sum(weights) for w in weights]
--- 1-4
from fractions import Fraction
def total_variation(p, q):
    return sum(abs(Fraction(p.get(k, 0)) - Fraction(q.get(k, 0))) for k in {*p, *q}) / 2

## a Counter | divided in place
--- 1-1
def empirical_pmf(data):
    pmf = Counter(map(tuple, data))
    if not pmf:
        raise ValueError
    for key in pmf:
        pmf[key] /= len(data)
    return pmf

## a defaultdict | with a factory that cannot be sent
--- 1-1
from collections import defaultdict
def empirical_pmf(data):
    if len(data) == 0:
        raise ValueError
    pmf = defaultdict(lambda: 0.0)
    for row in data.tolist():
        pmf[tuple(row)] += 1 / len(data)
    return pmf

## an OrderedDict of named tuples | keys equal to tuples, values of zero dimensions
--- 1-1
from collections import OrderedDict, namedtuple
class Share(OrderedDict):
    __getattr__ = OrderedDict.get
def empirical_pmf(data):
    if len(data) == 0:
        raise ValueError
    Picture = namedtuple("Picture", [f"x{j}" for j in range(data.shape[1])])
    return Share((Picture(*k), np.array(v / len(data))) for k, v in Counter(map(tuple, data)).items())

## an object for a function | with __call__
--- 1-2
class Smoother:
    def __init__(self, kind):
        self.kind = kind
    def __call__(self, counts, alpha):
        total = counts.sum() + alpha * len(counts)
        if not total:
            raise ValueError
        return self.kind(counts + alpha) / total
smoothed_pmf = Smoother(np.asarray)
--- 1-4
class total_variation:
    def __new__(cls, p, q):
        return float(sum(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q}) / 2)

## no def at all | lambda, partial, a bound method, a function made by a function
--- 1-2
import functools
def _smooth(extra, counts, alpha):
    if not (counts + alpha).sum():
        raise ValueError
    return (counts + alpha) / (counts + alpha).sum() + extra
smoothed_pmf = functools.partial(_smooth, 0)
--- 1-3
class Lottery:
    def draw(self, p, n, rng):
        return np.digitize(rng.random(n), np.cumsum(p)[:-1])
sample_categorical = Lottery().draw
--- 1-4
total_variation = lambda p, q: sum(abs(p.get(k, 0) - q.get(k, 0)) for k in p.keys() | q.keys()) / 2

## decorated | wraps, a cache inside, keyword defaults, type hints
--- 1-2
from __future__ import annotations
import functools, time

def timed(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        start = time.perf_counter()
        out = function(*args, **kwargs)
        inner.seconds = time.perf_counter() - start
        return out
    return inner

@functools.lru_cache(maxsize=None)
def _smoothed(counts: tuple[int, ...], alpha: float) -> tuple[float, ...]:
    total = sum(counts) + alpha * len(counts)
    if not total:
        raise ValueError(f"{counts=} {alpha=}")
    return tuple((c + alpha) / total for c in counts)

@timed
def smoothed_pmf(counts: np.ndarray, /, alpha: float = 1.0, *, kind: type[np.ndarray] | None = None) -> np.ndarray:
    return np.array(_smoothed(tuple(counts.tolist()), alpha))

## generators and recursion | consumed to a list; a helper that calls itself
--- 1-2
def smoothed_pmf(counts, alpha):
    def total(c):
        return 0 if len(c) == 0 else c[0] + alpha + total(c[1:])
    whole = total(list(counts))
    if whole == 0:
        raise ValueError
    def each():
        for c in counts:
            yield (c + alpha) / whole
    return list(each())
--- 1-3
def sample_categorical(p, n, rng):
    def find(u, low, high):
        middle = (low + high) // 2
        if high - low == 1:
            return low
        return find(u, low, middle) if u < edges[middle - 1] else find(u, middle, high)
    edges = np.cumsum(p)
    return [find(u, 0, len(p)) for u in rng.random(n)]

## prints, warns, logs | to stdout, stderr and the file descriptors
--- 1-2
import logging, os, sys, warnings
def smoothed_pmf(counts, alpha):
    print("枚数", counts, flush=True)
    print("careful", file=sys.stderr)
    os.write(2, b"careful\n")
    warnings.warn("careful")
    logging.getLogger("student").error("careful")
    total = np.float64(counts.sum()) + alpha * len(counts)
    share = (counts + alpha) / total
    if total == 0:
        raise ValueError
    return share

## changes its arguments | they are its own
--- 1-1
def empirical_pmf(data):
    if len(data) == 0:
        raise ValueError
    out = {tuple(row): float((data == row).all(axis=1).mean()) for row in data}
    data[:] = 7
    data.resize((1, 1), refcheck=False)
    return out
--- 1-2
def smoothed_pmf(counts, alpha):
    counts += 1
    counts -= 1
    weights = counts + float(alpha)
    counts.fill(-1)
    if not weights.sum():
        raise ValueError
    weights /= weights.sum()
    return weights
--- 1-4
def total_variation(p, q):
    half = 0
    while p:
        key, value = p.popitem()
        half += abs(value - q.pop(key, 0))
    return (half + sum(q.values())) / 2

## looks at its arguments | types, dtypes and memory as in the notebook
--- 1-1
def empirical_pmf(data):
    assert type(data) is np.ndarray and data.dtype == np.int64 and data.flags.writeable and data.ndim == 2
    if len(data) == 0:
        raise ValueError
    return {tuple(row): c / len(data) for row, c in zip(*np.unique(data, axis=0, return_counts=True))}
--- 1-3
def sample_categorical(p, n, rng):
    assert isinstance(rng, np.random.Generator) and type(n) is int and p.dtype == float
    return np.digitize(rng.random(size=n), np.cumsum(p)[:-1])
--- 1-4
def total_variation(p, q):
    assert type(p) is dict and all(type(v) is float for v in p.values())
    assert all(type(k) in (str, int) or (type(k) is tuple and type(k[0]) is int) for k in p)
    return 0.5 * sum(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q})

## uses its generator in full | children, other bit generators seeded from it, copies
--- 1-3
import copy
def sample_categorical(p, n, rng):
    same, again = copy.deepcopy(rng), rng
    assert same.random() == again.random()
    other = np.random.Generator(np.random.Philox(int(rng.integers(2**32))))
    child = other.spawn(1)[0]
    return child.permutation(child.choice(len(p), size=n, p=p))

## a child of its generator | rng.spawn needs the seed, not only the state
--- 1-3
def sample_categorical(p, n, rng):
    (child,) = rng.spawn(1)
    return np.digitize(child.random(n), np.cumsum(p)[:-1])

## other errors of the right kind | subclasses of ValueError, with a cause
--- 1-1
class NoData(ValueError):
    """データが空"""
def empirical_pmf(data):
    try:
        1 / len(data)
    except ZeroDivisionError as error:
        raise NoData("データがありません") from error
    return {tuple(k): c / len(data) for k, c in Counter(map(tuple, data.tolist())).items()}
--- 1-2
def smoothed_pmf(counts, alpha):
    total = (counts + alpha).sum()
    if total == 0:
        raise np.linalg.LinAlgError("0 では割れません")
    return (counts + alpha) / total

## Japanese names | identifiers, and full-width letters, which Python reads as the plain ones
--- 1-2
def ｓｍｏｏｔｈｅｄ_pmf(枚数, α):
    重み = 枚数 + α
    合計 = 重み.sum()
    if not 合計:
        raise ValueError(f"合計が {合計} です")
    return 重み / 合計
--- 1-4
距離 = lambda 一方, 他方: sum(abs(一方.get(鍵, 0) - 他方.get(鍵, 0)) for 鍵 in {*一方, *他方}) / 2
total_variation = 距離

## defined in roundabout ways | globals(), exec, setattr on __main__, user_ns
--- 1-1
exec("def empirical_pmf(data):\n    if not len(data):\n        raise ValueError\n"
     "    n = Counter(map(tuple, data.tolist()))\n    return {k: c / len(data) for k, c in n.items()}")
--- 1-2
def _f(counts, alpha):
    if not (counts + alpha).sum():
        raise ValueError
    return (counts + alpha) / (counts + alpha).sum()
globals()['smoothed_pmf'] = _f
--- 1-3
import __main__
__main__.sample_categorical = lambda p, n, rng: np.digitize(rng.random(n), np.cumsum(p)[:-1])
--- 1-4
get_ipython().user_ns['total_variation'] = lambda p, q: sum(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q}) / 2

## magics | timing, capture, shell, matplotlib, in and around answers
--- 1-1
%%time
MODEL
--- 1-2
%matplotlib inline
MODEL

!ls
files = !ls
%timeit -n 1 -r 1 smoothed_pmf(np.array([1, 2]), 1)
--- 1-3
%%capture out
MODEL

print('captured')
--- 1-4
MODEL

%precision 3
?total_variation
total_variation?

## shows and draws | display, plt.show and widgets, in the cell and in the function
--- 1-2
import matplotlib.pyplot as plt
from IPython.display import HTML, Markdown, display
def smoothed_pmf(counts, alpha):
    display(Markdown("**計算中**"), HTML("<b>!</b>"))
    plt.figure()
    plt.bar(range(len(counts)), counts)
    plt.title("枚数")
    plt.show()
    total = (counts + alpha).sum()
    if total == 0:
        raise ValueError
    return (counts + alpha) / total
display(smoothed_pmf(np.array([1, 2, 3]), 1.0))
plt.plot([1, 2], [3, 4])
plt.show()

## threads at work | a pool of threads computes the answer
--- 1-1
from concurrent.futures import ThreadPoolExecutor
def empirical_pmf(data):
    if not len(data):
        raise ValueError
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(tuple, data.tolist()))
    return {k: keys.count(k) / len(keys) for k in keys}

## remembers | a cache between calls, and a counter in the module
--- 1-2
_calls = 0
def smoothed_pmf(counts, alpha, seen={}):
    global _calls
    _calls += 1
    key = counts.tobytes(), float(alpha)
    if key not in seen:
        if not (counts + alpha).sum():
            raise ValueError(_calls)
        seen[key] = (counts + alpha) / (counts + alpha).sum()
    return seen[key]

## another way of looking at numbers | np.matrix for one number, arrays of zero dimensions
--- 1-4
def total_variation(p, q):
    return np.array([abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q}]).sum(keepdims=True)[0, ...] / 2

## fails after the definition | the answer cell ends in an error of the student's own test
--- 1-1
MODEL

assert empirical_pmf(np.ones((1, 1))) == {}, 'わざと'
--- 1-4
MODEL

undefined_name

## source text of itself | inspect.getsource and a docstring with examples
--- 1-4
import doctest, inspect
def total_variation(p, q):
    """
    >>> total_variation({1: 1.0}, {2: 1.0})
    1.0
    """
    assert "doctest" not in inspect.getsource(total_variation)[:10]
    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q}) / 2
doctest.run_docstring_examples(total_variation, globals())

## matrices, infinities and masks | np.matrix and warnings where the definition gives −∞
--- 02_bernoulli
--- 2-1
def bernoulli_mle(x):
    if not len(x):
        raise ValueError
    x = x.astype(float)
    x /= len(x)
    return np.ma.masked_array(x.sum(axis=0))
--- 2-2
def bernoulli_log_prob(x, p):
    return [np.log(np.where(row, p, 1 - p)).sum() for row in x]
--- 2-3
def sample_bernoulli(p, n, rng):
    return rng.random((n, len(p))) < p
--- 2-4
def excess_cooccurrence(x):
    assert x.dtype in (np.int8, np.int64)
    m = np.asmatrix(x.astype(float))
    return m.T @ m / len(m) - np.outer(x.mean(axis=0), x.mean(axis=0))

## several arrays | a named tuple of an array, a list, and a list of arrays
--- 03_mixture
--- 3-3
MODEL
from typing import NamedTuple
class Parameters(NamedTuple):
    weights: np.ndarray
    means: list
    covariances: list
model_m_step = m_step
def m_step(x, r):
    weights, means, covariances = model_m_step(x, r)
    return Parameters(weights, means.tolist(), list(covariances))
--- 3-4
def bic(log_lik, k, d, n):
    assert isinstance(k, int)
    return np.longdouble(((k - 1) + k * d + k * d * (d + 1) // 2) * np.log(n) - 2 * log_lik)

## texts and truths | an Enum of strings, NumPy's own strings, 0 and 1 for a mask
--- 08_choosing
--- 8-1
MODEL
from enum import Enum
class Family(str, Enum):
    FLOW = "自己回帰・フロー"
    VAE = "VAE"
    DIFFUSION = "拡散"
    GAN = "GAN・蒸留した拡散"
    REST = "組み合わせ"
model_family = choose_family
def choose_family(*needs):
    return np.str_(model_family(*needs)) if needs[0] else Family(model_family(*needs))
--- 8-2
MODEL
model_front = pareto_front
pareto_front = lambda costs: [int(k) for k in model_front(costs)]
'''
)
odd(
    "a helper module beside the notebook",
    "imported, run, and read as data",
    {
        "1-1": "from mine import share\ndef empirical_pmf(data):\n    return share(data)",
        "1-2": "%run -i more.py\nextra = float(open('数/extra.txt', encoding='utf-8').read())\n"
        "def smoothed_pmf(counts, alpha):\n    return smooth(counts, alpha) + extra",
        "1-4": "from package.distance import *",
    },
    files={
        "mine.py": ("from collections import Counter\n" + PERFECT["1-1"].replace("empirical_pmf", "share")).encode(),
        "more.py": PERFECT["1-2"].replace("smoothed_pmf", "smooth").encode(),
        "数/extra.txt": b"0.0\n",
        "package/__init__.py": b"",
        "package/distance.py": PERFECT["1-4"].encode(),
    },
)


@odd("warnings as errors", "in a cell of its own: check shows warnings and goes on")
def _(notebook):
    notebook.cells.insert(2, new_code_cell("import warnings\nwarnings.simplefilter('error')"))
    cell_of(notebook, "ex-1-2").source = PERFECT["1-2"].replace(
        "    weights =", "    warnings.warn('careful')\n    weights ="
    )


@odd("helpers in cells of its own", "above the answers, far away, and built upon each other")
def _(notebook):
    cell_of(notebook, "ex-1-4").source = "def total_variation(p, q):\n    return half(difference(p, q))"
    notebook.cells.insert(3, new_code_cell("class Helper:\n    two = 2\ndef half(x):\n    return x / Helper.two"))
    notebook.cells.insert(9, new_code_cell("keys = lambda p, q: p.keys() | q.keys()"))
    notebook.cells.insert(
        30, new_code_cell("def difference(p, q):\n    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in keys(p, q))")
    )


@odd("leans on the text of the chapter", "answers use names that the chapter's own cells define")
def _(notebook):
    cell_of(notebook, "ex-1-2").source = (
        "def smoothed_pmf(counts, alpha, one=len(labels) / 16):\n"
        "    n = counts.sum() + alpha * len(counts) * eval('len(x) / 8')\n"
        "    if not n:\n        raise ValueError\n"
        "    return (counts + alpha) * one / n"
    )
    cell_of(notebook, "ex-1-4").source = (
        "def total_variation(p, q):\n"
        "    keys = sorted({*p, *q}, key=str)\n"
        "    two = globals()['n_x'].sum() / 4 * p_data.sum()\n"
        "    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in keys) / two"
    )


@odd("plays with the chapter's cells", "edits, errors, figures, an input() that nobody answers")
def _(notebook):
    ordinary = [c for c in notebook.cells if c.cell_type == "code" and not nbgrader(c)]
    ordinary[1].source += "\nprint(x.shape)\n1 / 0"
    ordinary[2].source = "%matplotlib inline\n" + ordinary[2].source
    notebook.cells.insert(4, new_code_cell("name = input('お名前は? ')"))
    notebook.cells.insert(4, new_code_cell("def f(:\n    pass"))
    notebook.cells.insert(4, new_code_cell("from IPython import get_ipython\nget_ipython().run_line_magic('who', '')"))
    notebook.cells.insert(4, new_code_cell("!nothing-that-exists"))


@odd("redefined in a cell beside", "the given cell is left as it came")
def _(notebook):
    for number in ("1-2", "1-4"):
        index = find_cell(notebook, f"ex-{number}")
        notebook.cells[index].source = cell_of(release(CHAPTER), f"ex-{number}").source
        notebook.cells.insert(index + 1, new_code_cell(PERFECT[number]))


@odd("the answer stands above its cell", "and the given cell is empty")
def _(notebook):
    index = find_cell(notebook, "ex-1-3")
    notebook.cells[index].source = "# 上に書きました"
    notebook.cells.insert(5, new_code_cell(PERFECT["1-3"]))


@odd("right at its test, spoilt later", "the name is used for something else further down")
def _(notebook):
    index = find_cell(notebook, "test-1-2")
    notebook.cells.insert(index + 1, new_code_cell("smoothed_pmf = None\ndel empirical_pmf\n"))
    notebook.cells.append(new_code_cell("def total_variation(p, q):\n    return 1"))


@odd("the answer cell twice", "copied, both right")
def _(notebook):
    for number in ("1-1", "1-4"):
        index = find_cell(notebook, f"ex-{number}")
        notebook.cells.insert(index + 1, nbformat.from_dict({**notebook.cells[index], "id": f"copy-{number}"}))


@odd("the test cell annotated", "a note, a print, run twice, unlocked")
def _(notebook):
    cell = cell_of(notebook, "test-1-2")
    cell.source = "# ここで確かめる\n" + cell.source + "\nprint('できた')"
    cell.metadata["nbgrader"] = {**cell.metadata["nbgrader"], "locked": False}
    cell.metadata["tags"] = ["できた"]


@odd("global seeds and heavy imports", "cells of its own that change what is global")
def _(notebook):
    notebook.cells.insert(
        2, new_code_cell("np.random.seed(0)\nimport random\nrandom.seed(0)\nnp.set_printoptions(precision=1)")
    )
    notebook.cells.insert(
        3,
        new_code_cell(
            "import asyncio, decimal, statistics, sqlite3, unittest\n"
            "import matplotlib.pyplot as plt\nplt.rcParams['figure.dpi'] = 300"
        ),
    )
    notebook.cells.insert(4, new_code_cell("await asyncio.sleep(0)\nasync def later():\n    return 1\nawait later()"))
    notebook.cells.insert(
        5, new_code_cell("import os\nos.chdir('/')\nos.environ['NAME'] = 'x'\ndecimal.getcontext().prec = 5")
    )


@odd("names of builtins for variables", "sum, list and check are used for something else", plain=False)
def _(notebook):
    notebook.cells.insert(
        find_cell(notebook, "test-1-1"), new_code_cell("sum = 0\ncheck = True\ncase = 3\n_rng = None")
    )
    cell_of(notebook, "ex-1-4").source = PERFECT["1-4"].replace("sum(", "np.sum([").replace(" in keys)", " in keys])")


@odd("other line ends", "carriage returns, tabs, form feeds, trailing blanks")
def _(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = cell.source.replace("    ", "\t").replace("\n", "\r\n")
    cell_of(notebook, "ex-1-4").source += "\r\n\f\r\n   \r\n"


@odd("as JupyterLab saves it", "sources as lists of lines, outputs, attachments, counters out of order")
def _(notebook):
    saved = json.loads(nbformat.writes(notebook))
    code_cells = [c for c in saved["cells"] if c["cell_type"] == "code"]
    for count, cell in zip(range(99, 0, -2), code_cells, strict=False):
        cell["execution_count"] = count
        cell["outputs"] = [
            {"output_type": "stream", "name": "stderr", "text": ["Warning\n"]},
            {"output_type": "error", "ename": "E", "evalue": "", "traceback": []},
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {"image/png": "iVBORw0KGgo=", "text/plain": ["<Figure>"]},
            },
        ]
    text = next(c for c in saved["cells"] if c["cell_type"] == "markdown")
    text["attachments"] = {"image.png": {"image/png": "iVBORw0KGgo="}}
    saved["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}}
    return json.dumps(saved, indent=1, ensure_ascii=False).replace("\n", "\r\n").encode()


@odd("an older notebook format", "4.2, without ids of cells")
def _(notebook):
    notebook.nbformat_minor = 2
    for cell in notebook.cells:
        cell.pop("id", None)


@odd("a byte order mark in a cell", "and spaces that are not ASCII in comments")
def _(notebook):
    cell_of(notebook, "ex-1-4").source = "#　全角の空白\u00a0と\ufeff印\n" + PERFECT["1-4"]


@odd("a byte order mark before the notebook", "as some editors on Windows save it", plain=False)
def _(notebook):
    return b"\xef\xbb\xbf" + dumps(notebook)


@odd("leaves at the end", "exit() in the last cell")
def _(notebook):
    notebook.cells.append(new_code_cell("import sys\nsys.exit()"))


# ---------------------------------------------------------------------------------------------------------------------
# No notebook of this chapter: one line says why, the others go on


def unreadable(name: str, says: str, build: Callable[[], bytes]) -> None:
    UNREADABLE.append(Entry(name, "a file that cannot be graded", build, dict.fromkeys(ALL, 0.0), says=says))


def _perfect() -> bytes:
    return nbformat.writes(submission(CHAPTER, PERFECT)).encode()


def _old_format() -> bytes:
    cells = [
        {"cell_type": "code", "language": "python", "metadata": c.metadata, "input": c.source, "outputs": [],
         "collapsed": False} if c.cell_type == "code" else {"cell_type": "markdown", "metadata": {}, "source": c.source}
        for c in submission(CHAPTER, PERFECT).cells
    ]  # fmt: skip
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}).encode()


unreadable("empty", "空", lambda: b"")
unreadable("blank", "空", lambda: b" \r\n\t\n")
unreadable("truncated", "JSON", lambda: _perfect()[:20_000])
unreadable("Shift_JIS", "Shift_JIS", lambda: _perfect().decode().encode("cp932", errors="replace"))
unreadable("EUC-JP", "UTF-8 ではありません", lambda: _perfect().decode().encode("euc_jp", errors="replace"))
unreadable("UTF-16", "UTF-8 ではありません", lambda: _perfect().decode().encode("utf-16"))
unreadable("another kind of JSON", "ノートブックではありません", lambda: b'{"hello": 1}')
unreadable("a list", "ノートブックではありません", lambda: b"[]")
unreadable("a number", "ノートブックではありません", lambda: b"1e999")
unreadable("deep JSON", "JSON", lambda: b"[" * 200_000)
unreadable("a picture", "UTF-8 ではありません", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
unreadable("a Python file", "JSON", lambda: "\n".join(PERFECT.values()).encode())
unreadable("format 3", "ノートブックではありません", _old_format)
unreadable(
    "cells that are none",
    "壊れています",
    lambda: b'{"cells": [5, null], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
)
unreadable(
    "a cell without a source",
    "壊れています",
    lambda: b'{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4}',
)
unreadable("another chapter", "この章", lambda: nbformat.writes(submission("02_bernoulli", {})).encode())
