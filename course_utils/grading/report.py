"""What the lecturer reads after grading: one page, offline, without scripts.

:func:`report` puts together what the results of a class say: how it did, which known mistakes were made how often,
which wrong answers nobody foresaw, what a person should look at. Names and answers come from students and may be
hostile: every text is escaped, and the page's own policy forbids scripts and anything from outside.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from urllib.parse import quote

import numpy as np

from ..edition import editions
from ..exercises.core import State
from ..plots import BLUE, ORANGE, PINK, SKY
from .results import NOT_GRADED, Mark, Problem, Result
from .similarity import LEAST, RARE, RARE_LEAST, RARE_MOST, Pair, similar

# Outcome of an exercise -> (sign, colour).
FULL, PARTIAL, WRONG, UNANSWERED = "満点", "部分点", "不正解", "未解答"
OUTCOMES = {
    FULL: ("✓", BLUE),
    PARTIAL: ("◐", SKY),
    WRONG: ("✗", ORANGE),
    UNANSWERED: ("…", "#8c959f"),
    NOT_GRADED: ("!", PINK),
}
FEWEST = 10  # students; below that a correlation says next to nothing
LOW = 0.2  # a discrimination below this deserves a look
SHOWN = 20  # rows of a table that are not folded
MOST_GROUPS = 200  # groups of similar answers on the page
MOST_CODE = 3_000  # characters of an answer that are shown
NOBODY = "<p>採点できた提出がありません。</p>"


def report(
    chapter: str, title: str, results: Sequence[Result], problems: Sequence[Problem], *, given: Iterable[str] = ()
) -> str:
    """The page on one chapter: HTML that stands for itself, to be written to ``reports/CHAPTER/report.html``.

    Args:
        chapter: folder name, "02_bernoulli"; the links to ``../../feedback`` need it. title: in words.
        results: one for each graded student. problems: of any student, graded or not.
        given: code that the course itself gives; it makes no answers similar (``similarity.course_code``).

    Raises:
        ValueError: if a student has two results, or a result is of another chapter.
    """
    results = sorted(results, key=lambda result: result.student)
    _refuse_mixed(chapter, results)
    room = Classroom(chapter, results)
    eye = _for_a_person(room, problems)
    sections = {
        "全体": _overview(room, problems),
        "演習ごと": _exercises(room),
        "よくある間違い": _known_mistakes(room),
        "新しい間違い": _new_mistakes(room),
        "人が見るもの": _needs_a_person(room, eye),
        "よく似た解答": _similar_answers(room, given),
        "時間": _times(room),
        "学生ごと": _students(room, problems, eye),
    }
    links = "".join(f'<li><a href="#s{i}">{name}</a></li>' for i, name in enumerate(sections))
    body = "".join(
        f'<section><h2 id="s{i}">{name}</h2>{inside}</section>' for i, (name, inside) in enumerate(sections.items())
    )
    head = f"{escape(title)}（{escape(chapter)}）"
    page = (
        '<!DOCTYPE html>\n<html lang="ja"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>採点の報告: {head}</title><style>{_STYLE}</style></head>\n<body><header><h1>採点の報告</h1>"
        f'<p>{head}</p></header><nav aria-label="目次"><ul>{links}</ul></nav><main>{body}</main></body></html>\n'
    )
    # Half a surrogate pair, which JSON can carry, cannot be written to a file.
    return page.encode(errors="replace").decode()


def _refuse_mixed(chapter: str, results: Sequence[Result]) -> None:
    for one, other in pairwise(results):
        if one.student == other.student:
            raise ValueError(f"results に {one.student} の採点結果が 2 つあります。1 人に 1 つにしてください")
    for result in results:
        if result.chapter != chapter:
            raise ValueError(f"results に {chapter} ではなく {result.chapter} の採点結果があります")


# The numbers


class Classroom:
    """The results of a chapter as tables: n students, k auto-graded cells.

    Attributes:
        results: (n,), by student. cells: (k,) nbgrader's ids in the order of the notebook.
        names: (k,) "2-1". titles: (k,). most: (k,) points to be had. marks: n lists of k.
        points: (n, k) float. totals: (n,) float.
    """

    def __init__(self, chapter: str, results: Sequence[Result]):
        self.chapter, self.results = chapter, results
        most: dict[str, float] = {}
        for result in sorted(results, key=lambda result: -len(result.marks)):  # the fullest knows the order
            for mark in result.marks:
                most[mark.cell] = max(mark.max_points, most.get(mark.cell, 0.0))
        lost = {cell: Mark(cell, "", 0.0, most[cell], NOT_GRADED, "採点の記録がありません") for cell in most}
        self.marks = [list((lost | {mark.cell: mark for mark in result.marks}).values()) for result in results]
        self.cells = list(most)
        self.most = np.array(list(most.values()), dtype=float)
        self.names = [cell.removeprefix("test-") for cell in self.cells]
        known = {task.number: task.title for task in editions()[chapter].tasks} if chapter in editions() else {}
        self.titles = [known.get(name, "") for name in self.names]
        self.points = np.array([[mark.points for mark in row] for row in self.marks], dtype=float)
        self.points = self.points.reshape(len(results), len(self.cells))
        self.totals = self.points.sum(axis=1)

    def column(self, k: int) -> list[Mark]:
        """All marks of one cell, by student."""
        return [row[k] for row in self.marks]

    def link(self, student: str) -> str:
        """The student's name, linked to the feedback that nbgrader writes."""
        parts = (student, self.chapter, f"{self.chapter}.html")
        place = "/".join(quote(part, safe="", errors="replace") for part in parts)
        return f'<a href="../../feedback/{place}"><bdi>{escape(student)}</bdi></a>'


