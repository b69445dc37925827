"""Similar answers: copies are found however they are renamed, typical and independent answers are not."""

import ast
import builtins
import io
import keyword
import re
import tokenize
from collections import Counter
from itertools import combinations

import answers
import nbformat
import numpy as np
import pytest
import sources
from hypothesis import assume, given
from hypothesis import strategies as st
from students import answer_code, model_code

from course_utils.grading.similarity import FEWEST, LONGEST, RUN, _shared, course_code, fingerprint, rare_limit, similar

RIGHT: dict[str, dict[str, str]] = {}
for _answer in answers.ANSWERS:
    if _answer.says is None:
        _name = _answer.function.__name__
        RIGHT.setdefault(_answer.exercise, {})[_name] = answer_code(_answer.exercise, _name)
ALL_RIGHT = [code for styles in RIGHT.values() for code in styles.values()]

ORIGINAL = '''
def responsibilities(log_weighted):
    """log π_k + log N_k の表 → 責任度。"""
    out = []
    for row in log_weighted:
        biggest = max(row)
        powers = [2.718281828459045 ** (value - biggest) for value in row]
        total = 0
        for p in powers:
            total = total + p
        out.append([p / total for p in powers])
    return np.array(out)
'''
DISGUISED = '''
def responsibilities(table):
    # 自分で考えました
    result = []

    for line in table:
        m = max(line)
        e = [ 2.718281828459045 ** (v - m)
              for v in line ]
        s = 0
        for x in e:
            s = s + x
        result.append([x / s for x in e])
    """おわり"""
    return numpy.array(result)
'''


def renamed(code: str, names: dict[str, str]) -> str:
    """``code`` with names replaced, token by token; what follows a dot belongs to somebody else."""
    tokens, before = [], ""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        text = token.string
        tokens.append((token.type, names.get(text, text) if before != "." else text))
        before = text
    return tokenize.untokenize(tokens)


def own_names(code: str) -> list[str]:
    """What the code itself binds: arguments, variables, functions."""
    bound = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.FunctionDef):
            bound.add(node.name)
    return sorted(bound - set(dir(builtins)))


# The fingerprint


@given(st.sampled_from(ALL_RIGHT), st.data())
def test_renaming_variables_does_not_change_the_fingerprint(code, data):
    old = own_names(code)
    fresh = st.lists(st.from_regex(r"[a-z_あ-ん][a-z0-9あ-ん]{0,6}", fullmatch=True), unique=True, min_size=len(old))
    new = data.draw(st.one_of(st.permutations(old), fresh))
    names = dict(zip(old, new, strict=False))
    taken = set(names.values()) & (set(re.findall(r"\w+", code)) - set(old) | set(dir(builtins)) | set(keyword.kwlist))
    assume(not taken)  # two names must not become one
    np.testing.assert_array_equal(fingerprint(renamed(code, names)), fingerprint(code))


def test_comments_docstrings_strings_and_layout_do_not_count():
    np.testing.assert_array_equal(fingerprint(DISGUISED), fingerprint(ORIGINAL))
    np.testing.assert_array_equal(
        fingerprint('raise ValueError(f"{x} は空です", a, b, c)'), fingerprint('raise ValueError("", q, r, s)')
    )


@pytest.mark.parametrize(
    "other",
    [
        "def f(a, b):\n    return np.sum(a * b, axis=1) / b",  # another variable
        "def f(a, b):\n    return np.sum(a * b, axis=0) / a",  # another number
        "def f(a, b):\n    return np.mean(a * b, axis=1) / a",  # another function of the library
        "def f(a, b):\n    return np.sum(a + b, axis=1) / a",  # another operator
    ],
)
def test_what_is_not_a_matter_of_names_counts(other):
    code = "def f(a, b):\n    return np.sum(a * b, axis=1) / a"
    assert not np.array_equal(fingerprint(code), fingerprint(other))
    assert not np.array_equal(fingerprint("x = len(a) + 1 + 2"), fingerprint("x = sum(a) + 1 + 2"))
    assert not np.array_equal(fingerprint("x = np.mean(a) + 1"), fingerprint("x = np.median(a) + 1"))


def test_a_variable_that_hides_a_built_in_function_is_a_variable():
    np.testing.assert_array_equal(
        fingerprint("sum = 0\nfor v in x:\n    sum += v"), fingerprint("t = 0\nfor q in x:\n    t += q")
    )


def test_a_fingerprint_has_one_hash_for_each_different_run():
    assert len(fingerprint("a = 1")) == 0
    words = "a = 1 + 2 + 3 + 4 + 5 + 6".split()
    assert len(fingerprint(" ".join(words))) == len(words) - RUN + 1


def test_what_stands_before_does_not_change_a_run():
    before = "log_weighted = np.asarray(log_weighted)\nout = row = biggest = powers = total = p = value = 0\n"
    assert np.isin(fingerprint(ORIGINAL), fingerprint(before + ORIGINAL)).all()


def test_only_the_beginning_of_a_very_long_answer_counts():
    long = "".join(f"x = y + {i}\n" for i in range(3_000))
    np.testing.assert_array_equal(fingerprint(long), fingerprint(long[:LONGEST]))


@given(st.text())
def test_no_text_is_too_broken(text):
    assert fingerprint(text).dtype == np.uint64


