"""スライダーで動かす図: ``explore(draw, ...)`` の 1 つだけ。

One figure is drawn again and again and sent as an image (60 ms a move). ``ipywidgets.interact`` and ``Output`` are
not used, because they stall notebook execution at random (nbclient issue 312).
"""

import base64
from collections.abc import Callable
from html import escape

import ipywidgets
from matplotlib.figure import Figure

from .plots import SCREEN_DPI, image_bundle, to_png

_WIDE = {"width": "460px", "max_width": "100%"}
_LABEL = {"description_width": "190px"}


def int_slider(label: str, low: int, high: int, value: int, *, step: int = 1) -> ipywidgets.IntSlider:
    """A slider over whole numbers."""
    return ipywidgets.IntSlider(
        value=value, min=low, max=high, step=step, description=label, style=_LABEL, layout=_WIDE
    )


def float_slider(label: str, low: float, high: float, value: float, *, step: float) -> ipywidgets.FloatSlider:
    """A slider over numbers."""
    return ipywidgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=label, style=_LABEL, layout=_WIDE
    )


def choice_slider(label: str, options: list, value) -> ipywidgets.SelectionSlider:
    """A slider over the entries of a list, for values that are not evenly spaced."""
    return ipywidgets.SelectionSlider(options=options, value=value, description=label, style=_LABEL, layout=_WIDE)


class explore:  # noqa: N801  (reads as a verb in the notebook: the last line of a cell)
    """Sliders above a figure that follows them.

    Args:
        draw: ``draw(fig, **values)`` draws one state on an empty figure.
        alt: what the figure shows, in words; ``alt(**values)`` if the words depend on the sliders.
        size: of the figure, in inches.
        sliders: one widget for each argument of ``draw``.

    Where no kernel runs (GitHub, a printed page), the picture of the first state stays visible.
    """

    def __init__(
        self,
        draw: Callable[..., None],
        *,
        alt: str | Callable[..., str],
        size: tuple[float, float] = (6.0, 3.4),
        **sliders: ipywidgets.Widget,
    ):
        self._draw, self._alt, self._sliders = draw, alt, sliders
        self._fig = Figure(figsize=size)
        self._width = round(size[0] * SCREEN_DPI)
        self._places: list = []
        # An HTML widget and not widgets.Image, which has no alt text and shows an error if given a tooltip.
        self.picture = ipywidgets.HTML()
        for slider in sliders.values():
            slider.observe(lambda change: self.update(), names="value")
        self.update()
        self._box = ipywidgets.VBox([*sliders.values(), self.picture])

    @property
    def values(self) -> dict:
        """The present value of every slider."""
        return {name: slider.value for name, slider in self._sliders.items()}

    @property
    def alt(self) -> str:
        """The present picture in words."""
        return self._alt(**self.values) if callable(self._alt) else self._alt

    def update(self) -> None:
        """Draw the picture for the present values."""
        self._fig.clear()
        # Laying out takes half the time of a picture, and axes that stay where they are are easier to follow:
        # so the first picture's layout is kept while there are as many axes, with room for longer labels.
        self._fig.set_layout_engine("constrained", w_pad=0.08)
        self._draw(self._fig, **self.values)
        if len(self._places) == len(self._fig.axes):
            self._fig.set_layout_engine("none")
            for axes, place in zip(self._fig.axes, self._places, strict=True):
                axes.set_position(place)
        self._png = to_png(self._fig, dpi=SCREEN_DPI)
        self._places = [axes.get_position(original=True) for axes in self._fig.axes]
        source = base64.b64encode(self._png).decode("ascii")
        # decoding="sync" shows the new picture at once, without a white frame in between.
        self.picture.value = (
            f'<img src="data:image/png;base64,{source}" alt="{escape(self.alt)}" width="{self._width}" '
            'decoding="sync" style="max-width:100%;height:auto">'
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        data, metadata = image_bundle(self._png, self.alt, self._width)
        widget = self._box._repr_mimebundle_()
        # The text of a widget holds its bytes, and a random address: the words say more and never change.
        return {**widget, **data}, metadata
