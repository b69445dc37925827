"""The lecturer's page: figures that can be checked by hand, nothing hostile gets through, readable by everyone."""

import math
from html.parser import HTMLParser
from pathlib import Path

import lab
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st

from course_utils.grading.report import FEWEST, discrimination, grouped, histogram, report
from course_utils.grading.results import NOT_GRADED, Mark, Problem, Result
from course_utils.grading.similarity import Pair

CHAPTER = "03_mixture"
# Twelve students, three exercises of two points: 40 points in all.
POINTS = {
    "a": (2, 2, 2),
    "b": (2, 2, 2),
    "c": (2, 2, 1),
    "d": (2, 2, 0),
    "e": (2, 1, 2),
    "f": (2, 0, 0),
    "g": (1, 0, 0),
    "h": (0, 2, 0),
    "i": (2, 1, 0),
    "j": (0, 0, 2),
    "k": (0, 0, 0),  # handed in untouched
    "l": (2, 2, 0),  # the third exercise hung
}
AXIS, LOGS = "向きが逆です。", "対数のままです。"
MISTAKES = {("g", 0): LOGS, ("h", 0): AXIS, ("j", 0): AXIS, ("f", 1): AXIS}
MESSAGES = {("d", 2): "値が 0.25 です。", ("f", 2): "値が 1e-05 です。", ("g", 2): "エラーになりました。"}


def mark(student: str, k: int) -> Mark:
    points = POINTS[student][k]
    state = "未解答" if student == "k" else "正解" if points == 2 else "不正解"
    if (student, k) == ("l", 2):
        return Mark("test-3-3", "", 0.0, 2.0, NOT_GRADED, "60 秒で止めました", seconds=60.0)
    message, mistake = MESSAGES.get((student, k), "形が違います。"), MISTAKES.get((student, k), "")
    return Mark(f"test-3-{k + 1}", f"3-{k + 1}", float(points), 2.0, state, message, mistake, seconds=0.1 * (k + 1))


def graded(student: str, **other) -> Result:
    return Result(student, CHAPTER, "", "{}", tuple(mark(student, k) for k in range(3)), **other)


CLASS = [graded(student, seconds=float(i)) for i, student in enumerate(POINTS)]


class Page(HTMLParser):
    """A page as its reader meets it: tables by caption, and all text; notes every tag and attribute."""

    def __init__(self, text: str):
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.text, self.tags, self.attributes, self.scopes = "", [], [], []
        self._into = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "caption":
            self._into = "caption"
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("th", "td"):
            self._rows[-1].append("")
            self._into = "cell"
            if tag == "th":
                self.scopes.append(dict(attrs).get("scope"))

    def handle_endtag(self, tag):
        if tag in ("caption", "th", "td"):
            self._into = None

    def handle_data(self, data):
        self.text += data
        if self._into == "caption":
            self._rows = self.tables.setdefault(data, [])
        elif self._into == "cell":
            self._rows[-1][-1] += data

    def row(self, table: str, first: str) -> list[str]:
        """The other cells of the row that begins with ``first``."""
        (found,) = (row for row in self.tables[table] if row[0].startswith(first))
        return found[1:]


def page_of(results=CLASS, problems=(), **options) -> Page:
    return Page(report(CHAPTER, "混合分布", results, problems, **options))


# The figures


def test_the_class_at_a_glance():
    text = page_of(problems=[Problem("m", "", "未提出", "ありません"), Problem("a", "a.ipynb", "遅れ", "1 日")]).text
    for fact in (
        "採点した提出12 人",
        "問題のあった人2 人",
        "平均3.33 点",
        "中央値3.5 点",
        "最高6 点",
        "最低0 点",
        "満点2 人",
        "配点6 点",
    ):
        assert fact in text


def test_the_distribution_in_words_and_as_a_table():
    page = page_of()
    assert "得点の分布のヒストグラム。12 人、平均 3.33 点、中央値 3.5 点、6 点満点。" in page.text
    assert page.tables["得点の分布"][1:] == [
        ["0 点以上 1 点未満", "1", "8%"],
        ["1 点以上 2 点未満", "1", "8%"],
        ["2 点以上 3 点未満", "3", "25%"],
        ["3 点以上 4 点未満", "1", "8%"],
        ["4 点以上 5 点未満", "2", "17%"],
        ["5 点以上 6 点未満", "2", "17%"],
        ["6 点（満点）", "2", "17%"],
    ]


