"""``check`` itself: its states, its cards, and that nothing a learner writes breaks or fools it by accident."""

import math
import re
import warnings
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sources
from hypothesis import given
from hypothesis import strategies as st

from course_utils.exercises import Exercise, State, case, check, core, expect, find
from course_utils.exercises.card import without_hidden
from course_utils.exercises.core import Mistake, Seed

DOUBLE = Exercise(
    number="0-1",
    title="2 倍",
    function="double",
    points=2,
    expects=expect.Array(),
    cases=(
        case(np.array([1.0, 2.0]), gives=np.array([2.0, 4.0])),
        case(np.array([]), gives=np.array([]), edge="空の配列"),
        case(np.array([-1.0]), gives=expect.Raises(ValueError), edge="負の数"),
    ),
    mistakes=(Mistake("2 乗しています。", hint=2, wrong=lambda x: x**2),),
)


def right(x):
    if (x < 0).any():
        raise ValueError("negative")
    return 2 * x


@pytest.fixture(autouse=True)
def _register(monkeypatch):
    known = find
    monkeypatch.setattr("course_utils.exercises.find", lambda n: DOUBLE if n == "0-1" else known(n))


def test_right():
    score = check("0-1", right)
    assert (score.state, repr(score)) == (State.RIGHT, "2")


def test_edge_cases_are_worth_half():
    score = check("0-1", lambda x: 2 * x)
    assert (score.state, repr(score)) == (State.WRONG, "1")
    card = score._repr_html_()
    assert "負の数" in card and "ValueError を送出" in card and "端の場合まで合うと満点" in card


def test_known_mistake_is_named_with_its_hint():
    card = check("0-1", lambda x: x**2)._repr_html_()
    assert "2 乗しています" in card and "ヒント 2" in card
    assert "double([1., 2.])" in card and "[2., 4.]" in card


def test_hidden_inputs_count():
    def only_the_public_ones(x):
        return right(x) if len(x) <= 2 else x

    assert check("0-1", only_the_public_ones).state is State.RIGHT
    hidden = check("0-1", only_the_public_ones, [(np.arange(5.0),)], right)
    assert (hidden.state, hidden.points) == (State.WRONG, 0)


def _plain(card):
    return re.sub(r"<[^>]+>", " ", card)


def test_hidden_input_is_for_the_lecturer_alone():
    def returns_what_it_got(x):
        return right(x) if len(x) <= 2 else 77 * x

    public = check("0-1", lambda x: 3 * x)
    assert public.blind == "" and "<!--" not in public._repr_html_()
    card = check("0-1", returns_what_it_got, [(np.arange(5.0),)], right)._repr_html_()
    for secret in ("位置 [1]", "[0., 1., 2., 3., 4.]", "77.", "[0., 2., 4., 6., 8.]"):
        assert secret in _plain(card) and secret not in _plain(without_hidden(card))
    assert "<!--" not in without_hidden(card)
    assert "非公開の入力で確かめたところ、正しい結果になりませんでした" in without_hidden(card)
    edge = check("0-1", right, [case(np.array([7.5]), gives=np.array([8.0]), edge="端の端")])._repr_html_()
    assert "端の端" in without_hidden(edge) and "1 / 2 点" in without_hidden(edge)
    assert "7.5" in edge and "7.5" not in without_hidden(edge)


def test_error_on_a_hidden_input_shows_the_students_own_line():
    source = """
def f(x):
    if len(x) > 2: raise KeyError(x.tolist())
    if (x < 0).any(): raise ValueError
    return 2 * x"""
    namespace = {}
    exec(source, namespace)

    def carries(text):
        def answer(x):
            try:
                return namespace["f"](x)
            except KeyError as error:
                error.own_line = text
                raise

        return check("0-1", answer, [(np.array([5.5, 6.5, 7.5]),)], right)._repr_html_()

    own = "2 行目: if len(x) &gt; 2: raise KeyError(x.tolist())"
    card = carries("2 行目: if len(x) > 2: raise KeyError(x.tolist())")
    assert own in without_hidden(card, [source]) and "（KeyError）" in without_hidden(card)
    assert own not in without_hidden(card) and "6.5" in card and "6.5" not in without_hidden(card, [source])
    for forged in ("2 行目: 6.5", "65 行目: return 2 * x"):
        assert forged in carries(forged) and forged not in without_hidden(carries(forged), [source])


def test_name_of_an_error_class_is_shown_only_if_it_is_pythons():
    def tells(x):
        if len(x) > 2:
            raise type("Got55", (Exception,), {})
        return right(x)

    card = check("0-1", tells, [(np.ones(3),)], right)._repr_html_()
    assert "Got55" in card and "Got55" not in without_hidden(card)


