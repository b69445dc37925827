"""Run a test cell, hidden tests included, in the grader's own process, on functions that live in the sandbox.

The cell is the one that nbgrader stores and that also runs in one process for a learner. Here every name that it
takes from the student is a :class:`Remote`: arguments go over and results come back by value.
"""

import ast
import builtins
import contextlib
import io
import time
import warnings
from dataclasses import dataclass, field
from html import escape

from ..exercises import Score
from . import values
from .key import KeyCell
from .results import NOT_GRADED, Mark
from .sandbox import Gone, Sandbox


@dataclass
class Clock:
    """How much time is left; the student's code is stopped when it is over."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        return self.seconds - (time.monotonic() - self.started)


class Remote:
    """Stands for a function of the student's. What it raises, prints and warns of arrives here as if it ran here."""

    def __init__(self, sandbox: Sandbox, name: str, clock: Clock, missed: set[str]):
        self.sandbox, self.name, self.clock, self.missed = sandbox, name, clock, missed
        self.__name__ = name

    def __call__(self, *args):
        answer = self.sandbox.call(self.name, list(args), self.clock.left)
        try:
            return self._result(answer)
        except (values.ExchangeError, KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, RemoteError):
                raise
            self.sandbox.leave()
            raise Gone("実行結果を読み取れません") from None

    def _result(self, answer: dict):
        print(str(answer["said"]), end="")
        for kind, text in answer["warned"]:
            warnings.warn(str(text), _kind(Warning, [str(kind), "UserWarning"]), stacklevel=2)
        if "value" in answer:
            return values.decode(answer["value"])
        if "unreadable" in answer:
            return values.opaque("大きすぎる値")
        self.missed.add(str(answer["missing"]))
        kinds = [str(kind) for kind in answer["raised"]]
        raise _error(str(answer["kind"]), kinds, str(answer["text"]), str(answer["line"]))


class RemoteError(Exception):
    """Marks errors that the student's function raised over there."""


def _error(name: str, kinds: list[str], text: str, line: str) -> BaseException:
    """An exception of the same name and the nearest built-in kind."""
    root = SystemExit if "SystemExit" in kinds else Exception
    kind = _kind(root, kinds)
    shown = {"__str__": lambda self: values.decode(text), "__init__": lambda self: None, "own_line": line}
    if kind is SystemExit:
        bases = (SystemExit,)
    elif kind is Exception:
        bases = (RemoteError,)
    else:
        bases = (kind, RemoteError)
    return type(values.decode(name)[:60], bases, shown)()


def _kind(root: type, kinds: list[str]) -> type:
    """The first of the names that is a built-in below ``root``; ``root`` itself if none is."""
    for name in kinds:
        found = getattr(builtins, name, None)
        if isinstance(found, type) and issubclass(found, root) and not issubclass(found, BaseExceptionGroup):
            return found
    return root


@dataclass(frozen=True)
class Outcome:
    """What a test cell gave: the mark, and the outputs as nbformat stores them."""

    mark: Mark
    outputs: list[dict]


def unknown_names(source: str, imports: str) -> frozenset[str]:
    """The names that a test cell takes from the student."""
    space = _namespace(imports)
    used, bound = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
    return frozenset(used - bound - space.keys() - set(dir(builtins)))


def _namespace(imports: str) -> dict:
    """What the chapter's first cell makes, new for every test cell: nothing is carried over between students."""
    space = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(compile(imports, "<imports>", "exec"), space)
    return space


def examine(
    test: KeyCell, imports: str, names: frozenset[str], sandbox: Sandbox, clock: Clock
) -> tuple[Outcome, set[str]]:
    """Run a test cell. Never raises, whatever the student's code does; without a score there are 0 points and a reason.

    Args:
        imports: the chapter's first cell. names: what the test takes from the student, see :func:`unknown_names`.

    Returns:
        The outcome, and the names that the student's code missed (a NameError over there).
    """
    missed: set[str] = set()
    started = time.monotonic()
    said = io.StringIO()
    score, reason, state = None, None, NOT_GRADED
    try:
        space = _namespace(imports)
        for wanted in sorted(names):
            found = sandbox.look(wanted, clock.left)
            if found.get("is") == "callable":
                space[wanted] = Remote(sandbox, wanted, clock, missed)
            elif found.get("is") == "value":
                space[wanted] = values.decode(found.get("value"))
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            score = _value(test.source, space)
        reason = _why_no_score(score, test.points)
    except Gone as gone:
        reason = f"解答の関数を実行できません（{gone}）"
    except NameError as error:
        missed.add(str(error.name))
        reason, state = f"関数 {error.name} が定義されていません", "不正解"
    except Exception as error:
        reason = f"採点セルがエラーで終わりました: {type(error).__name__} {error}"[:300]
    seconds = round(time.monotonic() - started, 4)
    if reason is not None:
        mark = Mark(test.grade_id, test.number, 0.0, test.points, state, reason, seconds=seconds)
        return Outcome(mark, [zero(reason)]), missed
    return Outcome(_mark(test, score, seconds), [_shown(score), *_printed(said.getvalue())]), missed


def _value(source: str, space: dict):
    """Run a cell's text; the value of a last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<test>", "exec"), space)
    return eval(compile(ast.Expression(last.value), "<test>", "eval"), space) if last else None


def _why_no_score(score, points: float) -> str | None:
    if score is None:
        return "採点の結果が出ませんでした"
    try:
        given = float(repr(score))
    except ValueError:
        return f"採点の結果が数ではありません: {repr(score)[:60]}"
    if not 0 <= given <= points:
        return f"採点の結果が配点の範囲にありません: {given:g}"
    return None


def _mark(test: KeyCell, score, seconds: float) -> Mark:
    given = float(repr(score))
    state, message, mistake = "正解" if given == test.points else "不正解", "", ""
    if isinstance(score, Score):  # another instructor's test cell may end in a number
        state, message = score.state.value, score.message
        mistake = score.mistake.says if score.mistake else ""
    return Mark(test.grade_id, test.number, given, test.points, state, message, mistake, seconds)


def _shown(score) -> dict:
    """The score as an output: for nbgrader the number, for people the card."""
    data = {"text/plain": repr(score)}
    if isinstance(score, Score):
        data["text/html"] = score._repr_html_()
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}


def _printed(text: str) -> list[dict]:
    return [{"output_type": "stream", "name": "stdout", "text": text[:2_000]}] if text.strip() else []


def zero(reason: str) -> dict:
    """The output of a test cell that gave no score: 0 points, and why."""
    html = f'<div style="border-left:6px solid #b3261e;padding:8px 12px">0 点: {escape(reason)}</div>'
    return {
        "output_type": "execute_result",
        "data": {"text/plain": "0.0", "text/html": html},
        "metadata": {},
        "execution_count": 1,
    }
