"""演習の採点。ノートブックが使うのは ``check`` だけです。

One file per chapter lists its exercises; ``core`` judges, ``expect`` compares, ``card`` shows.
"""

from importlib import import_module

from .core import Exercise, Score, State, case, check

__all__ = ["Exercise", "Score", "State", "case", "check", "find"]


def find(number: str) -> Exercise:
    """The exercise with this number ("2-1"). Raises ``KeyError`` if there is none."""
    chapter = number.split("-")[0]
    try:
        exercises = import_module(f".chapter{chapter}", __name__).EXERCISES
    except ModuleNotFoundError:
        exercises = ()
    for exercise in exercises:
        if exercise.number == number:
            return exercise
    raise KeyError(f"演習 {number} はありません")
