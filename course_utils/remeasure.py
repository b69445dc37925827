"""成績表の 1 行をその場で測り直すボタン（第 8 章）。"""

from html import escape

import ipywidgets
import numpy as np

from . import scoreboard

_LOOK = {"description_width": "60px"}
_WIDE = {"width": "320px", "max_width": "100%"}
_NAMES = {
    "nll": "NLL（ナット）",
    "gap": "真のエントロピーとの差",
    "c2st": "C2ST",
    "precision": "precision",
    "recall": "recall",
    "coverage": "coverage",
    "train": "学習（千更新）",
    "sample": "サンプル 1,000 個（千更新）",
}
_TEXT = (
    "「測り直す」を押すと、選んだ族をここで学習し直して、配布の値と比べます（カーネルが動いているときだけ使えます）。"
)


class remeasure:  # noqa: N801  (reads as a verb in the notebook: the last line of a cell)
    """Two menus, a button and a bar: trains one family in one world when asked, and shows it beside what was shipped.

    Nothing is trained until the button is pressed. No ``Output`` and no ``interact``, which stall notebook execution.
    """

    def __init__(self, family: str = "mixture", world: str = "eight"):
        families = [(entry.label, key) for key, entry in scoreboard.FAMILIES.items()]
        worlds = [(entry.label, key) for key, entry in scoreboard.WORLDS.items()]
        self.family = ipywidgets.Dropdown(options=families, value=family, description="族", style=_LOOK, layout=_WIDE)
        self.world = ipywidgets.Dropdown(options=worlds, value=world, description="データ", style=_LOOK, layout=_WIDE)
        self.button = ipywidgets.Button(description="測り直す", button_style="primary")
        self.bar = ipywidgets.IntProgress(value=0, min=0, max=100, layout=_WIDE)
        self.text = ipywidgets.HTML(escape(_TEXT))
        self.seed = 100  # none of the shipped seeds
        self.button.on_click(self.run)
        top = ipywidgets.HBox([self.family, self.world], layout={"flex_flow": "row wrap"})
        self._box = ipywidgets.VBox([top, ipywidgets.HBox([self.button, self.bar]), self.text])

    def run(self, _button=None) -> None:
        """Measure the chosen row with a new seed."""
        self.button.disabled = True
        try:
            row = scoreboard.measure(self.family.value, self.world.value, self.seed, progress=self._tell)
            self.text.value = _table(row, scoreboard.shipped()[row.world][row.family])
        finally:
            self.seed += 1
            self.button.disabled = False

    def _tell(self, share: float, says: str) -> None:
        self.bar.value = round(100 * share)
        self.text.value = escape(says) + " …"

    def _repr_mimebundle_(self, include=None, exclude=None):
        # The text of a widget holds a random address: these words never change, and stay where no kernel runs.
        return {**self._box._repr_mimebundle_(), "text/plain": f"［測り直し］{_TEXT}"}


def _table(row: scoreboard.Row, entry: scoreboard.Entry) -> str:
    lines = []
    for name, label in _NAMES.items():
        value = getattr(row, name)
        if np.isnan(value) or name not in entry.figures:
            continue
        known = entry.figures[name]
        inside = "○" if abs(value - known.mean) <= known.spread else "×"
        cells = [label, f"{value:.3g}", f"{known.mean:.3g} ± {known.spread:.2g}", inside]
        if name in scoreboard.TIMES:  # they differ between machines, so no verdict
            cells[2:] = [f"{known.mean:.3g}", ""]
        lines.append(
            "<tr>" + "".join(f'<td style="text-align:left;padding:1px 12px">{c}</td>' for c in cells) + "</tr>"
        )
    head = "".join(
        f'<th style="text-align:left;padding:1px 12px">{h}</th>'
        for h in ("指標", "いま測った値", "配布の値", "幅の中か")
    )
    title = f"{scoreboard.FAMILIES[row.family].label}、{scoreboard.WORLDS[row.world].label}、種 {row.seed}"
    return f"<div>{escape(title)}</div><table><tr>{head}</tr>{''.join(lines)}</table>"
