"""Reads well everywhere: axe-core in JupyterLab, keyboard only, at 200 % zoom, by screen reader, and on GitHub."""

import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise

import lab
import nbformat
import pytest
import sources
from axe_playwright_python.sync_playwright import Axe
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from playwright.sync_api import expect
from students import answer_code, model_code, submission

CHAPTERS = sources.CHAPTERS
# These two are run, and between them show every kind of output; the others are shown as they are stored.
ANSWERED, RUN = "01_distribution", ("01_distribution", "08_choosing")
WIDGET = "application/vnd.jupyter.widget-view+json"


# In JupyterLab


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """JupyterLab with the first chapter run, which has a right, a wrong and no answer."""
    root = tmp_path_factory.mktemp("a11y")
    home = root / "home"
    for chapter in CHAPTERS:
        for folder in ("solutions", "notebooks"):
            shutil.copytree(sources.ROOT / folder / chapter, root / folder / chapter)
    answered = submission(ANSWERED, {"1-1": model_code("1-1"), "1-4": answer_code("1-4", "without_half")})
    code = f'from course_utils.doctor import doctor\n\ndoctor("{ANSWERED}.ipynb", run=False)'
    answered.cells.append(nbformat.v4.new_code_cell(code))
    nbformat.write(answered, root / path_of(ANSWERED))
    lab.prefer(home, "@jupyterlab/notebook-extension:tracker", windowingMode="none")
    lab.trust(home, root.glob("solutions/*/*.ipynb"))
    with lab.server(root, home, "--expose-app-in-browser") as address, lab.browser() as page:
        lab.open_notebook(page, address, path_of(ANSWERED))
        page.evaluate("() => void window.jupyterapp.commands.execute('application:toggle-left-area')")
        page.evaluate(Axe().axe_script)
        lab.run_all(page)
        yield page


def path_of(chapter: str) -> str:
    """Where the chapter lies in the folder of the server: run, or as it is stored."""
    return f"{'notebooks' if chapter in RUN else 'solutions'}/{chapter}/{chapter}.ipynb"


def show(page, chapter: str) -> None:
    """Bring a chapter on the screen, if another one is there."""
    lab.roll_up(page)
    if page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path") != path_of(chapter):
        lab.change_notebook(page, path_of(chapter))
        if chapter in RUN:
            lab.run_all(page)


@pytest.fixture(scope="module", params=CHAPTERS)
def shown(page, request):
    """The chapter that is on the screen; all tests of one chapter come together."""
    show(page, request.param)
    return request.param


OURS = ".jp-OutputArea-output, .jp-RenderedMarkdown"
# What axe-core leaves to a person, and we looked at: a sign alone, a menu with its arrow.
LOOKED_AT = ("nonBmp", "shortTextContent", "bgImage")


def findings(page, *, dark: bool = False) -> list[str]:
    """What axe-core finds in the course's own text and outputs, each with the place."""
    lab.theme(page, dark=dark)
    lab.unroll(page, width=1280)
    options = {"resultTypes": ["violations", "incomplete"], "selectors": False}
    result = page.evaluate("([ours, options]) => axe.run(ours, options)", [OURS, options])
    assert "color-contrast" in {rule["id"] for rule in result["passes"]}  # it looked at the text at all
    found = [(rule["id"], rule["impact"], node) for rule in result["violations"] for node in rule["nodes"]]
    for node in (node for rule in result["incomplete"] if rule["id"] == "color-contrast" for node in rule["nodes"]):
        reason = node["any"][0]["data"].get("messageKey")
        if reason not in LOOKED_AT:
            found.append(("color-contrast", f"undecided ({reason})", node))
    return [f"{impact}: {rule}: {node['html'][:200]}" for rule, impact, node in found]


def cut_off(page) -> list[str]:
    """What stands out of our own text and outputs to the right in a window of 1280 pixels at 200 % (640 CSS pixels)."""
    lab.unroll(page, width=640)
    return page.evaluate(
        """(ours) => {
            const found = [];
            for (const box of document.querySelectorAll(ours)) {
                for (const element of [box, ...box.querySelectorAll('*')]) {
                    const { right, width } = element.getBoundingClientRect();
                    // The text of a formula for screen readers is hidden on purpose.
                    if (!width || element.closest('mjx-assistive-mml')) continue;
                    for (let parent = element.parentElement; parent; parent = parent.parentElement) {
                        const cuts = getComputedStyle(parent).overflowX !== 'visible';
                        if (cuts && right > parent.getBoundingClientRect().right + 1) {
                            found.push(`${element.tagName}, ${width} px: ${element.textContent.slice(0, 60)}`);
                            break;
                        }
                    }
                }
            }
            return found;
        }""",
        OURS,
    )


