"""The grader that learners meet: ``check("2-1", bernoulli_mle)``.

An :class:`Exercise` knows example inputs and the mistakes people make. :func:`check` calls the learner's
function on them and returns a :class:`Score`: as text a number, which nbgrader reads as (partial) credit;
as HTML a card, which the learner reads. It never raises and never prints.

Points: all ordinary cases right but not all edge cases, half; everything right, all.
"""

import builtins
import contextlib
import copy
import io
import linecache
import re
import textwrap
import traceback
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial

import numpy as np

from ..progress import record
from .card import EDGE, PLACE, place, render
from .expect import NOTHING, Expectation, Raises
from .slips import SLIPS, Tried


@dataclass(frozen=True)
class Seed:
    """Stands for the ``rng`` argument in a case: every call gets a fresh generator with this seed."""

    value: int

    def __repr__(self):
        return f"np.random.default_rng({self.value})"


_MISSING = object()


@dataclass(frozen=True)
class Case:
    """One call of the learner's function. ``edge`` names a borderline situation, worth half the points."""

    args: tuple
    gives: object = _MISSING
    edge: str = ""


def case(*args, gives=_MISSING, edge: str = "") -> Case:
    """A call ``function(*args)`` and what it ``gives`` (for random functions nothing: the expectation knows)."""
    return Case(args, gives, edge)


@dataclass(frozen=True)
class Raised:
    """What came back from a call that ended in an error."""

    error: BaseException
    line: str = ""

    @property
    def kind(self) -> str:
        """The name of the error's class: what it is even where a student's process gave it a class of its own."""
        return type(self.error).__name__

    @property
    def text(self) -> str:
        """The error's message, which a learner's own class may fail to give."""
        try:
            return str(self.error)
        except Exception:
            return ""

    def __repr__(self):
        return f"{self.kind}: {self.text}"


@dataclass(frozen=True)
class Mistake:
    """A known mistake: what to say, which hint helps, and how to recognise it.

    Args:
        says: one or two sentences: what the answer does, and what it should do.
        hint: number of the hint that helps most, if one does.
        wrong: a function that makes the mistake; the answer makes it too if both give the same results.
        sign: ``sign(args, result)`` recognises it in one result, where no function makes the same mistake.
        error: a regular expression that the message of the error matches in which the mistake ends. Alone, it tells
            the mistake; beside ``wrong``, it tells the mistake's error from others of its class.
    """

    says: str
    hint: int | None
    wrong: Callable | None = None
    sign: Callable[[tuple, object], bool] | None = None
    error: str = ""


@dataclass(frozen=True)
class Exercise:
    """What :func:`check` knows about one exercise.

    Args:
        number: as in the notebook, "2-1". function: the name asked for. points: as in nbgrader's metadata.
        expects: how a result is judged. cases: the calls that the learner may see.
        mistakes: most specific first. random: the last argument is an rng, and results follow its seed; in the first
            case, right results for :data:`SEEDS` other seeds are all the same less than once in a million times.
    """

    number: str
    title: str
    function: str
    points: float
    expects: Expectation
    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...]
    random: bool = False


class State(Enum):
    """The three states of an exercise."""

    UNANSWERED = "未解答"
    WRONG = "不正解"
    RIGHT = "正解"


@dataclass(frozen=True)
class Score:
    """The result of :func:`check`: ``repr`` is the points, ``_repr_html_`` the card.

    Where a hidden input failed, ``blind`` says so without quoting it: that, and not ``message`` and the details that
    quote the input, is what a student reads (:func:`course_utils.exercises.card.without_hidden`). ``hidden_notes``
    are for the lecturer alone as well: what an answer prints may be a hidden input.
    """

    exercise: Exercise
    state: State
    points: float
    message: str
    hint: int | None = None
    details: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = field(default=())
    mistake: Mistake | None = None
    blind: str = ""
    hidden_notes: tuple[str, ...] = ()

    def __repr__(self):
        return f"{self.points:g}"

    def _repr_html_(self):
        return render(self)


def _call(function: Callable, args: tuple):
    """Call ``function`` on private copies of ``args``; an error comes back as :class:`Raised`."""
    private = [np.random.default_rng(a.value) if isinstance(a, Seed) else copy.deepcopy(a) for a in args]
    try:
        return function(*private)
    except (Exception, SystemExit) as error:  # a learner's exit() must end as a card, an interrupt must not
        return Raised(error, _own_line(error))


def _own_line(error: BaseException) -> str:
    """The line of the learner's own code that was running when ``error`` came up."""
    # An error that the grader raises again for a student's process brings the line along, as `place` writes it.
    if isinstance(line := getattr(error, "own_line", None), str):
        return line
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        in_library = "site-packages" in frame.filename or "/lib/python" in frame.filename.replace("\\", "/")
        if not in_library and frame.name != "_call":
            line = linecache.getline(frame.filename, frame.lineno or 0).strip()
            return place(frame.lineno, line) if line else ""
    return ""