def outcome(mark: Mark) -> str:
    """One of :data:`OUTCOMES`; what is none of the three states gave no score."""
    if mark.state == State.RIGHT.value:
        return FULL
    if mark.state == State.WRONG.value:
        return PARTIAL if mark.points > 0 else WRONG
    return UNANSWERED if mark.state == State.UNANSWERED.value else NOT_GRADED


@dataclass(frozen=True)
class Discrimination:
    """How well an exercise tells strong from weak: ``r`` with a 95% interval, or why it cannot be computed."""

    r: float | None = None
    low: float = -1.0
    high: float = 1.0
    why_not: str = ""


def discrimination(points: np.ndarray) -> list[Discrimination]:
    """Corrected item-total correlation of each column of ``points`` (n, k).

    Pearson's r between the points of the exercise and the sum over all *other* exercises: with the exercise itself
    in the sum, r would be too high (Kelava & Moosbrugger 2020, *Deskriptivstatistische Itemanalyse*, in Testtheorie
    und Fragebogenkonstruktion, Springer, 143-158). The interval is Fisher's: tanh(artanh r ± 1.96/√(n − 3)).
    """
    found = []
    for k in range(points.shape[1]):
        one, rest = points[:, k], np.delete(points, k, axis=1).sum(axis=1)
        if len(one) < FEWEST:
            found.append(Discrimination(why_not=f"{FEWEST} 人より少ないため"))
        elif points.shape[1] == 1:
            found.append(Discrimination(why_not="ほかの演習がないため"))
        elif np.ptp(one) < 1e-9:
            found.append(Discrimination(why_not="全員が同じ点のため"))
        elif np.ptp(rest) < 1e-9:
            found.append(Discrimination(why_not="ほかの演習の合計が全員同じため"))
        else:
            r = float(np.clip(np.corrcoef(one, rest)[0, 1], -1, 1))
            with np.errstate(divide="ignore"):  # r = ±1 has an interval of no width
                centre = np.arctanh(r)
            low, high = np.tanh(centre + np.array([-1.96, 1.96]) / np.sqrt(len(one) - 3))
            found.append(Discrimination(r, float(low), float(high)))
    return found