def tab_to(page, selector: str, *, at_most: int) -> None:
    """Press Tab until an element that matches has the focus."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached with {at_most} presses of Tab")


@lab.NEEDS_CHROMIUM
def test_slider_by_keyboard_alone(page):
    show(page, ANSWERED)
    cell = page.locator(".jp-CodeCell", has=page.locator(".widget-slider")).first
    cell.focus()
    tab_to(page, ".noUi-handle", at_most=5)
    handle, picture = cell.locator(".noUi-handle"), cell.locator("img")
    expect(handle).to_have_attribute("aria-valuetext", "0.01")  # the α, not its place in the list
    for key, value in (
        ("ArrowRight", "0.03"),
        ("ArrowUp", "0.1"),
        ("ArrowLeft", "0.03"),
        ("End", "30"),
        ("Home", "0.01"),
    ):
        page.keyboard.press(key)
        expect(handle).to_have_attribute("aria-valuetext", value)
        expect(picture).to_have_attribute("alt", re.compile(f"^α = {re.escape(value)} のとき"), timeout=20_000)
    # The words of the new picture are said without leaving the slider.
    assert picture.evaluate("picture => picture.closest('[aria-live=polite]') !== null")


@lab.NEEDS_CHROMIUM
def test_hint_by_keyboard_alone(page):
    show(page, ANSWERED)
    cell = page.locator(".jp-MarkdownCell", has=page.locator("details")).first
    hint = cell.locator("details").first
    hint.evaluate("hint => { hint.open = false; }")
    cell.focus()
    tab_to(page, "summary", at_most=5)
    for key, state in (("Space", True), ("Enter", False), ("Enter", True)):
        page.keyboard.press(key)
        assert hint.evaluate("hint => hint.open") is state, key
    expect(hint.get_by_text("割り算だけです")).to_be_visible()
    # Enter would otherwise open the source of the cell.
    assert "jp-mod-rendered" in cell.get_attribute("class")


@lab.NEEDS_CHROMIUM
def test_cards_are_groups_with_a_name_and_read_as_text(page):
    show(page, ANSWERED)

    def card(name: str) -> str:
        group = page.get_by_role("group", name=name)
        expect(group).to_have_count(1)
        return re.sub(r"\s+", " ", group.aria_snapshot())

    right = card("演習 1-1 の採点結果: 正解")
    assert "経験分布" in right and "2 / 2 点" in right
    assert "まだ解答がありません" in card("演習 1-2 の採点結果: 未解答")
    wrong = card("演習 1-4 の採点結果: 不正解")
    assert wrong.index("不正解") < wrong.index("½ を掛けていません") < wrong.index("期待するもの")
    assert "✗" not in wrong  # a sign beside the word, for the eye
    assert card("進み具合").count("row") >= 9
    assert ANSWERED in card("提出前の検査")


@lab.NEEDS_CHROMIUM
def test_what_axe_and_the_ruler_look_for_is_found(page):
    show(page, ANSWERED)
    bad = (
        '<div id="bad"><p style="color:#999;background:#aaa">薄い字</p><img src="x.png">'
        '<div style="width:3000px">広い枠</div></div>'
    )
    last = page.locator(".jp-RenderedHTML").last
    last.evaluate("(output, bad) => output.insertAdjacentHTML('beforeend', bad)", bad)
    try:
        found, wide = findings(page), cut_off(page)
    finally:
        page.locator("#bad").evaluate("bad => bad.remove()")
    assert any(finding.startswith("serious: color-contrast: <p") for finding in found)
    assert any(finding.startswith("critical: image-alt") for finding in found)
    assert wide == ["DIV, 3000 px: 広い枠"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@lab.NEEDS_CHROMIUM
def test_axe_finds_nothing_serious(page, shown, dark):
    found = findings(page, dark=dark)
    assert [finding for finding in found if not finding.startswith(("minor", "moderate"))] == []


@lab.NEEDS_CHROMIUM
def test_at_200_percent_nothing_is_cut_off(page, shown):
    page.evaluate("() => document.querySelectorAll('details').forEach((hint) => { hint.open = true; })")
    assert cut_off(page) == []


@lab.NEEDS_CHROMIUM
def test_every_picture_is_there_with_its_words(page, shown):
    expect(page.locator(".jp-Notebook")).not_to_contain_text("Error displaying widget")
    words = page.locator(".jp-OutputArea-output img").evaluate_all("pictures => pictures.map(({ alt }) => alt)")
    assert words and all(len(alt) >= 15 for alt in words)
    if shown not in RUN:  # opened again: the stored pictures stand in for the sliders
        assert words == [
            output.metadata["image/png"]["alt"]
            for cell in sources.source(shown).cells
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]


# For a screen reader, whatever shows the notebook


def rendered(cell) -> list:
    """The tokens of a Markdown cell."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").use(dollarmath_plugin).parse(cell.source)