# What the message of an error matches, and what to say; if nothing does, its class decides.
_ADVICE_BY_TEXT = {
    "'NoneType'": "None を計算に使っています。"
    "return を忘れた関数、append や sort の結果、get で見つからなかった値ではありませんか？",
    "unhashable": "リストや配列は、辞書のキーや集合の要素になりません。tuple(…) でタプルにしてください。",
    r"Cannot cast ufunc .* from dtype\('float\d+'\) to dtype\('u?int": "整数の配列に小数を足し込んでいます。"
    "a += b のかわりに、a = a + b と新しい配列を作ってください。",
    "could not be broadcast": "配列どうしの形が合っていません。.shape を確かめてください。"
    "a[:, None] とすると、軸を 1 つ足せます。",
    "truth value of an array": "配列は、まとめて if や and で調べられません。"
    "要素ごとに選ぶなら np.where、全体なら .any() や .all() です。",
    "Generator' object has no attribute": "rng にその名前の関数はありません。"
    "rng.random、rng.integers、rng.choice などを使います。",
}
_ADVICE = {
    "NameError": "名前のつづりと、必要なセルを上から実行したかを確かめてください。",
    "IndexError": "範囲の外を見ています。番号は 0 から始まり、長さ − 1 で終わります。",
    "KeyError": "辞書にないキーを見ています。d.get(key, 0) とすると、ないキーの値を 0 とみなせます。",
    "TypeError": "型か引数の数が合っていません。",
    "ZeroDivisionError": "0 で割っています。",
    "AttributeError": "そのオブジェクトにはない名前です。リストと配列を取り違えていませんか？",
    "ValueError": "値か形が合っていません。",
    "RecursionError": "関数が自分を呼び続けています。",
}


def _advice(raised: Raised) -> str:
    by_text = (advice for text, advice in _ADVICE_BY_TEXT.items() if re.search(text, raised.text))
    return next(by_text, _ADVICE.get(raised.kind, ""))


def _complaint(exercise: Exercise, one: Case, result) -> str | None:
    """What is wrong with ``result`` for this case, or ``None``."""
    if isinstance(one.gives, Raises):
        return _not_raised(one.gives.error, result)
    if isinstance(result, Raised):
        return f"実行中にエラーになりました（{result!r}）。{_advice(result)}"
    try:
        return exercise.expects.complaint(result, one.gives, one.args)
    except Exception as error:
        # An object with methods of its own can fail in any way when it is read; check never raises.
        return f"返ってきた {type(result).__name__} を読み取れません（{type(error).__name__}）。"


def _not_raised(error: type[Exception], result) -> str | None:
    """What is wrong with ``result`` where ``error`` should have been raised, or ``None``."""
    name = error.__name__
    if isinstance(result, Raised):
        return None if isinstance(result.error, error) else f"{name} を送出してください（{result.kind} になりました）。"
    wanted = f"この入力では {name} を送出してください"
    if result is None:
        return f"{wanted}（None が返ってきました）。print や return ではなく、raise {name}(...) と書きます。"
    # By name: what a student's process returns arrives as an object that knows the name of its type only.
    if type(result).__name__ in (name, "type"):
        return f"{wanted}（{name} を値として返しています）。return ではなく、raise {name}(...) と書きます。"
    return f"{wanted}（値が返ってきました）。"


def _same(exercise: Exercise, one: Case, result, other) -> bool:
    """Whether two results of one call are the same, as far as this exercise looks."""
    if isinstance(result, Raised) or isinstance(other, Raised):
        # By name: an error from a student's sandboxed process has a class of its own.
        return isinstance(result, Raised) and isinstance(other, Raised) and result.kind == other.kind
    try:
        return exercise.expects.complaint(result, other, one.args) is None
    except Exception:  # the mistake's own result may be of a kind the expectation cannot read
        return False


def _makes(mistake: Mistake, exercise: Exercise, results: list[tuple[Case, object]], failed: Case) -> bool:
    """Whether the results look like this mistake: on the failed case, and on every ordinary one."""
    for one, result in results:
        if one is failed and mistake.error:
            if not (isinstance(result, Raised) and re.search(mistake.error, result.text)):
                return False
        if one is not failed and (one.edge or not mistake.wrong):
            continue
        if mistake.sign:
            if isinstance(result, Raised) or not mistake.sign(one.args, result):
                return False
        elif mistake.wrong and not _same(exercise, one, result, _call(mistake.wrong, one.args)):
            return False
    return True


_SLIPS = tuple((Mistake(says, None), looks) for says, looks in SLIPS)


