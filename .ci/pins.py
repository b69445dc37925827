"""Write the versions that are installed here as the pins: binder/requirements.txt and tests/requirements.txt.

Run by ``make pins``. Use the oldest Python that the project allows (make pins PYTHON=…): no pin is then too new for it.
"""

from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "generative-models-course"


def needed(name: str, extra: str = "", seen: set | None = None) -> set[tuple[str, str]]:
    """The distributions, each with an extra or "", that ``name`` with ``extra`` needs here, itself included."""
    seen = set() if seen is None else seen
    if (name, extra) not in seen:
        seen.add((name, extra))
        for requirement in map(Requirement, requires(name) or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                for wanted in ("", *requirement.extras):
                    needed(canonicalize_name(requirement.name), wanted, seen)
    return seen


def names(extra: str = "") -> set[str]:
    """What the project needs, without itself: all for its users, or with the extra of its developers too."""
    return {name for name, _ in needed(PROJECT, extra)} - {PROJECT}


def lines(chosen: set[str]) -> str:
    return "".join(f"{name}=={version(name)}\n" for name in sorted(chosen))


if __name__ == "__main__":
    users = names()
    (ROOT / "binder" / "requirements.txt").write_text(lines(users), encoding="utf-8")
    developers = "-r ../binder/requirements.txt\n" + lines(names("test") - users)
    (ROOT / "tests" / "requirements.txt").write_text(developers, encoding="utf-8")