@pytest.mark.parametrize(
    "end",
    ["\n    x = (1,", '\n    """', "\n  y = 1\n z = 2", "\n    x = '\ud800'", "\n    \0", "\n%matplotlib inline\n!ls"],
)
def test_broken_code_counts_up_to_where_it_breaks(end):
    whole, broken = fingerprint(ORIGINAL.rstrip()), fingerprint(ORIGINAL.rstrip() + end)
    assert np.isin(whole, broken).all()
    assert len(fingerprint("a = 1 + 2 + 3 + (4")) == len("a = 1 + 2 + 3 + ( 4".split()) - RUN + 1


# The pairs


def test_a_renamed_copy_is_found_in_a_class_of_typical_answers():
    typical = list(RIGHT["3-2"].values())
    klass = {f"s{i:02}": typical[i % len(typical)] for i in range(30)} | {"甲": ORIGINAL, "乙": DISGUISED}
    (pair,) = similar({"3-2": klass})
    assert (pair.exercise, pair.students, pair.score) == ("3-2", ("乙", "甲"), 1.0)
    assert pair.shared >= FEWEST
    assert pair.reason == "変数名・文字列・コメントを除くと同じです"


def test_the_reason_says_how_alike_they_are():
    assert similar({"3-2": {"甲": ORIGINAL, "乙": ORIGINAL + "\n\n"}})[0].reason.startswith("一字一句")
    more = ORIGINAL.replace("    return np.array(out)", "    return np.round(np.asarray(out, dtype=float), 12)")
    (pair,) = similar({"3-2": {"甲": ORIGINAL, "乙": more}})
    assert pair.reason == f"珍しい並びが {pair.shared} 個共通です"
    assert 0.6 <= pair.score < 1


def test_a_copy_is_found_whatever_is_added_to_it():
    added = ORIGINAL + "".join(f"\n\ndef helper{i}(a, b):\n    return a[{i}:] ** b - {i} * b[{i}]" for i in range(9))
    (pair,) = similar({"3-2": {"甲": ORIGINAL, "乙": added}})
    assert pair.score == 1


def test_independent_right_answers_are_not_similar():
    # The smallest class is the hardest: nothing in it is usual.
    assert similar(RIGHT) == []


@pytest.mark.parametrize("chapter", sources.CHAPTERS)
def test_stubs_are_never_similar(chapter):
    stubs = {
        sources.nbgrader(cell)["grade_id"]: cell.source
        for cell in nbformat.from_dict(sources.release(chapter)).cells
        if sources.nbgrader(cell).get("grade_id", "").startswith("ex-")
    }
    assert stubs
    assert similar({name: {"甲": stub, "乙": stub} for name, stub in stubs.items()}) == []


def test_what_the_course_gives_is_not_copied_from_each_other():
    model = model_code("3-3")
    klass = {"3-3": {"甲": model, "乙": model.replace("weights", "w")}}
    assert len(similar(klass)) == 1
    assert similar(klass, [model]) == []


def test_what_many_have_written_is_typical():
    klass = {f"s{i:03}": ORIGINAL for i in range(rare_limit(100) + 1)}
    others = {f"t{i:03}": f"def f(x):\n    return x + {i}" for i in range(100 - len(klass))}
    assert similar({"3-2": klass | others}) == []
    klass.popitem()
    assert len(similar({"3-2": klass | others})) == len(list(combinations(klass, 2)))


def test_limits_of_what_is_unusual():
    assert [rare_limit(n) for n in (2, 80, 200, 2000)] == [4, 4, 10, 20]


@given(st.lists(st.sets(st.integers(0, 30)), max_size=9), st.integers(1, 5))
def test_the_inverted_index_counts_as_all_pairs_would(sets, rare):
    prints = [np.array(sorted(one), dtype=np.uint64) for one in sets]
    unusual, pairs, shared = _shared(prints, rare)
    held = Counter(run for one in sets for run in one)
    kept = [{run for run in one if held[run] <= rare} for one in sets]
    assert unusual.tolist() == [len(one) for one in kept]
    wanted = {(a, b): len(kept[a] & kept[b]) for a, b in combinations(range(len(sets)), 2) if kept[a] & kept[b]}
    assert dict(zip(map(tuple, pairs.tolist()), shared.tolist(), strict=True)) == wanted


def test_nobody_and_one_alone_are_like_nobody():
    assert similar({}) == []
    assert similar({"1-1": {}}) == []
    assert similar({"1-1": {"甲": ORIGINAL}}) == []


def test_most_alike_come_first():
    near = ORIGINAL.replace("total = total + p", "total += p")
    found = similar({"3-2": {"a": ORIGINAL, "b": near}, "3-1": {"c": ORIGINAL, "d": ORIGINAL}})
    assert [pair.exercise for pair in found] == ["3-1", "3-2"]
    assert found[0].score > found[1].score


def test_code_of_the_course_is_found_in_cells_and_text():
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("x = 1"),
            nbformat.v4.new_markdown_cell("`y = 2` と\n\n```python\nz = 3\nw = 4\n```\n本文"),
            nbformat.v4.new_raw_cell("`no = 1`"),
        ]
    )
    pieces = course_code(notebook)
    assert sorted(piece.strip() for piece in pieces) == ["x = 1", "y = 2", "z = 3\nw = 4"]