def _recognise(
    exercise: Exercise, function: Callable, results: list[tuple[Case, object]], failed: Case
) -> Mistake | None:
    """The mistake that was made: one of the exercise's own, else a slip that can be made anywhere."""
    signs = [(m, partial(_makes, m, exercise, results, failed)) for m in exercise.mistakes]
    ordinary = [(one, result) for one, result in results if one is not failed and not one.edge]
    tried = [
        Tried(result, one.gives, one is failed, partial(_same, exercise, one), partial(_call, function, one.args))
        for one, result in [*ordinary, *(pair for pair in results if pair[0] is failed)]
    ]
    if not any(isinstance(one.got, Raised) for one in tried):
        signs += [(slip, partial(looks, tried)) for slip, looks in _SLIPS]
    with np.errstate(all="ignore"):
        for mistake, fits in signs:
            try:
                if fits():
                    return mistake
            except Exception:
                # A sign may trip over a result of an unforeseen kind: then it is not this mistake.
                continue
    return None


# Small results may agree for two seeds by chance, such as the ends of an interval on a grid: hence several.
SEEDS = 6


def _irreproducible(exercise: Exercise, function: Callable, one: Case, result) -> str | None:
    """A random function must take all of its randomness from ``rng``..."""
    if not exercise.random or isinstance(result, Raised):
        return None
    if all(_equal(result, _call(function, one.args)) for _ in range(2)):
        return None
    return (
        "同じ種の rng を渡しても結果が変わります。"
        "渡された rng だけを使ってください（np.random.… や新しい default_rng() は使いません）。"
    )


def _ignores_rng(exercise: Exercise, function: Callable, one: Case, result) -> str | None:
    """... and must take it. Right answers nearly always differ at the first other seed."""
    if not exercise.random:
        return None
    for k in range(1, SEEDS + 1):
        reseeded = tuple(Seed(a.value + k) if isinstance(a, Seed) else a for a in one.args)
        if not _equal(result, _call(function, reseeded)):
            return None
    return (
        "種のちがう rng を渡しても同じ結果になります。乱数は渡された rng から引いてください（固定の種は使いません）。"
    )


def _equal(a, b) -> bool:
    try:
        return np.array_equal(np.asarray(a), np.asarray(b))
    except ValueError:
        return False


def _with_answers(inputs: Iterable, answer: Callable | None) -> list[Case]:
    """The hidden cases: arguments from the test cell, results from the independent ``answer`` there."""
    cases = []
    for one in inputs:
        one = one if isinstance(one, Case) else Case(tuple(one))
        if one.gives is _MISSING and answer is not None:
            gives = _call(answer, one.args)
            one = Case(one.args, Raises(type(gives.error)) if isinstance(gives, Raised) else gives, one.edge)
        cases.append(one)
    return cases


def check(number: str, function: Callable, inputs: Iterable = (), answer: Callable | None = None) -> Score:
    """演習を採点して、結果のカードを返します。

    Args:
        number: the exercise, e.g. "2-1".
        function: the learner's function.
        inputs: more calls to judge beside the public ones: tuples of arguments or :func:`case` objects.
        answer: gives the right results for ``inputs``; not needed for random functions.

    Returns:
        A :class:`Score`, whatever the learner's function does.

    Raises:
        KeyError: if there is no such exercise (a mistake in the notebook, not in the answer).
    """
    from . import find

    exercise = find(number)
    score = _checked(exercise, function, inputs, answer)
    if isinstance(inputs, tuple) and not inputs:  # the public cases alone: what a learner sees
        record(exercise.number, score.state.value, score.points)
    return score


