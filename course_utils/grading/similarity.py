"""Answers that share what few others wrote: a hint for the lecturer, never a proof.

Each run of ``RUN`` tokens of an answer is hashed (Broder 1997, *On the resemblance and containment of documents*;
such runs are what MOSS samples: Schleimer, Wilkerson & Aiken 2003, *Winnowing*; answers are short enough to keep
all of them). Names that the student may choose count only by where they come back (Baker 1995, *On finding
duplication and near-duplication in large software systems*), so renaming changes nothing; comments, docstrings,
strings and layout do not count at all. Runs that the course itself gives, and runs that many of the class have,
are set aside: typical answers are alike. Two answers are similar when they share many of the runs that are left.
"""

import builtins
import io
import keyword
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

RUN = 8  # tokens in one run; `x.mean(axis=0)` has nine
LONGEST = 10_000  # characters of an answer that are compared
FEWEST = 16  # unusual runs that two answers must share: two or three lines
LEAST = 0.6  # of the unusual runs of the shorter answer
# A run is unusual if at most this many have it: one in twenty, but between these bounds. The upper one also bounds
# the work: n runs make at most n·19/2 pairs.
RARE, RARE_LEAST, RARE_MOST = 0.05, 4, 20

_BUILTINS = frozenset(dir(builtins))
# Karp & Rabin (1987): a polynomial in an odd base, modulo 2**64.
_POWERS = np.array([pow(0x9E3779B97F4A7C15, i, 2**64) for i in range(RUN)], dtype=np.uint64)
_SKIPPED = frozenset({"COMMENT", "NL", "INDENT", "DEDENT", "ENCODING", "ENDMARKER", "TYPE_COMMENT"})


@dataclass(frozen=True)
class Pair:
    """Two answers to one exercise that look alike.

    Attributes:
        exercise: as it was given to :func:`similar`. students: in alphabetical order.
        score: share of the unusual runs of the shorter answer that the other one has too, 0 to 1.
        shared: how many these are. reason: one line in Japanese.
    """

    exercise: str
    students: tuple[str, str]
    score: float
    shared: int
    reason: str


def similar(answers: Mapping[str, Mapping[str, str]], given: Iterable[str] = ()) -> list[Pair]:
    """The pairs of answers that share unusual code, most alike first.

    Args:
        answers: code by student, by exercise.
        given: code that everybody may have taken from the course: stubs, examples, hints, model answers
            (see :func:`course_code`).
    """
    known = np.unique(np.concatenate([np.empty(0, np.uint64), *map(fingerprint, given)]))
    pairs = [pair for exercise, one in answers.items() for pair in _similar(exercise, one, known)]
    return sorted(pairs, key=lambda pair: (-pair.score, -pair.shared, pair.exercise, pair.students))


def _similar(exercise: str, answers: Mapping[str, str], known: np.ndarray) -> Iterator[Pair]:
    students = sorted(answers)
    prints = [fingerprint(answers[student]) for student in students]
    prints = [runs[~np.isin(runs, known, assume_unique=True)] for runs in prints]
    rare = rare_limit(len(students))
    unusual, pairs, shared = _shared(prints, rare)
    smaller = np.minimum(*unusual[pairs].T)
    for (a, b), count, least in zip(pairs, shared, smaller, strict=True):
        if count >= FEWEST and count >= LEAST * least:
            first, second = students[a], students[b]
            if answers[first].split() == answers[second].split():
                reason = "一字一句同じです（空白と改行を除く）"
            elif np.array_equal(prints[a], prints[b]):
                reason = "変数名・文字列・コメントを除くと同じです"
            else:
                reason = f"珍しい並びが {count} 個共通です"
            yield Pair(exercise, (first, second), float(count / least), int(count), reason)


def rare_limit(n: int) -> int:
    """How many of ``n`` students may have a run before it counts as usual."""
    return min(max(round(RARE * n), RARE_LEAST), RARE_MOST)