@given(st.lists(st.integers(0, 400), min_size=1), st.sampled_from([0.25, 0.5, 1.0]))
def test_the_histogram_counts_everybody_once(scores, unit):
    totals = unit * np.array(scores)
    most = totals.max()
    counts, edges = histogram(totals, most)
    assert counts.sum() == len(totals)
    assert counts[-1] == np.count_nonzero(totals == most)
    assert len(counts) <= 24
    for count, low, high in zip(counts, edges, edges[1:], strict=False):
        assert count == np.count_nonzero((low <= totals) & (totals < high))


def test_the_histogram_has_half_points_where_somebody_has_them():
    assert histogram(np.array([0.5, 2]), 2)[1].tolist() == [0, 0.5, 1, 1.5, 2]
    assert histogram(np.array([1, 2]), 2)[1].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("exercise", "outcomes", "mean"),
    [
        ("3-1", [8, 1, 2, 1, 0], "1.42"),
        ("3-2", [6, 2, 3, 1, 0], "1.17"),
        ("3-3", [4, 1, 5, 1, 1], "0.75"),
    ],
)
def test_each_exercise(exercise, outcomes, mean):
    row = page_of().row("演習ごとの結果", exercise)
    assert row[1:6] == [f"{count}{count / 12:.0%}" for count in outcomes]  # full, partial, wrong, unanswered, no score
    assert row[6] == f"{mean}/ 2"
    assert row[8] == f"{0.1 * int(exercise[-1]):.2f} 秒"  # the median: 60 seconds of one student change nothing


def test_discrimination_is_the_correlation_with_the_other_exercises():
    points = np.array(list(POINTS.values()), dtype=float)
    for k, power in enumerate(discrimination(points)):
        x = [row[k] for row in POINTS.values()]
        y = [sum(row) - row[k] for row in POINTS.values()]
        n, sx, sy = 12, sum(x), sum(y)
        above = n * sum(a * b for a, b in zip(x, y, strict=True)) - sx * sy
        below = (n * sum(a * a for a in x) - sx**2) * (n * sum(b * b for b in y) - sy**2)
        assert power.r == pytest.approx(above / math.sqrt(below))
        assert power.low == pytest.approx(math.tanh(math.atanh(power.r) - 1.96 / 3))
        assert power.high == pytest.approx(math.tanh(math.atanh(power.r) + 1.96 / 3))
        assert f"{power.r:.2f}" in page_of().row("演習ごとの結果", f"3-{k + 1}")[7]


def test_discrimination_leaves_the_exercise_itself_out():
    rng = np.random.default_rng(5)
    points = rng.integers(0, 3, size=(4_000, 3)).astype(float)  # exercises that have nothing to do with one another
    assert all(abs(power.r) < 0.1 for power in discrimination(points))
    perfect = np.repeat(rng.integers(0, 3, size=(20, 1)), 2, axis=1).astype(float)
    assert [(p.r, p.low, p.high) for p in discrimination(perfect)] == [pytest.approx((1, 1, 1))] * 2


@pytest.mark.parametrize(
    ("points", "why"),
    [
        (np.eye(FEWEST - 1, 3), "10 人より少ないため"),
        (np.array([[2, i % 3] for i in range(20)]), "全員が同じ点のため"),
        (np.array([[i % 3, 0.1 + 0.2 if i % 2 else 0.3] for i in range(20)]), "ほかの演習の合計が全員同じため"),
        (np.arange(20).reshape(20, 1), "ほかの演習がないため"),
    ],
)
def test_discrimination_says_why_it_cannot_be_computed(points, why):
    power = discrimination(points.astype(float))[0]
    assert (power.r, power.why_not) == (None, why)


def test_a_small_class_has_no_discrimination():
    page = page_of(CLASS[:5])
    assert page.row("演習ごとの結果", "3-1")[7] == "計算できません10 人より少ないため"


def test_low_and_negative_discrimination_are_said_in_words():
    rows = [(2, 0), (0, 2)] * 6 + [(1, 1)]
    results = [
        Result(f"s{i:02}", CHAPTER, "", "", tuple(Mark(f"test-{k}", "", p, 2, "正解", "") for k, p in enumerate(row)))
        for i, row in enumerate(rows)
    ]
    assert page_of(results).row("演習ごとの結果", "0")[7].startswith("-1.00 負です")


# The mistakes


