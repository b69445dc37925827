"""The graders measured: ``make measure`` writes the table in ``tests/answers/README.md``.

For every exercise: how many small faults in the model answer lose points, whether all right answers are accepted
and all wrong ones rejected with their message, and for random functions how often a right answer is rejected.
"""

import contextlib
import signal
import sys
from dataclasses import replace
from pathlib import Path

import answers
import numpy as np
import sources
from answers.equivalent import EQUIVALENT
from mutants import mutants

from course_utils.exercises import Exercise, State, core, find

SEEDS = 2_000
TABLE = Path(__file__).parent / "answers" / "README.md"


class TooLongError(BaseException):
    """A mutant that does not come to an end. No ``Exception``, so that no answer catches it."""


@contextlib.contextmanager
def time_limit(seconds: int):
    """Raise :class:`TooLongError` in the block after ``seconds``."""

    def stop(*_):
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def said(score) -> str:
    """What a card says of an answer: the complaint and the known mistake."""
    return score.message + (score.mistake.says if score.mistake else "")


def survivors(exercise: str) -> tuple[list[str], int]:
    """The mutants of the model answer that keep full marks, and how many mutants there are."""
    alive, total = [], 0
    for description, text in mutants(sources.cell(exercise, "ex").source):
        total += 1
        namespace = sources.fresh_namespace(exercise)
        with contextlib.suppress(TooLongError), time_limit(5), np.errstate(all="ignore"):
            exec(text, namespace)
            if sources.grade(exercise, namespace[find(exercise).function]).state is State.RIGHT:
                alive.append(description)
    return alive, total


def false_alarms(exercise: Exercise, seeds: int) -> int:
    """How many of ``seeds`` runs reject the model answer of a random function, each with draws of its own."""
    function, alarms = sources.model_answer(exercise.number), 0
    for seed in range(seeds):
        cases = tuple(
            replace(one, args=tuple(core.Seed(10_000 + seed) if isinstance(a, core.Seed) else a for a in one.args))
            for one in exercise.cases
        )
        alarms += core._judge(exercise, function, list(cases)).state is not State.RIGHT
    return alarms


def row(number: str) -> str:
    """One line of the table."""
    exercise = find(number)
    alive, total = survivors(number)
    unexplained = [description for description in alive if (number, description) not in EQUIVALENT]
    meaningful = total - (len(alive) - len(unexplained))
    mine = [a for a in answers.ANSWERS if a.exercise == number]
    right = [a for a in mine if a.says is None]
    accepted = sum(sources.grade(number, a.function).state is State.RIGHT for a in right)
    wrong = [a for a in mine if a.says is not None]
    scores = [(a, sources.grade(number, a.function)) for a in wrong]
    rejected = sum(s.state is State.WRONG and a.says in said(s) for a, s in scores)
    alarms = f"{false_alarms(exercise, SEEDS)} / {SEEDS:,}" if exercise.random else "–"
    return (
        f"| {number} {exercise.title} | {meaningful - len(unexplained)} / {meaningful} "
        f"({1 - len(unexplained) / meaningful:.0%}) | {len(alive) - len(unexplained)} "
        f"| {accepted} / {len(right)} | {rejected} / {len(wrong)} | {alarms} |"
    )


HEAD = """# 採点の成績表

`make measure` がこの表を書きます。手では直しません。

- **変異体**: 模範解答の構文木を 1 か所だけ壊したもの（演算子の入れ替え、軸の取り落とし、定数のずれなど）のうち、減点された割合。意味の変わらない変異体（**等価**）は数えず、`equivalent.py` に理由を書きます。
- **正解**: 書き方のちがう正しい解答のうち、満点になった数。**不正解**: 誤った解答のうち、減点され、しかも決めたメッセージが出た数。
- **誤警報**: 乱数を使う演習で、種を変えて採点したとき、正しい解答が不正解になった回数。

| 演習 | 変異体 | 等価 | 正解 | 不正解 | 誤警報 |
|---|---|---|---|---|---|
"""  # noqa: E501


def main() -> None:
    """Measure every exercise and write the table."""
    rows = []
    for number in sources.exercises():
        rows.append(row(number))
        print(rows[-1], flush=True)
    TABLE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