def histogram(totals: np.ndarray, most: float, bins: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """Counts (b,) and left edges (b,) of total scores, in steps of (0.5,) 1, 2, 5, …; full marks stand alone."""
    totals = np.asarray(totals)
    steps = [base * 10.0**power for power in range(7) for base in (0.5, 1, 2)]
    if np.allclose(totals, np.round(totals)):
        steps = steps[1:]  # half points that nobody has would leave every other bar empty
    step = next(step for step in steps if most / step <= bins - 1)
    edges = np.arange(np.ceil(most / step - 1e-9)) * step
    edges = np.append(edges, most)
    counts = np.bincount(np.searchsorted(edges, totals + 1e-9, side="right") - 1, minlength=len(edges))
    return counts, edges


# The sections


def _overview(room: Classroom, problems: Sequence[Problem]) -> str:
    n, totals, most = len(room.results), room.totals, room.most.sum()
    troubled = len({problem.student for problem in problems})
    facts = [("採点した提出", f"{n} 人"), ("問題のあった人", f"{troubled} 人")]
    if not n:
        return _facts(facts) + NOBODY
    facts += [
        ("平均", f"{totals.mean():.2f} 点"),
        ("中央値", f"{np.median(totals):g} 点"),
        ("最高", f"{totals.max():g} 点"),
        ("最低", f"{totals.min():g} 点"),
        ("満点", f"{np.count_nonzero(totals >= most - 1e-9)} 人"),
        ("配点", f"{most:g} 点"),
    ]
    counts, edges = histogram(totals, most)
    ranges = [f"{a:g} 点以上 {b:g} 点未満" for a, b in pairwise(edges)] + [f"{most:g} 点（満点）"]
    rows = [[name, str(count), _percent(count, n)] for name, count in zip(ranges, counts, strict=True)]
    table = _table("得点の分布", ["点", "#人数", "#割合"], rows, shown=len(rows))
    return (
        _facts(facts)
        + "<p>自動採点の分だけの点です。記述問題は formgrader で採点してください。</p>"
        + _histogram(counts, edges, room)
        + f"<details><summary>分布を表で見る</summary>{table}</details>"
    )


def _facts(facts: list[tuple[str, str]]) -> str:
    return '<dl class="facts">' + "".join(f"<div><dt>{a}</dt><dd>{b}</dd></div>" for a, b in facts) + "</dl>"


def _histogram(counts: np.ndarray, edges: np.ndarray, room: Classroom) -> str:
    width, height, base = 680, 190, 160
    wide = width / len(counts)
    tallest = max(int(counts.max()), 1)
    bars = []
    for i, (count, edge) in enumerate(zip(counts, edges, strict=True)):
        tall = 130 * int(count) / tallest
        middle = (i + 0.5) * wide
        bars.append(
            f'<rect x="{i * wide + 1.5:.1f}" y="{base - tall:.1f}" width="{wide - 3:.1f}" height="{tall:.1f}"/>'
            + (f'<text x="{middle:.1f}" y="{base - tall - 5:.1f}">{count}</text>' if count else "")
            + f'<text class="tick" x="{middle:.1f}" y="{base + 16}">{edge:g}</text>'
        )
    median, most = np.median(room.totals), room.most.sum()
    highest = int(np.argmax(counts))
    where = "満点" if highest == len(counts) - 1 else f"{edges[highest]:g} 点以上 {edges[highest + 1]:g} 点未満"
    says = (
        f"得点の分布のヒストグラム。{len(room.results)} 人、平均 {room.totals.mean():.2f} 点、中央値 {median:g} 点、"
        f"{most:g} 点満点。最も多いのは{where}の {counts.max()} 人。"
    )
    return (
        f'<figure><svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="histogram">'
        f'<title id="histogram">{says}</title>{"".join(bars)}'
        f'<line x1="0" x2="{width}" y1="{base}" y2="{base}"/></svg>'
        "<figcaption>合計点（横、目盛りは棒の下端）と人数（縦）。右端の棒は満点です。</figcaption></figure>"
    )


def _exercises(room: Classroom) -> str:
    if not room.results:
        return NOBODY
    n, rows = len(room.results), []
    for k, power in enumerate(discrimination(room.points)):
        marks = room.column(k)
        counts = Counter(map(outcome, marks))
        rows.append(
            [
                _exercise(room, k),
                _bar(counts, n),
                *(f"{counts[name]}<small class=share>{_percent(counts[name], n)}</small>" for name in OUTCOMES),
                f"{room.points[:, k].mean():.2f}<small>/ {room.most[k]:g}</small>",
                _power(power),
                _seconds(float(np.median([mark.seconds for mark in marks]))),
            ]
        )
    columns = ["演習", "内訳", *(f"#{_key(name)}{name}" for name in OUTCOMES), "#平均点", "識別力", "#時間"]
    return (
        _table("演習ごとの結果", columns, rows, shown=len(rows))
        + f"<p>未解答と採点不能は 0 点として数えます。<strong>識別力</strong>は、その演習の点と、<em>ほかの</em>演習の"
        f"合計点との相関係数 r です（corrected item-total correlation、かっこの中はフィッシャーの z 変換による"
        f" 95% 区間。Kelava &amp; Moosbrugger 2020）。{LOW} より小さい演習は、問題文や採点を見直す手がかりになります。"
        f"ほぼ全員が解けた演習でも小さくなり、何も出さなかった人が多いと大きくなります。{FEWEST} 人より少ないときと、"
        "点に差がないときは計算できません。<strong>時間</strong>は採点セルの実行時間の中央値です。</p>"
    )


def _key(name: str) -> str:
    return f'<span class="key" style="background:{OUTCOMES[name][1]}"></span>'


def _bar(counts: Counter, n: int) -> str:
    """The shares as a coloured bar; the numbers stand beside it, so a screen reader may skip it."""
    parts = "".join(
        f'<span style="width:{100 * counts[name] / n:.2f}%;background:{colour}"></span>'
        for name, (_, colour) in OUTCOMES.items()
        if counts[name]
    )
    return f'<div class="bar" aria-hidden="true">{parts}</div>'


def _power(power: Discrimination) -> str:
    if power.r is None:
        return f"計算できません<small>{power.why_not}</small>"
    warning = "負です" if power.r < 0 else "低めです" if power.r < LOW else ""
    mark = f' <strong class="warn">{warning}</strong>' if warning else ""
    return f"{power.r:.2f}{mark}<small>（{power.low:.2f} 〜 {power.high:.2f}）</small>"


def _known_mistakes(room: Classroom) -> str:
    made = defaultdict(list)
    for result, marks in zip(room.results, room.marks, strict=True):
        for k, mark in enumerate(marks):
            if mark.mistake:
                made[k, mark.mistake].append(result.student)
    if not made:
        return "<p>既知の間違いは見つかりませんでした。</p>"
    n, rows = len(room.results), []
    for (k, says), students in sorted(made.items(), key=lambda one: (-len(one[1]), one[0])):
        missed = sum(outcome(mark) in (PARTIAL, WRONG) for mark in room.column(k))
        rows.append(
            [
                f'<span class="says">{escape(says)}</span>',
                _exercise(room, k),
                f"{len(students)}",
                _percent(len(students), n),
                _percent(len(students), missed),
                _names(room, students),
            ]
        )
    people = len({student for students in made.values() for student in students})
    return (
        f"<p>カードが「もしかして」で名指しした間違いです。{people} 人に、{len(made)} 種類ありました。多い順です。</p>"
        + _table("既知の間違い", ["間違い", "演習", "#人数", "#全体比", "#誤答比", "学生"], rows)
        + "<p>全体比は採点した人のうち、誤答比はその演習で誤った人（部分点を含む）のうちの割合です。</p>"
    )


def _new_mistakes(room: Classroom) -> str:
    made = defaultdict(list)
    for result, marks in zip(room.results, room.marks, strict=True):
        for k, mark in enumerate(marks):
            if outcome(mark) in (PARTIAL, WRONG) and not mark.mistake:
                # Random inputs give random figures; the same complaint about other figures is the same complaint.
                made[k, re.sub(r"\d+(\.\d+)?(e[+-]?\d+)?", "0", mark.message)].append((result, mark))
    if not made:
        return "<p>既知の間違いで説明できない誤答はありませんでした。</p>"
    rows = []
    for (k, _), found in sorted(made.items(), key=lambda one: (-len(one[1]), one[0])):
        result, mark = found[0]
        code = result.answers.get(f"ex-{room.names[k]}", "")
        rows.append(
            [
                f'<span class="says">{escape(mark.message) or "（説明なし）"}</span>',
                _exercise(room, k),
                f"{len(found)}",
                _names(room, [one.student for one, _ in found]),
                f"<details><summary><bdi>{escape(result.student)}</bdi> の解答</summary>{_code(code)}</details>"
                if code
                else "–",
            ]
        )
    answers = sum(map(len, made.values()))
    people = len({result.student for found in made.values() for result, _ in found})
    return (
        f"<p>既知の間違いで説明できない誤答が <strong>{answers} 件（{people} 人）</strong>あります。"
        "同じ説明が何人も続くなら、名前のついていない誤解か、問題文の不足かもしれません。"
        "数の違いだけの説明は 1 つにまとめ、1 人目の説明と解答を例に挙げます。</p>"
        + _table("新しい間違い", ["カードの説明（例）", "演習", "#人数", "学生", "解答の例"], rows)
    )


def _for_a_person(room: Classroom, problems: Sequence[Problem]) -> dict[str, list[tuple[str, str, str]]]:
    """What needs a human eye: (student, where, why), by kind."""
    eye = defaultdict(list)
    for problem in problems:
        eye[problem.kind].append((problem.student, problem.file, problem.says))
    for result, marks in zip(room.results, room.marks, strict=True):
        eye[NOT_GRADED] += [(result.student, mark.cell, mark.message) for mark in marks if outcome(mark) == NOT_GRADED]
        eye["気になる点"] += [(result.student, "", remark) for remark in result.remarks]
    return {kind: sorted(rows) for kind, rows in eye.items() if rows}


def _needs_a_person(room: Classroom, eye: dict[str, list[tuple[str, str, str]]]) -> str:
    if not eye:
        return "<p>ありません。</p>"
    graded = {result.student for result in room.results}
    parts = ["<p>機械だけでは決められないものです。種類ごとに開いて確かめてください。</p>"]
    for kind, rows in eye.items():
        lines = [[_person(room, name, graded), escape(why)] for name, _, why in rows]
        columns = ["学生", "わけ"]
        if any(where for _, where, _ in rows):
            columns.append("ファイル・セル")
            lines = [[*line, _path(where)] for line, (_, where, _) in zip(lines, rows, strict=True)]
        people = len({name for name, _, _ in rows})
        table = _table(kind, columns, lines)
        is_open = " open" if len(rows) <= SHOWN else ""
        parts.append(
            f"<details{is_open}><summary>{escape(kind)}（{people} 人、{len(rows)} 件）</summary>{table}</details>"
        )
    return "".join(parts)


def _similar_answers(room: Classroom, given: Iterable[str]) -> str:
    answers: dict[str, dict[str, str]] = defaultdict(dict)
    for result, marks in zip(room.results, room.marks, strict=True):
        for name, mark in zip(room.names, marks, strict=True):
            cell = f"ex-{name}"
            if cell in result.answers and cell not in result.untouched and outcome(mark) != UNANSWERED:
                answers[name][result.student] = result.answers[cell]
    groups = grouped(similar(answers, given))
    caution = (
        '<p class="caution"><strong>これは手がかりにすぎず、不正の証拠ではありません。</strong>'
        "短い演習では、独立に書いた解答も似ます。同じ教材や授業、友人との議論でも似ます。"
        "必ず解答そのものを読み、本人の話を聞いてから判断してください。</p>"
        "<p>変数名・文字列・コメント・空白を無視し、講座が示したコードと、多くの人に共通する並び"
        f"（{RARE:.0%} を超える人。ただし {RARE_LEAST} 人までは除かず、{RARE_MOST} 人を超えたら除きます）を除いて、"
        f"残りの {LEAST:.0%} 以上が一致する組を挙げます。ありふれた書き方の写しや、大勢が写した 1 つの解答は"
        "見つかりません。</p>"
    )
    if not groups:
        return caution + "<p>挙げるべき組はありませんでした。</p>"
    items = []
    for pairs, also in groups[:MOST_GROUPS]:
        best = pairs[0]
        students = sorted({student for pair in pairs for student in pair.students})
        sides = "".join(
            f"<div>{room.link(student)}{_code(answers[best.exercise][student])}</div>" for student in best.students
        )
        others = f"。演習 {escape('、'.join(also))} でも似ています" if also else ""
        items.append(
            f"<li>{_exercise(room, room.names.index(best.exercise))}　<strong>{best.score:.0%}</strong>　"
            f"{'、'.join(map(room.link, students))}<br>{escape(best.reason)}{others}"
            f'<details><summary>最も似た 2 つを並べて読む</summary><div class="sides">{sides}</div></details></li>'
        )
    left = len(groups) - MOST_GROUPS
    return (
        f"{caution}<p>{len(groups)} 組あります。いくつもの演習で似ている組と、一致の高い組が先です。</p>"
        + f"<ul>{''.join(items[:SHOWN])}</ul>"
        + _folded(len(items) - SHOWN, f"<ul>{''.join(items[SHOWN:])}</ul>")
        + (f"<p>ほかの {left} 組は省きました。</p>" if left > 0 else "")
    )


def grouped(pairs: Sequence[Pair]) -> list[tuple[list[Pair], list[str]]]:
    """Pairs of one exercise that hang together, each group with the other exercises in which two of it are alike.

    Groups that are alike in several exercises come first: that is less likely to be chance.
    """
    exercises = defaultdict(set)
    for pair in pairs:
        exercises[pair.students].add(pair.exercise)
    groups = []
    for exercise in dict.fromkeys(pair.exercise for pair in pairs):
        for group in _connected([pair for pair in pairs if pair.exercise == exercise]):
            also = set.union(*(exercises[pair.students] for pair in group)) - {exercise}
            groups.append((group, sorted(also)))
    return sorted(groups, key=lambda one: (-len(one[1]), -one[0][0].score, -one[0][0].shared, one[0][0].students))


def _connected(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The connected components of the graph whose edges are the pairs (union-find)."""
    parent: dict[str, str] = {}

    def root(student: str) -> str:
        while parent.setdefault(student, student) != student:
            parent[student] = student = parent[parent[student]]
        return student

    for pair in pairs:
        parent[root(pair.students[1])] = root(pair.students[0])
    groups = defaultdict(list)
    for pair in pairs:
        groups[root(pair.students[0])].append(pair)
    return list(groups.values())


def _times(room: Classroom) -> str:
    if not room.results:
        return NOBODY
    seconds = np.array([result.seconds for result in room.results])
    rows = []
    for i in np.argsort(-seconds, kind="stable")[:SHOWN]:
        slowest = max(room.marks[i], key=lambda mark: mark.seconds, default=None)
        cell = f"{_path(slowest.cell)} <small>{_seconds(slowest.seconds)}</small>" if slowest else "–"
        rows.append([room.link(room.results[i].student), _seconds(seconds[i]), cell])
    return (
        f"<p>1 つの提出の採点に、中央値 {_seconds(float(np.median(seconds)))}、最長 {_seconds(seconds.max())}"
        f"かかりました（のべ {_seconds(seconds.sum())}）。遅いものから {len(rows)} 件です。</p>"
        f"<details><summary>時間のかかった提出</summary>"
        f"{_table('時間のかかった提出', ['学生', '#採点の時間', '最も遅いセル'], rows)}</details>"
    )


def _students(room: Classroom, problems: Sequence[Problem], eye: dict[str, list[tuple[str, str, str]]]) -> str:
    notes = defaultdict(list)
    for kind, rows in eye.items():
        for name, _, _ in rows:
            if kind not in notes[name]:
                notes[name].append(kind)
    rows = {}
    for result, marks, total in zip(room.results, room.marks, room.totals, strict=True):
        cells = [f'{mark.points:g} <abbr title="{outcome(mark)}">{OUTCOMES[outcome(mark)][0]}</abbr>' for mark in marks]
        late = _duration(result.late) if result.late > 0 else ""
        rows[result.student] = [room.link(result.student), f"{total:g}", *cells, late]
    for student in {problem.student for problem in problems} - rows.keys():
        rows[student] = [f"<bdi>{escape(student)}</bdi>", "–", *["–"] * len(room.cells), ""]
    lines = [[*rows[student], escape("、".join(notes[student]))] for student in sorted(rows)]
    legend = "、".join(f"{sign} {name}" for name, (sign, _) in OUTCOMES.items())
    columns = ["学生", "#合計", *(f"#{escape(name)}" for name in room.names), "遅れ", "注意"]
    return f"<p>名前から、その人のフィードバックを開けます。{legend}。</p>" + _table("学生ごとの点", columns, lines)


# The pieces


def _table(caption: str, columns: list[str], rows: list[list[str]], shown: int = SHOWN) -> str:
    """A table of HTML cells whose first column names the row; a column "#…" holds numbers. Long ones fold."""
    if not rows:
        return ""
    numbers = [column.startswith("#") for column in columns]
    head = "".join(
        f'<th scope="col"{" class=num" if number else ""}>{column.removeprefix("#")}</th>'
        for column, number in zip(columns, numbers, strict=True)
    )

    def part(rows: list[list[str]], name: str) -> str:
        lines = []
        for first, *others in rows:
            cells = zip(others, numbers[1:], strict=True)
            lines.append(
                f'<tr><th scope="row">{first}</th>'
                + "".join(f"<td{' class=num' if number else ''}>{cell}</td>" for cell, number in cells)
                + "</tr>"
            )
        return (
            f'<div class="scroll" role="group" tabindex="0" aria-label="{name}"><table><caption>{name}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
        )

    caption = escape(caption)
    more = rows[shown:]
    return part(rows[:shown], caption) + _folded(len(more), part(more, f"{caption}（続き）"))


def _folded(count: int, inside: str) -> str:
    """What is left of a long list."""
    return f"<details><summary>あと {count} 件</summary>{inside}</details>" if count > 0 else ""


def _exercise(room: Classroom, k: int) -> str:
    title = f"<small>{escape(room.titles[k])}</small>" if room.titles[k] else ""
    return f'<span class="name">{escape(room.names[k])}</span>{title}'


def _names(room: Classroom, students: Sequence[str]) -> str:
    return f"<details><summary>{len(students)} 人</summary>{'、'.join(map(room.link, students))}</details>"


def _person(room: Classroom, student: str, graded: set[str]) -> str:
    return room.link(student) if student in graded else f"<bdi>{escape(student)}</bdi>"


def _path(text: str) -> str:
    return f"<code><bdi>{escape(text)}</bdi></code>" if text else ""


def _code(text: str) -> str:
    text = text.strip("\n")
    cut = text if len(text) <= MOST_CODE else text[:MOST_CODE] + "\n…"
    return f'<pre tabindex="0" dir="ltr"><code>{escape(cut)}</code></pre>'


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def _seconds(value: float) -> str:
    return f"{value:.2f} 秒" if value < 10 else _duration(value)


def _duration(seconds: float) -> str:
    """In the two largest units that it has."""
    whole = round(seconds)
    units = [(whole // 86400, "日"), (whole // 3600 % 24, "時間"), (whole // 60 % 60, "分"), (whole % 60, "秒")]
    first = next((i for i, (count, _) in enumerate(units) if count), 3)
    return " ".join(f"{count} {unit}" for count, unit in units[first : first + 2] if count) or "1 秒未満"


_STYLE = f"""
:root{{color-scheme:light dark;--text:#1f2328;--soft:#57606a;--back:#fff;--panel:#f6f8fa;--line:#d0d7de;
--link:{BLUE};--bar:{BLUE};--warn:#9a3b00}}
@media (prefers-color-scheme:dark){{:root{{--text:#e6edf3;--soft:#9da7b3;--back:#0d1117;--panel:#161b22;--line:#3d444d;
--link:{SKY};--bar:{SKY};--warn:{ORANGE}}}}}
*{{box-sizing:border-box}}
body{{margin:0 auto;padding:1rem 1.25rem 4rem;max-width:76rem;background:var(--back);color:var(--text);
font:1rem/1.7 system-ui,"Hiragino Sans","Yu Gothic UI","Noto Sans CJK JP",IPAexGothic,sans-serif}}
h1{{font-size:1.6rem;margin:.5rem 0 0}} h2{{font-size:1.25rem;margin:2.5rem 0 .75rem;
border-bottom:1px solid var(--line)}}
header p{{margin:0;color:var(--soft)}} p{{max-width:52rem}} a{{color:var(--link)}}
nav ul{{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:.5rem 0;margin:.75rem 0 0}}
.facts{{display:flex;flex-wrap:wrap;gap:.75rem;margin:0}}
.facts div{{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.4rem .9rem;min-width:7rem}}
dt{{color:var(--soft);font-size:.85rem}} dd{{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}}
figure{{margin:1rem 0;max-width:52rem}} figcaption{{color:var(--soft);font-size:.85rem}}
svg{{width:100%;height:auto}} svg rect{{fill:var(--bar)}} svg line{{stroke:var(--soft)}}
svg text{{fill:var(--text);font-size:12px;text-anchor:middle}} svg .tick{{fill:var(--soft)}}
.scroll{{overflow-x:auto;margin:.75rem 0}}
table{{border-collapse:collapse;font-size:.92rem;line-height:1.5}}
caption{{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}}
th,td{{padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}}
thead th{{white-space:nowrap;border-bottom:2px solid var(--line)}} tbody th{{font-weight:400}}
.num{{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}}
td.num .share{{display:inline-block;min-width:2.6em}}
td:not(.num),tbody th{{min-width:7em}}
small{{color:var(--soft);font-size:.85em;margin-left:.3em}} .name{{font-weight:600;white-space:nowrap}}
.says{{display:block;min-width:18em;max-width:34em;overflow-wrap:anywhere}}
.key{{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin-right:.3em}}
.bar{{display:flex;gap:1px;width:9rem;height:.9rem;margin-top:.25rem;background:var(--line);overflow:hidden}}
.warn{{color:var(--warn)}} .caution{{border-left:6px solid var(--warn);background:var(--panel);padding:.5rem 1rem}}
a{{word-break:keep-all;overflow-wrap:anywhere}}
section>ul,section>details>ul{{padding-left:1.2rem}} li{{margin:.4rem 0}}
abbr{{text-decoration:none}} summary{{cursor:pointer}} details{{overflow-wrap:anywhere}}
section>details>summary{{margin:.5rem 0}}
pre{{background:var(--panel);border:1px solid var(--line);padding:.5rem;margin:.25rem 0;max-width:44rem;
max-height:24rem;overflow:auto;font-size:.85rem;line-height:1.45}}
.sides{{display:flex;flex-wrap:wrap;gap:.75rem}} .sides>div{{flex:1 1 22rem;min-width:0}}
@media print{{nav{{display:none}} body{{max-width:none;padding:0;font-size:10pt}} a{{color:inherit}}
thead{{display:table-header-group}} tr,figure{{break-inside:avoid}} h2{{break-after:avoid}} .scroll{{overflow:visible}}
pre{{max-height:none;white-space:pre-wrap}} *{{print-color-adjust:exact;-webkit-print-color-adjust:exact}}}}
"""
