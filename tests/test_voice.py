"""One voice: the Japanese passes textlint, one thing has one name, and the glossary keeps what it promises."""

import os
import re
import subprocess
import unicodedata
from collections import Counter
from functools import cache
from typing import NamedTuple

import pytest
import sources
import voice

# --- textlint -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def said():
    """What textlint says of every document, and of one with a fault; it runs once."""
    if why := voice.missing():
        pytest.skip(why)
    try:
        voice.install()
    except subprocess.CalledProcessError as error:
        if os.environ.get("CI"):  # a network may be away from a laptop, not from CI
            raise AssertionError(error.stderr) from error
        pytest.skip(f"npm が textlint を入れられませんでした: {error.stderr.strip().splitlines()[-1]}")
    fault = {"fault": [voice.Line("", "見本: 1 行"), voice.Line("この絵は見れるのです。", "見本: 2 行")]}
    return voice.lint(voice.documents() | fault)


def test_textlint_is_content(said):
    found = [line for line in said if not line.startswith("見本")]
    assert not found, "\n".join(found)


def test_textlint_would_notice_a_fault_and_say_where(said):
    assert any(line.startswith("見本: 2 行: no-dropping-the-ra: ") for line in said)


def test_the_linter_sees_prose_and_line_numbers_stay():
    lines = [
        "長さは $\\frac{a}{b}$ で、`len(x)` です。",
        "",
        "式で書くと",
        "",
        "$$",
        "y = x",
        "$$",
        "### BEGIN SOLUTION",
        "<details><summary>ヒント 1（考え方）</summary>",
        "```python",
        "x = 1  # 見れる",
        "```",
        "終わりです。",
        "## 参考文献",
        "",
        '- A. Author, "Title"',
    ]
    seen = voice.prose(lines)
    assert len(seen) == len(lines)
    assert [line for line in seen if line] == [
        "長さは `c` で、`c` です。",
        "式で書くと`c`です。",
        "ヒント 1（考え方）",
        "終わりです。",
        "## 参考文献",
    ]


# --- the glossary ---------------------------------------------------------------------------------------------------


class Term(NamedTuple):
    name: str
    reading: str
    english: str  # empty where the name is English already
    section: str  # "3.3"
    chapter: str
    cell: str  # the id of the cell that introduces it: JupyterLab finds no heading with Japanese in it by its address


ENTRY = re.compile(
    r"- \*\*(?P<name>[^*]+)\*\*（(?P<reading>[ぁ-んー]+)(?:、(?P<english>[^）]+))?）　[^\[\]]+。"
    r"\[(?P<section>\d+\.\d+) 節\]\(notebooks/(?P<chapter>\w+)/(?P=chapter)\.ipynb#cell-id=(?P<cell>[^ )]+)\)"
)
GLOSSARY = voice.GLOSSARY.read_text(encoding="utf-8")
TERMS = [
    Term(**{key: value or "" for key, value in ENTRY.fullmatch(line).groupdict().items()})
    for line in GLOSSARY.splitlines()
    if line.startswith("- ")
]
# (the word in use, a word that would say the same)
AVOIDED = [
    (row[0], other)
    for row in re.findall(r"^\| ([^|]+) \| ([^|]+) \|", GLOSSARY, re.M)
    if row[0] != "使う言葉"
    for other in row[1].split("、")
]


def collation(reading: str) -> str:
    """A key that sorts as a Japanese dictionary does: か and が, つ and っ count as one, ー as the vowel before it."""
    plain = ""
    for letter in unicodedata.normalize("NFD", reading):
        if unicodedata.combining(letter):
            continue
        if letter == "ー":
            letter = "あいうえお"["AIUEO".index(unicodedata.name(plain[-1])[-1])]
        plain += unicodedata.lookup(unicodedata.name(letter).replace(" SMALL ", " "))
    return plain


def cells(chapter: str):
    """(heading, cell): every cell of a chapter with the last ``##`` heading above or in it; "" before the first."""
    heading = ""
    for cell in sources.source(chapter).cells:
        if cell.cell_type == "markdown":
            heading = (re.findall(r"^## (.*)", cell.source, re.M) or [heading])[0]
        yield heading, cell


@cache
def sections(chapter: str) -> dict[str, str]:
    """The Markdown below each ``##`` heading of a chapter, without code and formulas; what is above the first is ""."""
    found = {"": ""}
    heading = ""
    for cell in sources.source(chapter).cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("## "):
                    heading = line.removeprefix("## ")
                    found[heading] = ""
                found[heading] += re.sub(r"`[^`]*`|\$[^$]*\$", "", line) + "\n"
    return found