def test_known_mistakes_come_most_frequent_first_with_names():
    table = page_of().tables["既知の間違い"][1:]
    assert [(row[0], row[1][:3], *row[2:]) for row in table] == [
        (AXIS, "3-1", "2", "17%", "67%", "2 人h、j"),  # two of twelve; of the three who were wrong
        (LOGS, "3-1", "1", "8%", "33%", "1 人g"),
        (AXIS, "3-2", "1", "8%", "20%", "1 人f"),
    ]


def test_wrong_answers_that_nobody_foresaw():
    page = page_of([graded(s, answers={"ex-3-3": f"# answer of {s}"}) for s in POINTS])
    # Wrong or partial without a known mistake: e, g, i, j in 3-2; c, d, f, g, h, i in 3-3.
    assert "誤答が 10 件（8 人）あります" in page.text
    table = [(row[0], row[1][:3], *row[2:]) for row in page.tables["新しい間違い"][1:]]
    assert table[0] == ("形が違います。", "3-2", "4", "4 人e、g、i、j", "–")
    assert table[1] == ("形が違います。", "3-3", "3", "3 人c、h、i", "c の解答# answer of c")
    # The same but for its figures is the same.
    assert table[2] == ("値が 0.25 です。", "3-3", "2", "2 人d、f", "d の解答# answer of d")
    assert table[3][0] == "エラーになりました。"
    assert len(table) == 4


# What a person must see


def test_what_needs_a_person_is_told_by_kind():
    problems = [
        Problem("m", "", "未提出", "フォルダーがありません"),
        Problem("b", "b/x.ipynb", "名前違い", "ファイル名が違います"),
    ]
    page = page_of([*CLASS[:-1], graded("l", remarks=("採点セルが消されていました",))], problems)
    assert page.tables["未提出"] == [["学生", "わけ"], ["m", "フォルダーがありません"]]
    assert page.row("名前違い", "b") == ["ファイル名が違います", "b/x.ipynb"]
    assert page.row(NOT_GRADED, "l") == ["60 秒で止めました", "test-3-3"]
    assert page.row("気になる点", "l") == ["採点セルが消されていました"]
    assert page.row("学生ごとの点", "l")[-1] == "採点不能、気になる点"
    assert page.row("学生ごとの点", "m") == ["–", "–", "–", "–", "", "未提出"]


def test_a_mark_that_is_missing_is_no_score_and_does_not_shift_the_others():
    short = Result("0", CHAPTER, "", "", (mark("a", 2), mark("a", 0)))
    page = page_of([short, *CLASS])
    assert page.row("学生ごとの点", "0")[:4] == ["4", "2 ✓", "0 !", "2 ✓"]
    assert page.row("演習ごとの結果", "3-2")[5] == "18%"
    assert page.row(NOT_GRADED, "0") == ["採点の記録がありません", "test-3-2"]


def test_every_student_with_points_signs_and_a_link_to_the_feedback():
    page = page_of([graded("l", late=8_000.0), *CLASS[:-1]])
    assert page.tables["学生ごとの点"][0] == ["学生", "合計", "3-1", "3-2", "3-3", "遅れ", "注意"]
    assert page.row("学生ごとの点", "l") == ["4", "2 ✓", "2 ✓", "0 !", "2 時間 13 分", "採点不能"]
    assert page.row("学生ごとの点", "g")[:4] == ["1", "1 ◐", "0 ✗", "0 ✗"]
    assert page.row("学生ごとの点", "k")[:4] == ["0", "0 …", "0 …", "0 …"]
    assert ("href", "../../feedback/g/03_mixture/03_mixture.html") in page.attributes


def test_the_slowest_submissions_come_first():
    table = page_of().tables["時間のかかった提出"][1:]
    assert table[0] == ["l", "11 秒", "test-3-3 1 分"]
    assert table[1] == ["k", "10 秒", "test-3-3 0.30 秒"]


COPIED = """
def f(x):
    total = 0
    for row in x:
        for value in row:
            if value > 3 and value % 7 != 2:
                total = total + value ** 3 - len(row)
    return total / 17
"""


def test_similar_answers_are_shown_as_a_hint():
    answers = {"a": COPIED, "b": COPIED.replace("total", "s"), "c": "def f(x):\n    return x", "k": COPIED, "l": COPIED}
    results = [
        graded(s, answers={"ex-3-1": answers.get(s, "")}, untouched=("ex-3-1",) if s == "l" else ()) for s in POINTS
    ]
    page = page_of(results)
    assert "これは手がかりにすぎず、不正の証拠ではありません" in page.text
    assert "1 組あります" in page.text
    assert "100%　a、b変数名・文字列・コメントを除くと同じです" in page.text  # k's is unanswered, l's as handed out
    assert page.text.count("for value in row") == 2
    assert "挙げるべき組はありませんでした" in page_of(results, given=[COPIED]).text


