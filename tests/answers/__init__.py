"""Right and wrong answers to every exercise: the grader's own test suite.

One module per chapter. Each answer is a function decorated with the exercise it answers:

- ``@right("2-1")``: must get full marks, however it is written;
- ``@wrong("2-1", says="axis=1")``: must not, and the card must say so; ``points`` is what it still earns.

``tests/test_answers.py`` runs them through the real test cells of ``solutions/``, hidden tests included.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One answer: ``says`` is None for a right one, else a piece of the message that it must draw."""

    exercise: str
    function: Callable
    says: str | None = None
    points: float = 0.0

    @property
    def name(self) -> str:
        """How pytest calls it."""
        return f"{self.exercise}-{self.function.__name__}"


ANSWERS: list[Answer] = []


def right(exercise: str):
    """Register a right answer."""

    def register(function):
        ANSWERS.append(Answer(exercise, function))
        return function

    return register


def wrong(exercise: str, *, says: str, points: float = 0.0):
    """Register a wrong answer, a piece of the message that it must draw, and the points that it still earns."""

    def register(function):
        ANSWERS.append(Answer(exercise, function, says, points))
        return function

    return register


# At the end, because the chapters' modules import the decorators from here.
for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