def test_line_that_an_error_brings_along_is_shown():
    def sandboxed(x):
        error = IndexError("far")
        error.own_line = "4 行目: return x[i]"
        raise error

    assert ("エラーの場所", "4 行目: return x[i]") in check("0-1", sandboxed).details

    def odd(x):
        error = IndexError("far")
        error.own_line = 4
        raise error

    assert all(name != "エラーの場所" or "raise error" in line for name, line in check("0-1", odd).details)


def test_what_an_answer_prints_of_a_hidden_input_is_hidden():
    def noisy(x):
        if len(x) > 2:
            print("got", x)
            warnings.warn(f"divide by zero encountered in {x[0]:.0f}", RuntimeWarning, stacklevel=1)
        return right(x)

    score = check("0-1", noisy, [(np.full(3, 5.0),)], right)
    assert score.state is State.RIGHT
    assert "got [5. 5. 5.]" in score._repr_html_() and "encountered in 5" in score._repr_html_()
    assert "5" not in _plain(without_hidden(score._repr_html_())).split("確かめました")[1]

    def divides(x):
        np.log(np.zeros(1))
        return right(x)

    # NumPy's own words tell nothing.
    card = without_hidden(check("0-1", divides, [(np.full(3, 5.0),)], right)._repr_html_())
    assert "divide by zero encountered in log" in card


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x: None, "return を書きましたか"),
        (lambda x: "2", "文字列が返ってきました"),
        (lambda x: [str(2 * v) for v in x], "文字列が返ってきました"),
        (lambda x: np.array([str(2 * v) for v in x], dtype=object), "文字列が返ってきました"),
        (lambda x: np.array([b"2", b"4"]), "文字列が返ってきました"),
        (lambda x: [[1], [2, 3]], "長さが不ぞろい"),
        (lambda x: (2 * v for v in x), "ジェネレータ"),
        (lambda x: 2 * x + 1j, "複素数"),
        (lambda x: 2 * x[None], "形が (1, 2)"),
        (lambda x: x * np.nan, "NaN"),
        (lambda x: {1: 2}, "辞書が返ってきました"),
        (lambda x: print, "関数"),
        (lambda: 1, "引数の数が合っていません"),
        (lambda x: x[9], "範囲の外"),
        (lambda x: undefined, "名前のつづり"),  # noqa: F821
        (lambda x: 1 / 0, "0 で割っています"),
        (lambda x: exit(), "SystemExit"),
        (lambda x: {}["k"], "辞書にないキー"),
        (lambda x: x.nothing, "リストと配列"),
        (lambda x: {x.tobytes(): 1, tuple(x): 1, (1, [2]): 1}, "タプルにしてください"),
        (lambda x: x + np.ones(7), "a[:, None]"),
        (lambda x: x + print(x), "return を忘れた関数"),
        (lambda x: np.add(np.ones(2, dtype=int), 0.5, out=np.ones(2, dtype=int)), "整数の配列に小数"),
        (lambda x: 2 if x > 0 else 3, "np.where"),
        (lambda x: np.random.default_rng(0).rand(2), "rng にその名前の関数はありません"),
        (lambda x: print(2 * x), "print ではなく return で返してください"),
    ],
)
def test_wrong_results_are_cards_not_tracebacks(answer, says):
    score = check("0-1", answer)
    assert score.state is State.WRONG and score.points == 0
    assert says in score.message
    assert says.replace("<", "&lt;") in score._repr_html_()


def test_error_that_cannot_be_shown_is_a_card():
    class MuteError(ValueError):
        def __str__(self):
            raise RuntimeError

    def raises(x):
        raise MuteError

    assert "（MuteError: ）" in check("0-1", raises).message


@pytest.mark.parametrize("two", [Decimal(2), Fraction(2), np.float16(2), np.uint8(2)])
def test_numbers_of_any_kind_are_numbers(two):
    def answer(x):
        right(x)  # raises where it should
        return np.array([two * int(v) for v in x], dtype=object)

    assert check("0-1", answer).state is State.RIGHT
    assert check("0-1", lambda x: answer(x).tolist()).state is State.RIGHT


@pytest.mark.parametrize(
    ("instead", "says"),
    [
        (lambda: ValueError("negative"), "raise ValueError(...) と書きます"),
        (lambda: ValueError, "raise ValueError(...) と書きます"),
        (lambda: print("ValueError"), "print や return ではなく"),
        (lambda: 0.0, "値が返ってきました"),
        (lambda: {}["k"], "KeyError になりました"),
    ],
)
def test_error_that_is_not_raised(instead, says):
    score = check("0-1", lambda x: instead() if (x < 0).any() else 2 * x)
    assert score.points == 1 and says in score.message