def test_groups_hang_together_and_several_exercises_come_first():
    def pair(exercise, a, b, score):
        return Pair(exercise, (a, b), score, 20, "")

    pairs = [pair("1", "a", "b", 1.0), pair("1", "b", "c", 0.9), pair("1", "x", "y", 0.8), pair("2", "x", "y", 0.7)]
    found = [([p.students for p in group], also) for group, also in grouped(pairs)]
    assert found == [([("x", "y")], ["2"]), ([("x", "y")], ["1"]), ([("a", "b"), ("b", "c")], [])]


# The page


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;\ud800"


def test_nothing_hostile_gets_through(tmp_path):
    marks = (
        Mark("test-3-1", "3-1", 0, 2, "不正解", HOSTILE),
        Mark("test-3-2", "3-2", 0, 2, "不正解", HOSTILE, HOSTILE),
        Mark(HOSTILE, HOSTILE, 0, 2, HOSTILE, HOSTILE),
    )
    code = COPIED + "# " + HOSTILE
    results = [
        Result(name, HOSTILE, "", "", marks, {"ex-3-1": code, f"ex-{HOSTILE}": code}, remarks=(HOSTILE,))
        for name in (HOSTILE, HOSTILE + "2", "../../..", "javascript:alert(3)")
    ]
    text = report(HOSTILE, HOSTILE, results, [Problem(HOSTILE, HOSTILE, HOSTILE, HOSTILE)])
    page = Page(text)
    assert not {"script", "img", "iframe", "link", "object", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "srcset", "action")]
    links = [value for name, value in page.attributes if name == "href"]
    assert all(link.startswith(("#", "../../feedback/")) and link.count("/") in (0, 5) for link in links)
    assert "url(" not in text and "@import" not in text and "http:" not in text and "https:" not in text
    assert page.text.count("<script>alert(1)</script>") > 20  # shown, not run
    (tmp_path / "report.html").write_text(text, encoding="utf-8")


def test_every_heading_cell_says_what_it_heads():
    page = page_of()
    assert set(page.scopes) == {"col", "row"}
    assert page.tags.count("h1") == 1
    assert {"lang": "ja"}.items() <= dict(page.attributes).items()


def test_long_lists_are_folded():
    results = [Result(f"s{i:03}", CHAPTER, "", "", (mark("a", 0),)) for i in range(65)]
    page = page_of(results)
    assert len(page.tables["学生ごとの点"]) == 1 + 20
    assert len(page.tables["学生ごとの点（続き）"]) == 1 + 45
    assert "あと 45 件" in page.text


def test_a_class_of_nobody():
    page = page_of([], [Problem("m", "", "未提出", "ありません")])
    assert "採点できた提出がありません" in page.text
    assert page.row("学生ごとの点", "m")[0] == "–"


def test_results_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match="a の採点結果が 2 つあります"):
        page_of([*CLASS, CLASS[0]])
    with pytest.raises(ValueError, match="03_mixture ではなく 04_latent"):
        page_of([Result("a", "04_latent", "", "", ())])


def test_the_page_does_not_depend_on_the_order_of_the_results():
    assert report(CHAPTER, "", CLASS, []) == report(CHAPTER, "", CLASS[::-1], [])


@lab.NEEDS_CHROMIUM
def test_readers_of_every_kind_in_chromium(tmp_path):
    answers = {s: {"ex-3-1": COPIED, "ex-3-3": HOSTILE} for s in "abf"}
    results = [graded(s, answers=answers.get(s, {}), remarks=(HOSTILE,)) for s in POINTS]
    file = Path(tmp_path, "report.html")
    problems = [Problem("m", "", "未提出", "ありません")]
    file.write_text(report(CHAPTER, "混合分布", results, problems), encoding="utf-8")
    with lab.browser() as page:
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: said.append(request.url))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(file.as_uri())
        assert said == [file.as_uri()]  # no scripts, nothing fetched, nothing blocked
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.evaluate(Axe().axe_script)
        for scheme, width in (("light", 1280), ("dark", 390)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            found = page.evaluate("async () => (await axe.run()).violations")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
