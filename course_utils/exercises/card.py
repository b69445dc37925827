"""The card that a learner reads: HTML for one score, legible in light and dark, by eye and by screen reader.

What only the lecturer may read of a failure on a hidden input stands between two HTML comments, which
:func:`without_hidden` cuts out of a student's feedback. Everything else is escaped, so nothing can fake them.
"""

import re
from collections.abc import Iterable
from html import escape
from itertools import dropwhile

from ..progress import frame

# State -> (sign, colour of the badge). White text on each has a contrast of at least 5 : 1.
_LOOKS = {
    "未解答": ("…", "#57606a"),
    "不正解": ("✗", "#b3261e"),
    "正解": ("✓", "#1a7f37"),
}
EDGE, PLACE = "端の場合", "エラーの場所"
_HIDDEN = re.compile("<!--hidden-->(.*?)<!--/hidden-->", re.S)
_TEXT = "color:var(--jp-content-font-color1,#1f2328)"


def render(score) -> str:
    """The card of a :class:`~course_utils.exercises.core.Score`, as HTML without style sheets or scripts."""
    exercise, state = score.exercise, score.state.value
    sign, colour = _LOOKS[state]
    head = (
        f'<div style="margin-bottom:4px"><span style="background:{colour};color:#fff;border-radius:4px;'
        f'padding:2px 10px;font-weight:600"><span aria-hidden="true">{sign} </span>{state}</span> '
        f'<span style="font-weight:600">演習 {exercise.number} {escape(exercise.title)}</span> '
        f"<span>{score.points:g} / {exercise.points:g} 点</span></div>"
    )
    parts = [head]
    if score.blind:
        parts += [_paragraph(score.blind), _hide(_paragraph(score.message))]
    else:
        parts.append(_paragraph(score.message))
    if score.mistake:
        parts.append(_paragraph(score.mistake.says, label="もしかして"))
    for name, text in score.details:
        parts.append(_hide(_row(name, text)) if score.blind and name != EDGE else _row(name, text))
    if 0 < score.points < exercise.points:
        parts.append(_paragraph("ふつうの場合は合っています。端の場合まで合うと満点です。"))
    if score.hint:
        opening = "はじめの一歩は" if state == "未解答" else "次は"
        parts.append(_paragraph(f"{opening}「ヒント {score.hint}」を開いてみてください。"))
    parts += [_paragraph(note) for note in score.notes]
    parts += [_hide(_paragraph(note)) for note in score.hidden_notes]
    return frame(f"演習 {exercise.number} の採点結果: {state}", colour, "".join(parts))


def place(number: int | None, line: str) -> str:
    """Where an error came up, as a card shows it."""
    return f"{number} 行目: {line.strip()}"


def without_hidden(card: str, sources: Iterable[str] = ()) -> str:
    """The card as a student may read it.

    The place of an error stays if it is a line of the student's own code: of ``sources``, cell by cell.
    """
    own = set()
    for source in sources:
        # IPython counts from the first line that is not empty.
        lines = dropwhile(lambda line: not line.strip(), source.splitlines())
        own |= {_row(PLACE, place(i, line)) for i, line in enumerate(lines, start=1)}
    return _HIDDEN.sub(lambda match: match[1] if match[1] in own else "", card)


def _hide(html: str) -> str:
    return f"<!--hidden-->{html}<!--/hidden-->"


def _paragraph(text: str, label: str = "") -> str:
    lead = f'<span style="font-weight:600">{label}: </span>' if label else ""
    return f'<div style="margin:2px 0">{lead}{escape(text)}</div>'


def _row(name: str, text: str) -> str:
    return (
        '<div style="display:flex;gap:12px;margin:2px 0"><span style="flex:0 0 8em;font-weight:600">'
        f'{name}</span><code style="flex:1;white-space:pre-wrap;overflow-wrap:anywhere;background:none;{_TEXT}">'
        f"{escape(text)}</code></div>"
    )