def test_error_of_a_mistake_is_told_from_others_of_its_class(monkeypatch):
    def root(x):
        return [math.sqrt(v - 1.5) for v in x]

    by_class = Mistake("1.5 を引いています。", hint=1, wrong=root)
    by_text = replace(by_class, error="math domain|nonnegative")
    alone = Mistake("形が違います。", hint=2, error="could not be broadcast")
    exercise = replace(DOUBLE, mistakes=(alone, by_text))
    monkeypatch.setattr("course_utils.exercises.find", lambda n: exercise)
    assert check("0-1", root).mistake is by_text
    assert check("0-1", lambda x: x + np.ones(7)).mistake is alone
    assert check("0-1", lambda x: int("two")).mistake is None


def test_endless_recursion_is_a_card():
    def forever(x):
        return forever(x)

    assert "自分を呼び続けています" in check("0-1", forever).message


@pytest.mark.parametrize("thing", [3, None, "double", [1]])
def test_something_that_is_no_function(thing):
    assert "関数ではありません" in check("0-1", thing).message


def test_unknown_exercise_is_an_error_of_the_notebook():
    with pytest.raises(KeyError, match="9-9"):
        check("9-9", right)


def test_warnings_and_prints_are_noted_and_cost_nothing(capfd, recwarn):
    def noisy(x):
        print("途中の値", x)
        warnings.warn("気をつけて", stacklevel=1)
        np.log(np.array([0.0]))
        return right(x)

    score = check("0-1", noisy)
    assert score.state is State.RIGHT
    assert "途中の値" in score._repr_html_() and "気をつけて" in score._repr_html_()
    assert capfd.readouterr() == ("", "") and not recwarn.list


def test_arguments_changed_in_place_do_not_spoil_the_next_call():
    def destructive(x):
        if (x < 0).any():
            raise ValueError
        x *= 2
        return x

    for _ in range(2):
        assert check("0-1", destructive).state is State.RIGHT


def test_always_equal_object_does_not_pass():
    class Yes:
        def __eq__(self, other):
            return True

        __hash__ = None

        def __array__(self, dtype=None, copy=None):
            return np.full(2, self)

    assert check("0-1", lambda x: Yes()).state is State.WRONG


