"""What of the story need not be run: judged by names, and only where the text tells."""

import pytest

from course_utils.grading.story import Step, UnclearError, fixed, names, step, unneeded

IMPORTS = "import numpy as np\nfrom course_utils import plots"


def spared(*cells: tuple[str, str]) -> set[str]:
    """The sources of the story that need not run; a cell is (kind, source), of a test the source is its names."""
    steps = [
        Step("test", "", frozenset(source.split())) if kind == "test" else step(kind, source) for kind, source in cells
    ]
    return set(unneeded(step("story", IMPORTS), [step("story", IMPORTS), *steps]))


@pytest.mark.parametrize(
    ("source", "used", "bound"),
    [
        ("x = y + len(z)", {"y", "z"}, {"x"}),
        ("def f(a, b=c):\n    d = a\n    return d + e", {"c", "e"}, {"f"}),
        ("for i in xs:\n    total += i", {"xs", "i", "total"}, {"i", "total"}),
        ("import numpy as np, os.path\nfrom a import b as c", set(), {"np", "os", "c"}),
        ("[q for q in p if q > r]", {"p", "r"}, set()),
        ("def f():\n    global g\n    g = 1", {"g"}, {"f", "g"}),
        ("class A:\n    x = y\n    def m(self):\n        return z", {"y", "z"}, {"A"}),
        ("with open(n) as f:\n    f.read()", {"n", "f"}, {"f"}),
        ("(w := v)", {"v"}, {"w"}),
        ("def f():\n    n = 0\n    n += m", {"m"}, {"f"}),
    ],
)
def test_names(source, used, bound):
    assert names(source) == (used, bound)


@pytest.mark.parametrize(
    "source",
    ["%time f()", "!ls", "def f(:", "exec('x = 1')", "globals()['x']", "from a import *", "import inspect", "print(In)",
     "\0", "(" * 500 + ")" * 500 + "(", "x = " + "-" * 200_000 + "1"],
)  # fmt: skip
def test_what_the_text_does_not_tell(source):
    with pytest.raises(UnclearError):
        names(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b\ndef f(): x = 1", {"a", "f"}),
        ("f = lambda x: x\ng = f\nh = g(1)", {"f", "g"}),
        ("def f(): pass\nf = cache(f)", set()),
        ("@cache\ndef f(): pass", set()),
        ("def f():\n    global f\n    f = 1", set()),
        ("if x:\n    def f(): pass", {"f"}),
    ],
)
def test_fixed(source, expected):
    assert fixed(source) == expected


ANSWER = ("own", "def f(x):\n    return np.sum(x)")


def test_a_story_that_nothing_uses_is_spared():
    told = spared(("story", "a = 1"), ANSWER, ("story", "plots.show(f(a))"), ("test", "f"))
    assert told == {"a = 1", "plots.show(f(a))"}


def test_what_an_answer_uses_is_run_with_all_that_it_needs():
    before = [("story", "a = 1"), ("story", "b = a + 1"), ("story", "c = 2")]
    assert spared(*before, ("own", "def f(x): return x + b"), ("test", "f")) == {"c = 2"}


def test_a_cell_that_may_change_a_needed_thing_is_run():
    own = ("own", "def f(x): return x + rng.random()")
    before = [("story", "rng = make()"), ("story", "rng.random(5)"), ("story", "z = 1")]
    assert spared(*before, own, ("test", "f")) == {"z = 1"}


def test_a_story_that_takes_the_name_of_an_answer():
    before, after = ("story", "f = 7"), ("story", "f = 8")
    # Before the answer: covered by it. Between answer and test: not.
    assert spared(before, ANSWER, ("test", "f"), after) == {"f = 7", "f = 8"}
    assert spared(ANSWER, after, ("test", "f")) == set()
    assert spared(before, ("own", "g = 1"), ("test", "f")) == set()
    # A variable of the student's may be anything: everything that touches it runs.
    assert spared(("own", "f = make(3)"), ("story", "f.close()"), ("test", "f")) == set()


def test_a_helper_with_the_name_of_a_story_s_variable():
    own = ("own", "def parts(x): return x\ndef f(x): return parts(x)")
    later = ("story", "parts = 5")
    assert spared(own, ("test", "f"), later) == {"parts = 5"}
    assert spared(own, later, ("test", "f")) == set()
    # The second answer calls the first, so what the first uses matters until the second is tested.
    second = ("own", "def g(x): return f(x)")
    assert spared(own, ("test", "f"), later, second, ("test", "g")) == set()


def test_where_a_cell_is_unclear_everything_runs():
    with pytest.raises(UnclearError):
        spared(("story", "a = 1"), ("own", "%time f()"), ("test", "f"))
