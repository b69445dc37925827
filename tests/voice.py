"""The Japanese of the course as a linter may read it: prose without code, formulas and HTML, line by line.

``python tests/voice.py`` (from anywhere) lists what textlint finds, as ``where: line: rule: message``.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import sources

ROOT = sources.ROOT
CONFIG = ROOT / ".ci" / "textlint"
WORK = ROOT / "build" / "textlint"
GLOSSARY = ROOT / "GLOSSARY.md"


@dataclass
class Line:
    """One line of Markdown and where it stands: a chapter's cell (from 0) and line, or a file's line."""

    text: str
    where: str


def chapter_lines(chapter: str) -> list[Line]:
    """The Markdown cells of a chapter, one after the other, with an empty line between them."""
    lines = []
    for index, cell in enumerate(sources.source(chapter).cells):
        if cell.cell_type == "markdown":
            for number, text in enumerate(cell.source.splitlines(), 1):
                lines.append(Line(text, f"{chapter}: セル {index}: {number} 行"))
            lines.append(Line("", f"{chapter}: セル {index}"))
    return lines


def file_lines(path: Path, until: str | None = None) -> list[Line]:
    """The lines of a Markdown file, up to the line ``until``."""
    texts = path.read_text(encoding="utf-8").splitlines()
    texts = texts[: texts.index(until)] if until else texts
    return [Line(text, f"{path.name}: {number} 行") for number, text in enumerate(texts, 1)]


def documents() -> dict[str, list[Line]]:
    """Everything that is read in Japanese, by the name under which textlint sees it."""
    every = {chapter: chapter_lines(chapter) for chapter in sources.CHAPTERS}
    return every | {"README": file_lines(ROOT / "README.md", until="## English"), "GLOSSARY": file_lines(GLOSSARY)}


def prose(lines: list[str]) -> list[str]:
    """The same number of lines, with what is not Japanese prose put out of a linter's sight.

    Formulas and code in a line become ``c``, a linter's code span; displayed ones go, and so do the HTML of the
    hints, nbgrader's marks and the entries of the bibliography.
    """
    seen = []
    hidden = None  # the mark that ends what is hidden
    works = False  # inside the bibliography
    for line in lines:
        if hidden:
            hidden = None if line.rstrip().endswith(hidden) else hidden
            line = ""
        elif block := re.match(r"\$\$|```", line):
            hidden = None if re.search(r".\$\$\s*$", line) else block[0]
            line = ""
            if block[0] == "$$":
                last = max(number for number, text in enumerate(seen) if text)
                if not re.search(r"[。）]$", seen[last]):
                    seen[last] += "`c`です。"  # the formula ends the sentence that leads to it
        elif re.match(r"### (BEGIN|END) ", line):
            line = ""
        works = line == "## 参考文献" or (works and (not line or line.startswith("- ")))
        if works and line.startswith("- "):
            line = ""
        line = re.sub(r"(`+).+?\1", "`c`", line)
        line = re.sub(r"\$[^$]+\$", "`c`", line)
        seen.append(re.sub(r"</?(?:details|summary)>", "", line).replace("<br>", " "))
    return seen


def missing() -> str | None:
    """Why textlint cannot run here, or None if it can."""
    absent = [name for name in ("node", "npm") if not shutil.which(name)]
    return f"{' と '.join(absent)} がないので、textlint を動かせません" if absent else None


def install() -> None:
    """textlint and its rules below build/textlint, unless they are there already.

    Raises:
        subprocess.CalledProcessError: if npm fails, with what it said.
    """
    wanted = (CONFIG / "package.json").read_text(encoding="utf-8")
    done = WORK / "installed.json"  # written last: a broken installation is made again
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    (WORK / "package.json").write_text(wanted, encoding="utf-8")
    subprocess.run(
        [shutil.which("npm"), "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=WORK, check=True, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    done.write_text(wanted, encoding="utf-8")


def lint(texts: dict[str, list[Line]]) -> list[str]:
    """What textlint says of ``texts``, one line each: where, rule, message. Runs it once for all of them."""
    install()
    folder = WORK / "text"
    folder.mkdir(exist_ok=True)
    for name, lines in texts.items():
        seen = "\n".join(prose([line.text for line in lines])) + "\n"
        file = folder / f"{name}.md"
        if not file.exists() or file.read_text(encoding="utf-8") != seen:  # or textlint's cache would forget it
            file.write_text(seen, encoding="utf-8", newline="\n")
    run = subprocess.run(
        [
            shutil.which("node"), "node_modules/textlint/bin/textlint.js", "--config", CONFIG / ".textlintrc.js",
            "--rules-base-directory", WORK / "node_modules", "--cache", "--cache-location", WORK / "cache.json",
            "--format", "json", *(f"text/{name}.md" for name in texts),
        ],
        cwd=WORK, capture_output=True, text=True, encoding="utf-8", env=os.environ | {"NO_COLOR": "1"},
    )  # fmt: skip
    if run.returncode not in (0, 1) or not run.stdout.startswith("["):
        raise RuntimeError(run.stderr or run.stdout)
    said = []
    for file in json.loads(run.stdout):
        lines = texts[Path(file["filePath"]).stem]
        for message in file["messages"]:
            rule = message["ruleId"].removeprefix("ja-technical-writing/")
            said.append(f"{lines[message['line'] - 1].where}: {rule}: {message['message'].splitlines()[0]}")
    return said


if __name__ == "__main__":
    if why := missing():
        sys.exit(why)
    found = lint(documents())
    print(*found, sep="\n")
    sys.exit(bool(found))