def test_html_in_an_answer_is_escaped():
    card = check("0-1", lambda x: "<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in card and "&lt;script&gt;" in card


def test_the_card_reads_as_text():
    card = check("0-1", lambda x: x**2)._repr_html_()
    text = re.sub(r"<[^>]+>", " ", card)
    assert "不正解" in text and "演習 0-1" in text and "0 / 2 点" in text
    assert 'aria-label="演習 0-1 の採点結果: 不正解"' in card


def test_long_values_are_cut():
    assert len(core.show_value(list(range(10_000)))) < 500
    assert "形 (50, 50)" in core.show_value(np.zeros((50, 50)))


# Statistics


def test_right_draws_are_accepted_at_the_declared_rate():
    # 4,000 checks of right draws; the bound promises fewer than 4,000 × 5e-8 alarms.
    rng = np.random.default_rng(0)
    draws = expect.CategoricalDraws()
    p = np.array([0.5, 0.2, 0.3])
    alarms = sum(
        draws.complaint(np.repeat(np.arange(3), rng.multinomial(2_000, p)), None, (p, 2_000, Seed(0))) is not None
        for _ in range(4_000)
    )
    assert alarms == 0


@given(st.integers(1, 400), st.floats(1e-9, 1 - 1e-9) | st.sampled_from([0.0, 1.0]), st.integers(1, 50))
def test_chernoff_bound_is_never_violated_more_often_than_declared(n, p, tests):
    # Exact binomial probability of all counts that would raise the alarm.
    from scipy.stats import binom

    counts = np.arange(n + 1)
    with np.errstate(all="ignore"):
        alarm = expect.unlikely(counts, n, np.full(n + 1, p), tests=tests)
    assert binom.pmf(counts[alarm], n, p).sum() <= expect.FALSE_ALARM / tests * (1 + 1e-6)


def test_bernoulli_draws_notice_dependence():
    rng = np.random.default_rng(1)
    p = np.array([0.3, 0.6, 0.5])
    args = (p, 4_000, Seed(0))
    draws = expect.BernoulliDraws()
    assert draws.complaint((rng.random((4_000, 3)) < p).astype(int), None, args) is None
    same_row = (rng.random((4_000, 1)) < p).astype(int)
    assert "独立ではありません" in draws.complaint(same_row, None, args)
    repeated = np.repeat((rng.random((2_000, 3)) < p).astype(int), 2, axis=0)
    assert "となり合う画像" in draws.complaint(repeated, None, args)


# Slips that any exercise knows, made in the right answer to each


ROUNDED, PERCENT, AXIS, CONSTANT, MEMORY = (slip for slip, _ in core._SLIPS)
# Whole numbers and words are the same however they are rounded, and may be the same for many inputs.
WHOLE = {"1-3", "2-3", "8-1", "8-2"}


def _each(change, value):
    if isinstance(value, dict):
        return {key: _each(change, v) for key, v in value.items()}
    return tuple(_each(change, v) for v in value) if isinstance(value, tuple) else change(np.asarray(value))


def _slipped(number, change):
    model = sources.model_answer(number)
    return check(number, lambda *args: change(model(*args)))


def _is(mistake, number, slip):
    return mistake is slip or mistake in find(number).mistakes  # an exercise may say it in words of its own


@pytest.mark.parametrize("number", sources.exercises())
def test_slips_are_named_in_every_exercise(number):
    assert _is(_slipped(number, lambda right: [right]).mistake, number, AXIS)
    if number in WHOLE or find(number).random:
        return
    rounded = _slipped(number, lambda right: _each(lambda v: np.round(v, 2), right))
    assert rounded.state is State.RIGHT or _is(rounded.mistake, number, ROUNDED)
    assert _is(_slipped(number, lambda right: _each(lambda v: 100 * v, right)).mistake, number, PERCENT)
    before = []

    def remembers(result):
        before.append(result)
        return _each(lambda v: v + len(before), result)

    assert _is(_slipped(number, remembers).mistake, number, MEMORY)
    assert _slipped(number, lambda result: before[0]).mistake is CONSTANT


def test_slips_that_are_not_certain_are_not_named(monkeypatch):
    share = case(np.array([1.0, 5.0]), gives=np.array([1e-3, 0.99999]))
    other = case(np.array([2.0, 4.0]), gives=np.array([1 / 3, 2 / 3]))
    exercise = replace(DOUBLE, cases=(share, other), mistakes=())
    monkeypatch.setattr("course_utils.exercises.find", lambda n: exercise)

    def says(*results):
        left = {1.0: results[0], 2.0: results[1]}
        return check("0-1", lambda x: left[x[0]]).mistake

    assert says([0.001, 1.0], [0.333, 0.667]) is ROUNDED
    assert says([0.0, 1.0], [1 / 3, 2 / 3]) is None  # underflow, or cut at 1
    assert says([0.001, 0.99999], [0.333, 0.67]) is None
    assert says([0.1, 99.999], [1 / 3, 2 / 3]) is None
    assert says([0.0, 1.0], [0.0, 1.0]) is None
    assert says([0.5, 1.0], [0.5, 1.0]) is CONSTANT
    assert says([np.nan, 1.0], [np.nan, 0.5]) is None
    assert says([[0.5, 0.5]], [[1 / 3, 2 / 3]]) is None


# The seed


def test_right_intervals_hardly_ever_agree_for_all_seeds():
    # The lower end is an order statistic of n_boot means; if it alone agreed for all seeds, so might the interval.
    from scipy.stats import binom

    values, level, n_boot, _ = find("8-4").cases[0].args
    pmf = np.ones(1)
    for _ in values:
        pmf = np.convolve(pmf, np.bincount(values - values.min()) / len(values))
    rank = int((n_boot - 1) * (1 - level) / 2)
    at_most = binom.sf(rank, n_boot, np.cumsum(pmf).clip(max=1))  # at least rank + 1 of the means
    one_value = np.diff(at_most, prepend=0)
    assert 1e-9 < (one_value ** (core.SEEDS + 1)).sum() < 1e-6


@pytest.mark.parametrize("number", [n for n in sources.exercises() if find(n).random])
def test_every_fixed_seed_is_noticed(number):
    model = sources.model_answer(number)
    for seed in range(20):
        score = check(number, lambda *args, seed=seed: model(*args[:-1], np.random.default_rng(seed)))
        assert "種のちがう rng" in score.message and score.points == 0 and score.mistake is None


def test_one_end_is_told_where_only_one_is_right():
    args = (np.array([0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 60]), 0.8, 8_000, Seed(2))
    said = expect.BootstrapInterval().complaint([0.5, 11.0], None, args)
    assert "下端が 0.5 です。0.1667 になるはずです" in said