def introductions(chapter: str):
    """(section, term, English) wherever a term's English is given: **用語**（term… or （**用語**、term…."""
    for heading, text in sections(chapter).items():
        if heading != "参考文献":
            for name, english in re.findall(r"\*\*([^*]+)\*\*[（、]([A-Za-z][^（）、。]*)[）、。]", text):
                yield heading, name, english


def test_a_dictionarys_order():
    assert sorted(["がん", "かーねる", "きゃく", "ぎゃく", "かかい", "きやすい"], key=collation) == [
        "かーねる", "かかい", "がん", "きゃく", "ぎゃく", "きやすい",
    ]  # fmt: skip


def test_glossary_is_sorted_by_reading():
    readings = [term.reading for term in TERMS]
    assert readings == sorted(readings, key=collation)
    assert not [name for name, count in Counter(term.name for term in TERMS).items() if count > 1]


def test_every_term_stands_below_its_row():
    row = ""
    rows = {}
    for line in GLOSSARY.splitlines():
        if line.startswith("## "):
            row = line[3]
        elif line.startswith("- "):
            rows[ENTRY.fullmatch(line)["name"]] = row
    firsts = "あかさたなはまやらわ"
    for term in TERMS:
        assert rows[term.name] == max(first for first in firsts if first <= collation(term.reading)[0]), term


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_link_leads_to_the_cell_that_introduces_the_term(term):
    places = [
        (heading.split("　")[0], cell.id)
        for heading, cell in cells(term.chapter)
        if cell.cell_type == "markdown" and f"**{term.name}**" in cell.source
    ]
    assert (term.section, term.cell) in places, f"**{term.name}** があるのは {places}"


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_english_is_given_once_where_the_term_is_introduced(term):
    english = term.english.split("、")[0]
    given = [
        (chapter, heading.split("　")[0])
        for chapter in sources.CHAPTERS
        for heading, text in sections(chapter).items()
        if heading != "参考文献"
        for inside in re.findall(r"（([^（）]*)）", text)
        if english and re.search(rf"(?:^|、){re.escape(english)}(?:[、。]|$)", inside)
    ]
    assert given == ([(term.chapter, term.section)] if english else [])


@pytest.mark.parametrize("chapter", sources.CHAPTERS)
def test_every_term_with_its_english_is_in_the_glossary(chapter):
    known = {(term.name, english) for term in TERMS for english in term.english.split("、")}
    missing = [(name, english) for _, name, english in introductions(chapter) if (name, english) not in known]
    assert not missing


@pytest.mark.parametrize("chapter", sources.CHAPTERS)
def test_every_chapter_links_to_the_glossary(chapter):
    assert "](../../GLOSSARY.md)" in sources.source(chapter).cells[0].source
    assert (sources.ROOT / "notebooks" / chapter / "../../GLOSSARY.md").exists()


# --- one word for one thing -----------------------------------------------------------------------------------------


@cache
def written() -> list[tuple[str, str]]:
    """(where, text) of all that a reader may see: the chapters, the README, the package's messages and labels."""
    cells = [
        (f"{chapter}: セル {index}", cell.source)
        for chapter in sources.CHAPTERS
        for index, cell in enumerate(sources.source(chapter).cells)
    ]
    files = [sources.ROOT / "README.md", *sorted((sources.ROOT / "course_utils").rglob("*.py"))]
    return cells + [(str(path.relative_to(sources.ROOT)), path.read_text(encoding="utf-8")) for path in files]


@pytest.mark.parametrize(("word", "other"), AVOIDED, ids=lambda word: word)
def test_one_word_for_one_thing(word, other):
    found = [where for where, text in written() if other in text]
    assert not found, f"「{other}」ではなく「{word}」と書きます: {found}"
    assert any(word in text for _, text in written()), f"「{word}」はどこにも出てきません"


@pytest.mark.parametrize("chapter", sources.CHAPTERS)
def test_chapters_that_the_prose_sends_to_are_linked_there(chapter):
    # Somewhere in the prose; the links to the neighbours at the end are no help in the middle.
    prose = "\n".join(
        line
        for heading, text in sections(chapter).items()
        if heading != "参考文献"
        for line in text.splitlines()
        if not line.startswith(("|", "#"))
    )
    mentioned = {f"{int(n):02d}" for n in re.findall(r"第 (\d+) 章", prose)} - {chapter[:2]}
    linked = set(re.findall(r"\]\(\.\./(\d\d)_\w+/\d\d_\w+\.ipynb\)", prose))
    assert mentioned <= linked, sorted(mentioned - linked)
