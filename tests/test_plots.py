"""Figures: every glyph is there, every picture has words, colours can be told apart, sliders redraw."""

import warnings

import numpy as np
import pytest

from course_utils import plots, widgets

# What the course writes on figures: kana, kanji, Greek, marks, subscripts and mathematical signs.
GLYPHS = "あいうアイウ漢字確率分布尤度画像αβγεθλμσπᾱ∇∂∈→≤≥−×½∞₀₁₂²ₜ✓①②…・、。「」（）％"


@pytest.fixture(autouse=True)
def _strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a missing glyph
        yield


def test_no_glyph_is_missing():
    fig, ax = plots.figure()
    ax.set(title=GLYPHS, xlabel=r"$\bar\alpha_t$、$\sum_k$", ylabel="負の数 −3")
    ax.plot([-1, 1], [-1, 1], label="凡例")
    ax.legend()
    assert plots.to_png(fig).startswith(b"\x89PNG")


def test_show_stores_the_picture_with_its_words(monkeypatch):
    stored = []
    monkeypatch.setattr("IPython.display.display", lambda data, **options: stored.append((data, options)))
    fig, ax = plots.figure(size=(4, 3))
    ax.plot([1, 2])
    assert plots.show(fig, alt="1 から 2 への直線") is None
    data, options = stored[0]
    assert set(data) == {"image/png", "text/plain"}
    assert options["metadata"] == {"image/png": {"alt": "1 から 2 への直線", "width": 384}}


@pytest.mark.parametrize("alt", ["", "  "])
def test_a_picture_without_words_is_refused(alt):
    fig, _ = plots.figure()
    with pytest.raises(ValueError, match="alt"):
        plots.show(fig, alt=alt)


def luminance(colour: str) -> float:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


# Simulation of Machado, Oliveira & Fernandes (2009), severity 1.
VISION = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("vision", VISION)
def test_first_four_colours_differ_for_every_vision(vision):
    def seen(colour):
        rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        return np.clip(np.array(VISION[vision]) @ rgb, 0, 1)

    colours = [seen(c) for c in plots.PALETTE[:4]]
    for i, a in enumerate(colours):
        for b in colours[:i]:
            assert np.linalg.norm(a - b) > 0.12


def test_lines_stand_out_on_white():
    for colour in (plots.BLUE, plots.RED, plots.GREEN, plots.BLACK):
        assert 1.05 / (luminance(colour) + 0.05) > 3  # WCAG 1.4.11, graphical objects


def test_show_images_tiles_with_gaps():
    _, ax = plots.figure()
    plots.show_images(ax, np.ones((5, 4)), columns=3, shape=(2, 2))
    sheet = ax.images[0].get_array()
    assert sheet.shape == (7, 10) and np.ma.getmaskarray(sheet).sum() + np.isnan(sheet.data).sum() >= 70 - 20


def test_slider_redraws_picture_and_words():
    drawn = []

    def draw(fig, k, x):
        drawn.append((k, x))
        fig.subplots().plot(range(k))

    demo = widgets.explore(
        draw,
        alt=lambda k, x: f"直線。k = {k}、x = {x}。",
        k=widgets.int_slider("個数 k", 1, 5, 2),
        x=widgets.choice_slider("値 x", [0.1, 1, 10], 1),
    )
    first = demo.picture.value
    demo._sliders["k"].value = 4
    assert drawn == [(2, 1), (4, 1)]
    assert demo.picture.value != first and 'alt="直線。k = 4、x = 1。"' in demo.picture.value
    data, metadata = demo._repr_mimebundle_()
    assert data["text/plain"] == "［図］直線。k = 4、x = 1。"  # no random address: nbval compares it
    assert metadata["image/png"]["alt"] == demo.alt
    assert "application/vnd.jupyter.widget-view+json" in data


def test_axes_stay_where_they_are_while_a_slider_moves():
    def draw(fig, k):
        for ax in fig.subplots(1, 2 if k < 5 else 3):
            ax.plot(np.arange(k) * 10.0**k)

    demo = widgets.explore(draw, alt="直線が何本か並ぶ。", k=widgets.int_slider("個数 k", 1, 5, 2))
    places = [ax.get_position().bounds for ax in demo._fig.axes]
    demo._sliders["k"].value = 4
    assert [ax.get_position().bounds for ax in demo._fig.axes] == places
    demo._sliders["k"].value = 5  # other axes: a new layout
    assert len(demo._fig.axes) == 3
    box, (width, height) = demo._fig.get_tightbbox(), demo._fig.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


def test_nothing_is_drawn_while_a_submission_is_graded(monkeypatch):
    fig, ax = plots.figure(size=(6, 3))
    ax.plot([0, 1])
    drawn = plots.to_png(fig)
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert plots.to_png(fig) == drawn
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    graded = plots.to_png(fig)
    assert graded.startswith(b"\x89PNG") and len(graded) < 400 < len(drawn)