def _checked(exercise: Exercise, function: Callable, inputs: Iterable, answer: Callable | None) -> Score:
    if not callable(function):
        return Score(
            exercise,
            State.WRONG,
            0.0,
            f"{exercise.function} が関数ではありません（{type(function).__name__} です）。def で関数を書いてください。",
        )
    said = io.StringIO()
    with (
        warnings.catch_warnings(record=True) as warned,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        warnings.simplefilter("always")
        hidden = _with_answers(inputs, answer)
        score = _judge(exercise, function, [*exercise.cases, *hidden])
    if score.message.startswith(NOTHING) and said.getvalue().strip():
        score = replace(score, message=f"{NOTHING}print ではなく return で返してください。")
    return _with_notes(score, said.getvalue(), warned, secret=bool(hidden))


def _judge(exercise: Exercise, function: Callable, cases: list[Case]) -> Score:
    # Ordinary cases first: an edge case only counts once the rest is right.
    cases = sorted(cases, key=lambda one: bool(one.edge))
    results: list[tuple[Case, object]] = []
    failed: tuple[Case, object, str] | None = None
    for one in cases:
        if failed and (one.edge and not failed[0].edge):
            break
        result = _call(function, one.args)
        if not results and isinstance(result, Raised) and isinstance(result.error, NotImplementedError):
            return Score(exercise, State.UNANSWERED, 0.0, "まだ解答がありません。上のセルに書いてみましょう。", hint=1)
        results.append((one, result))
        complaint = _complaint(exercise, one, result)
        if not complaint and len(results) == 1:
            complaint = _irreproducible(exercise, function, one, result)
        if complaint and not failed:
            failed = one, result, complaint
    if failed is None or failed[0].edge:  # all ordinary results are right
        one, result = results[0]
        complaint = _ignores_rng(exercise, function, one, result)
        failed = (one, result, complaint) if complaint else failed
    if failed is None:
        return Score(exercise, State.RIGHT, float(exercise.points), f"{len(results)} 通りの入力で確かめました。")
    one, result, complaint = failed
    # Draws that only come from elsewhere than rng are no mistake in themselves.
    mistake = _recognise(exercise, function, results, one) if _complaint(exercise, one, result) else None
    return Score(
        exercise,
        State.WRONG,
        exercise.points / 2 if one.edge else 0.0,
        complaint,
        hint=mistake.hint if mistake else None,
        details=_details(exercise, one, result),
        mistake=mistake,
        blind="" if any(one is public for public in exercise.cases) else _blind(result),
    )


def _blind(result) -> str:
    """What went wrong on a hidden input, quoting neither it nor anything that an answer could make of it."""
    tried = "非公開の入力で確かめたところ、"
    if not isinstance(result, Raised):
        return f"{tried}正しい結果になりませんでした。問題文の条件をもう一度確かめてください。"
    # A name of Python's own is no message; one that the answer made up may be.
    named = f"（{result.kind}）" if hasattr(builtins, result.kind) else ""
    return f"{tried}実行中にエラーになりました{named}。{_advice(result)}"


def _details(exercise: Exercise, one: Case, result) -> tuple[tuple[str, str], ...]:
    """The rows of the card: input, what came back, what was expected."""
    rows = [("入力", _show_call(exercise.function, one.args))]
    if one.edge:
        rows.insert(0, (EDGE, one.edge))
    rows.append(("返ってきたもの", show_value(result)))
    if isinstance(result, Raised) and result.line:
        rows.append((PLACE, result.line))
    if one.gives is not _MISSING:
        rows.append(("期待するもの", show_value(one.gives)))
    return tuple(rows)


def _show_call(function: str, args: tuple) -> str:
    """The call as a card shows it; matrices go on lines of their own, so that their columns stay aligned."""
    shown = [show_value(a) for a in args]
    if not any("\n" in text for text in shown):
        return f"{function}({', '.join(shown)})"
    body = ",\n".join(textwrap.indent(text, "  ") for text in shown)
    return f"{function}(\n{body})"


def show_value(value, limit: int = 400) -> str:
    """A value as a card shows it: rounded, and cut where it would fill the screen."""
    if isinstance(value, np.ndarray):
        body = np.array2string(value, precision=4, suppress_small=True, threshold=40, edgeitems=2, separator=", ")
        text = body if value.size <= 40 else f"{body}  # 形 {value.shape}"
    elif isinstance(value, (float, np.floating)):
        text = f"{value:.6g}"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{show_value(k)}: {show_value(v)}" for k, v in value.items()) + "}"
    elif isinstance(value, (list, tuple)):
        inside = ", ".join(show_value(v) for v in value) + ("," if isinstance(value, tuple) and len(value) == 1 else "")
        text = f"[{inside}]" if isinstance(value, list) else f"({inside})"
    elif isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        text = str(int(value))
    else:
        text = repr(value)
    return text if len(text) <= limit else text[:limit] + " …"


# NumPy's own warnings name a function, and nothing else.
_NUMPY_WARNS = re.compile(r"(?:divide by zero|overflow|underflow|invalid value) encountered in (?:scalar )?(\w+)")


def _with_notes(score: Score, said: str, warned: list, *, secret: bool) -> Score:
    """Add what the answer printed or warned of: worth knowing, never worth points."""
    notes, hidden = [], []
    if said.strip():
        (hidden if secret else notes).append(f"実行中の表示: {said.strip()[:200]}")
    messages = list(dict.fromkeys((w.category, str(w.message)) for w in warned))
    if messages:
        category, text = messages[0]
        numpy = _NUMPY_WARNS.fullmatch(text) if category is RuntimeWarning else None
        quotes_nothing = numpy is not None and hasattr(np, numpy[1])
        note = f"実行中の警告（減点はありません）: {f'{category.__name__}: {text}'[:200]}"
        (notes if quotes_nothing or not secret else hidden).append(note)
    if not notes and not hidden:
        return score
    return replace(score, notes=tuple(notes), hidden_notes=tuple(hidden))
