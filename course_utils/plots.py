"""図の道具: 同梱の日本語フォント、色覚に配慮した配色、代替テキスト（alt）つきの表示。

``figure()`` で作り、描き、``show(fig, alt=...)`` で見せます。
図は pyplot の外で作るので、閉じ忘れも二重表示もありません。
"""

import base64
import io
import os
from collections.abc import Sequence

import matplotlib
import matplotlib_fontja  # noqa: F401  (registers IPAexGothic, a Japanese font that comes with the package)
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe & Ito (2008), "Color Universal Design": told apart with every common colour vision.
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PINK, YELLOW, BLACK = "#56B4E9", "#CC79A7", "#F0E442", "#000000"
PALETTE = (BLUE, ORANGE, GREEN, RED, SKY, PINK, BLACK, YELLOW)
# Beside the colour, a shape and a line style: a figure must also read in grey.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LINES = ("-", "--", "-.", ":")
HATCHES = ("", "///", "...", "xxx")

DPI = 144
SCREEN_DPI = 96

matplotlib.rcParams.update(
    {
        # DejaVu Sans stands in for what IPAexGothic lacks (≤, ᾱ, subscripts). No bold: IPAexGothic has none.
        "font.family": ["IPAexGothic", "DejaVu Sans"],
        "axes.prop_cycle": cycler(color=PALETTE),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
        "axes.titlesize": "medium",
        "figure.constrained_layout.use": True,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "image.cmap": "cividis",
    }
)


def figure(rows: int = 1, cols: int = 1, *, size: tuple[float, float] = (6.0, 3.4), **kwargs):
    """Make a figure and its axes, like ``plt.subplots`` but known to nobody else: (fig, ax or array of axes)."""
    fig = Figure(figsize=size)
    return fig, fig.subplots(rows, cols, **kwargs)


def to_png(fig: Figure, *, dpi: int = DPI) -> bytes:
    """Draw ``fig`` as a PNG; while a submission is graded, when nobody looks, a PNG of one white point."""
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        fig, dpi = Figure(figsize=(1, 1)), 1
    buffer = io.BytesIO()
    # The fastest compression: a learner waits for the slider, nobody for the last kilobyte.
    fig.savefig(buffer, format="png", dpi=dpi, pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


def image_bundle(png: bytes, alt: str, width: int) -> tuple[dict, dict]:
    """A picture as Jupyter stores it: (data, metadata), with ``alt`` for those who cannot see it."""
    if not alt.strip():
        raise ValueError("alt には図の内容を言葉で書いてください（空でした）")
    data = {"image/png": base64.b64encode(png).decode("ascii"), "text/plain": f"［図］{alt}"}
    return data, {"image/png": {"alt": alt, "width": width}}


def show(fig: Figure, *, alt: str) -> None:
    """Display ``fig`` under the cell, with its content in words (``alt``) for screen readers and text views."""
    from IPython.display import display

    data, metadata = image_bundle(to_png(fig), alt, round(fig.get_figwidth() * SCREEN_DPI))
    display(data, metadata=metadata, raw=True)


def show_images(
    ax: Axes, images: np.ndarray, *, columns: int, shape: tuple[int, int] = (8, 8), vmin: float = 0, vmax: float = 1
) -> None:
    """Tile small images on one axes, dark = large, with a thin gap between them.

    Args:
        images: (n, height·width) or (n, height, width).
        columns: how many stand in a row. shape: (height, width) of one image.
    """
    height, width = shape
    tiles = np.asarray(images, dtype=float).reshape(-1, height, width)
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * (height + 1) + 1, columns * (width + 1) + 1), np.nan)
    for k, tile in enumerate(tiles):
        top, left = 1 + (k // columns) * (height + 1), 1 + (k % columns) * (width + 1)
        sheet[top : top + height, left : left + width] = tile
    cmap = matplotlib.colormaps["Greys"].with_extremes(bad="#9ecbe8")
    ax.imshow(sheet, cmap=cmap, vmin=vmin, vmax=vmax, interpolation="nearest")
    ax.set_axis_off()


def bars(ax: Axes, labels: Sequence[str], series: dict[str, np.ndarray], *, ylabel: str) -> None:
    """Grouped bars: one group per label, one colour and hatch per series; ``series`` maps a name to (len(labels),)."""
    width = 0.8 / len(series)
    position = np.arange(len(labels))
    for k, (name, height) in enumerate(series.items()):
        offset = (k - (len(series) - 1) / 2) * width
        ax.bar(position + offset, height, width, label=name, color=PALETTE[k], hatch=HATCHES[k % 4], edgecolor="white")
    ax.set_xticks(position, labels)
    ax.set_ylabel(ylabel)
    if len(series) > 1:
        ax.legend(frameon=False)