def _shared(prints: list[np.ndarray], rare: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An inverted index from run to answers: unusual runs of each answer (n,), pairs (m, 2), runs they share (m,)."""
    n = len(prints)
    runs = np.concatenate([np.empty(0, np.uint64), *prints])
    owners = np.repeat(np.arange(n), [len(one) for one in prints])
    owners = owners[np.argsort(runs, kind="stable")]  # so the owners of one run stand together, in order
    sizes = np.unique(runs, return_counts=True)[1]
    starts = np.cumsum(sizes) - sizes
    unusual, codes = np.zeros(n, int), [np.empty(0, int)]
    for size in range(1, rare + 1):
        groups = owners[starts[sizes == size, None] + np.arange(size)]
        unusual += np.bincount(groups.ravel(), minlength=n)
        first, second = np.triu_indices(size, 1)
        codes.append((groups[:, first] * n + groups[:, second]).ravel())
    codes, shared = np.unique(np.concatenate(codes), return_counts=True)
    return unusual, np.stack(np.divmod(codes, max(n, 1)), axis=1), shared


def fingerprint(code: str) -> np.ndarray:
    """The different runs of ``code``, hashed: (m,) uint64, sorted; empty if there are fewer than ``RUN`` tokens.

    Code that Python cannot read counts up to where it breaks.
    """
    fixed, back, last = [], [], {}
    for i, (word, own) in enumerate(_words(code[:LONGEST])):
        fixed.append(0 if own else crc32(word.encode(errors="replace")))
        back.append(i - last.get(word, i) if own else 0)
        if own:
            last[word] = i
    if len(fixed) < RUN:
        return np.empty(0, np.uint64)
    back = sliding_window_view(np.array(back, dtype=np.uint64), RUN)
    # What a name was before its run begins is not part of the run.
    runs = sliding_window_view(np.array(fixed, dtype=np.uint64), RUN) + back * (back <= np.arange(RUN))
    return np.unique((runs * _POWERS).sum(axis=1))


def _words(code: str) -> Iterator[tuple[str, bool]]:
    """The tokens that count, and whether each is a name of the student's own choice."""
    line: list[tuple[str, bool]] = []
    after_dot, nested = False, 0
    for kind, text, calls in _tokens(code):
        if kind.endswith("STRING_START"):  # since Python 3.12 an f-string comes in pieces; it counts as one
            nested += 1
        elif kind.endswith("STRING_END"):
            nested -= 1
            if not nested:
                line.append(("''", False))
        elif nested or kind in _SKIPPED:
            continue
        elif kind == "NEWLINE":
            yield from _statement(line)
            line = []
        elif kind == "STRING":
            line.append(("''", False))
        else:
            # An attribute is the library's name, and so is a built-in function where it is called.
            own = kind == "NAME" and not (keyword.iskeyword(text) or after_dot or (calls and text in _BUILTINS))
            line.append((text, own))
        after_dot = text == "."
    yield from _statement(line)


def _statement(line: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """A statement that is nothing but strings is a docstring."""
    return line if any(word != "''" for word, _ in line) else []


def _tokens(code: str) -> Iterator[tuple[str, str, bool]]:
    """Kind, text, and whether "(" follows at once; ends quietly where the code cannot be read."""
    kind = text = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if kind:
                yield kind, text, token.string == "("
            kind, text = tokenize.tok_name[token.type], token.string
    # TokenError: a bracket or string stays open; SyntaxError: wrong indentation; ValueError: no text at all.
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass
    if kind:
        yield kind, text, False


def course_code(notebook: Mapping) -> list[str]:
    """All code in a notebook (nbformat 4, sources as strings): code cells, and code in the text, hints too."""
    pieces = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            pieces.append(cell["source"])
        elif cell["cell_type"] == "markdown":
            found = re.finditer(r"```\w*\n(.*?)```|`([^`\n]+)`", cell["source"], re.S)
            pieces += [block[1] or block[2] for block in found]
    return pieces