def markdown_cells(chapter: str) -> list:
    return [cell for cell in sources.source(chapter).cells if cell.cell_type == "markdown"]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_headings_are_in_order(chapter):
    tokens = [token for cell in markdown_cells(chapter) for token in rendered(cell)]
    levels = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def unrendered(source: str) -> list[str]:
    """The pieces of text in which marks of Markdown are left over: the reader would see or hear the asterisks."""
    cell = nbformat.v4.new_markdown_cell(source)
    pieces = [child for token in rendered(cell) for child in token.children or [] if child.type == "text"]
    return [piece.content for piece in pieces if re.search(r"\*\*|`|\$", piece.content)]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_mark_of_markdown_is_left_over(chapter):
    # Beside Japanese punctuation ** is not always a mark: **「例」**の is shown with its asterisks.
    assert [piece for cell in markdown_cells(chapter) for piece in unrendered(cell.source)] == []


def test_a_left_over_mark_is_noticed():
    assert unrendered("これは **「例」**の話") and not unrendered("これは **例** の `x ** 2` と $a_1$")


# On GitHub: no kernel, no widgets, no style sheets, no scripts


class Visible(HTMLParser):
    """The text of a piece of HTML, and its tags, as a page shows them that drops styles and scripts."""

    def __init__(self, html: str):
        super().__init__()
        self.text, self.tags, self._dropped = "", [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._dropped += tag in ("style", "script")

    def handle_endtag(self, tag):
        self._dropped -= tag in ("style", "script")

    def handle_data(self, data):
        self.text += "" if self._dropped else data


def on_github(output) -> str:
    """What GitHub shows of an output: "picture", or its text."""
    if output.output_type == "stream":
        return output.text.strip()
    data = output.get("data", {})
    if "text/html" in data:
        return Visible(data["text/html"]).text.strip()
    return "picture" if "image/png" in data else data.get("text/plain", "").strip()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_output_shows_something_on_github(chapter):
    for cell in sources.source(chapter).cells:
        for output in cell.get("outputs", []):
            shown = on_github(output)
            assert shown, cell.source
            if WIDGET in output.get("data", {}):
                # The one widget without a picture has nothing to show before its button is pressed, and says so.
                assert shown == "picture" or "カーネルが動いているときだけ" in shown, cell.source
            if sources.nbgrader(cell).get("grade"):
                assert "正解" in shown and "2 / 2 点" in shown


@pytest.mark.parametrize(
    "data",
    [{WIDGET: {"model_id": "1"}}, {"text/html": "<style>p {}</style><script>draw()</script> <div></div>"}],
    ids=["widget", "script"],
)
def test_an_output_that_github_cannot_show_is_noticed(data):
    assert not on_github(nbformat.v4.new_output("display_data", data))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_hints_fold_on_github(chapter):
    folded = 0
    for cell in markdown_cells(chapter):
        tokens = rendered(cell)
        html = "".join(token.content for token in tokens if token.type == "html_block") + "".join(
            child.content for token in tokens for child in token.children or [] if child.type == "html_inline"
        )
        tags = Visible(html).tags
        assert set(tags) <= {"details", "summary", "br"}, cell.source  # no other is needed, and these GitHub keeps
        assert tags.count("details") == tags.count("summary") == html.count("</details>") == html.count("</summary>")
        # What is hidden is Markdown again: a paragraph or a list of its own, not a part of the HTML.
        hidden = [token.content for token in tokens if token.type == "html_block" and "<details>" in token.content]
        assert all(block.rstrip().endswith("</summary>") for block in hidden), cell.source
        folded += len(hidden)
    assert folded == 3 * sum(sources.chapter_of(number) == chapter for number in sources.exercises())
