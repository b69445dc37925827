"""The learner's loop in a real browser: JupyterLab in Debian's Chromium, driven by Playwright."""

import shutil

import lab
import pytest
import sources
from playwright.sync_api import expect
from students import answer_code, model_code

CHAPTER = "01_distribution"
NOTEBOOK = f"notebooks/{CHAPTER}/{CHAPTER}.ipynb"
pytestmark = lab.NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """JupyterLab with chapter 1 open and every cell run, as a learner has it."""
    root = tmp_path_factory.mktemp("lab")
    work = root / "講座"
    shutil.copytree(sources.ROOT / "notebooks" / CHAPTER, work / "notebooks" / CHAPTER)
    shutil.copy(sources.ROOT / "nbgrader_config.py", work)
    with lab.server(work, root / "home", "--expose-app-in-browser") as address, lab.browser() as page:
        lab.open_notebook(page, address, NOTEBOOK)
        lab.run_all(page)
        yield page


def cell(page, grade_id: str):
    """The element of the cell with nbgrader's id, scrolled into view."""
    cells = sources.release(CHAPTER).cells
    index = next(i for i, c in enumerate(cells) if sources.nbgrader(c).get("grade_id") == grade_id)
    found = page.locator(f'.jp-NotebookPanel .jp-Cell[data-windowed-list-index="{index}"]')
    found.scroll_into_view_if_needed()
    return found


def answer(page, exercise: str, code: str):
    """Type ``code`` into the answer cell, run it and the check below, and return the card."""
    editor = cell(page, f"ex-{exercise}").locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")  # goes on to the check
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(300)
    lab.wait_idle(page)
    return cell(page, f"test-{exercise}").locator(".jp-OutputArea-output")


def test_interface_is_japanese_and_without_the_instructors_panels(page):
    menu = page.locator(".lm-MenuBar").inner_text()
    assert "ファイル" in menu and "実行" in menu
    assert "Nbgrader" not in menu
    assert page.locator(".jp-NotebookPanel-toolbar", has_text="Validate").count() == 1


def test_untouched_notebook_runs_without_an_error(page):
    assert page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    assert page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    for number in ("1-1", "1-2", "1-3", "1-4"):
        expect(cell(page, f"test-{number}")).to_contain_text("未解答")


def test_wrong_answer_then_right_answer(page):
    card = answer(page, "1-4", answer_code("1-4", "without_half"))
    expect(card).to_contain_text("½ を掛けていません")
    expect(card).to_contain_text("不正解")
    expect(card).to_contain_text("期待するもの")
    card = answer(page, "1-4", model_code("1-4"))
    expect(card).to_contain_text("2 / 2 点")
    expect(card).not_to_contain_text("不正解")


def test_hint_unfolds(page):
    hint = page.locator("details", has_text="ヒント 1").first
    hint.scroll_into_view_if_needed()
    assert hint.get_attribute("open") is None
    hint.locator("summary").click()
    assert hint.get_attribute("open") is not None
    expect(hint.get_by_text("割り算だけです")).to_be_visible()


def test_slider_changes_the_figure(page):
    picture = page.locator('.widget-html img[alt*="テスト NLL"]')
    picture.scroll_into_view_if_needed()
    before, words = picture.get_attribute("src"), picture.get_attribute("alt")
    page.locator(".widget-slider .noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(old) => !document.querySelector(`.widget-html img[src='${old}']`)", arg=before)
    assert picture.get_attribute("src") != before
    assert picture.get_attribute("alt") != words  # the words follow the picture
    assert picture.evaluate("image => image.naturalWidth") > 300


def test_validate_agrees_with_the_cards(page):
    page.locator(".jp-NotebookPanel-toolbar", has_text="Validate").get_by_text("Validate").click()
    dialog = page.locator(".jp-Dialog")
    dialog.wait_for(timeout=90_000)
    text = dialog.inner_text()
    # Three exercises and the written answer are still open; the solved one is not in the list.
    for number, listed in (("1-1", True), ("1-2", True), ("1-3", True), ("1-4", False)):
        assert (f'check("{number}"' in text) is listed, text
    page.locator(".jp-Dialog .jp-Dialog-button").first.click()


def test_figures_have_alt_text_in_the_page(page):
    pictures = page.locator(".jp-RenderedImage img")
    assert pictures.count() == sum(
        "image/png" in o.get("data", {}) and "application/vnd.jupyter.widget-view+json" not in o["data"]
        for c in sources.source(CHAPTER).cells
        for o in c.get("outputs", [])
    )
    assert all(len(pictures.nth(k).get_attribute("alt")) >= 15 for k in range(pictures.count()))


def test_sliders_have_names(page):
    handles = page.locator(".noUi-handle")
    names = [handles.nth(k).get_attribute("aria-label") for k in range(handles.count())]
    assert names == ["平滑化の強さ α", "一様乱数 u"]
