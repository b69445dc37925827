"""The environment: the pins, and what .ci/environment and the Makefile do on machines that lack something."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
USERS = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
FIRST, *DEVELOPERS = (ROOT / "tests" / "requirements.txt").read_text(encoding="utf-8").splitlines()


# The pins

pinned = pytest.mark.skipif(os.environ.get("PINS") == "no", reason="the newest versions are installed, not the pinned")
# The pins are those of Linux; other systems add a few small packages of their own.
LINUX = {"extra": "", "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}


def test_pins_are_names_and_versions_only():
    assert FIRST == "-r ../binder/requirements.txt"
    for line in USERS + DEVELOPERS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9]+(\.(post)?[0-9]+)*", line), line
    for lines in (USERS, DEVELOPERS):
        assert lines == sorted(lines, key=lambda line: line.split("==")[0])
    names = [line.split("==")[0] for line in USERS + DEVELOPERS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("wanted", "pins"),
    [(PROJECT["dependencies"], USERS), (PROJECT["optional-dependencies"]["test"], USERS + DEVELOPERS)],
    ids=["users", "developers"],
)
def test_pins_satisfy_what_the_project_asks_for(wanted, pins):
    pinned = dict(line.split("==") for line in pins)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


@pinned
def test_pins_are_what_is_installed():
    found = {line.split("==")[0]: version(line.split("==")[0]) for line in USERS + DEVELOPERS}
    assert [f"{name}=={installed}" for name, installed in found.items()] == USERS + DEVELOPERS


@pinned
def test_pins_are_complete_and_allow_the_oldest_python():
    oldest = PROJECT["requires-python"].removeprefix(">=") + ".0"
    pinned = {line.split("==")[0] for line in USERS + DEVELOPERS}
    for name in pinned:
        metadata = distribution(name)
        # If this fails: make pins PYTHON=… with a Python of that version.
        assert SpecifierSet(metadata.metadata.get("Requires-Python") or "").contains(oldest), f"{name}, Python {oldest}"
        for requirement in map(Requirement, metadata.requires or []):
            if requirement.marker is None or requirement.marker.evaluate(LINUX):
                assert canonicalize_name(requirement.name) in pinned, f"{name} needs {requirement}"


# Machines that lack something. A folder of the course, in a place with spaces and Japanese in its name, and a
# stand-in for Python that makes a .venv with itself in it and writes down what pip is asked for.

STAND_IN = """#!/bin/sh
case "$*" in
  "-V") echo "Python 3.11.0" ;;
  "-m venv .venv")
    mkdir -p .venv/bin || exit 1
    cp "$0" .venv/bin/python
    echo "VIRTUAL_ENV=\\"$PWD/.venv\\"" >.venv/bin/activate
    echo "venv" >>"$ASKED" ;;
  "-m pip --version") [ ! -e .venv/no_pip ] ;;
  "-m pip "*)
    echo "$*" >>"$ASKED"
    [ -z "$SLOW" ] || sleep 30
    [ -z "$PIP_SAYS" ] || { echo "$PIP_SAYS" >&2; exit 1; } ;;
esac
"""
PIP = "-m pip install --disable-pip-version-check -q "
INSTALL = [PIP + "-r binder/requirements.txt", PIP + "--no-deps -e ."]
TEST_INSTALL = [PIP + "-r tests/requirements.txt", PIP + "--no-deps -e ."]


class Course:
    """A copy of what makes the environment, in ``folder``; ``python`` is what the user's Python is."""

    def __init__(self, folder: Path):
        self.folder, self.asked, self.python = folder, folder.parent / "asked", folder.parent / "python"
        for name in ("Makefile", "pyproject.toml", ".ci", "binder", "tests/requirements.txt"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / name, folder / name)
        self.replace_python(STAND_IN)

    def replace_python(self, script: str):
        self.python.write_text(script, encoding="utf-8")
        self.python.chmod(0o755)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen:
        """Start make. Nothing of the calling make reaches it; ``asked_for`` starts anew."""
        self.asked.unlink(missing_ok=True)
        env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"ASKED": str(self.asked)}
        command = ["make", "--no-print-directory", f"PYTHON={self.python}", *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        return subprocess.Popen(command, cwd=self.folder, env=env | variables, start_new_session=True, **pipes)

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        """Run make to its end."""
        process = self.start(*arguments, **variables)
        output, errors = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def asked_for(self) -> list[str]:
        return self.asked.read_text(encoding="utf-8").splitlines() if self.asked.exists() else []


@pytest.fixture
def course(tmp_path) -> Course:
    return Course(tmp_path / "生成 モデル" / "course")


def complaint(done: subprocess.CompletedProcess) -> str:
    """The one line that the user reads, beside make's own."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert done.returncode != 0
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_environment_is_made_once(course):
    assert "初回だけ" in course.make("environment").stdout
    assert course.asked_for() == ["venv", *INSTALL]
    again = course.make("environment")
    assert (again.returncode, again.stdout, course.asked_for()) == (0, "", [])
    course.make("tests-environment")
    assert course.asked_for() == TEST_INSTALL
    for target in ("environment", "tests-environment"):
        assert course.make(target).returncode == 0
        assert course.asked_for() == []


def test_environment_needs_no_other_python_once_made(course):
    course.make("environment")
    assert course.make("environment", "PYTHON=no-such-python").returncode == 0
    (course.folder / "binder" / "requirements.txt").write_text("numpy==2.4.6\n")
    assert course.make("environment", "PYTHON=no-such-python").returncode == 0
    assert course.asked_for() == INSTALL


def test_environment_follows_the_pins_and_the_choice_of_the_newest(course):
    course.make("tests-environment")
    course.make("tests-environment", "PINS=no")
    assert course.asked_for() == [PIP + "--upgrade --upgrade-strategy eager -e .[test]"]
    course.make("environment")
    assert course.asked_for() == INSTALL
    course.make("tests-environment", "PINS=no")
    assert len(course.asked_for()) == 1


def test_no_python(course):
    assert complaint(course.make("environment", "PYTHON=no-such-python")) == (
        "no-such-python が見つかりません。Python 3.11 以上を入れてください"
    )
    course.replace_python("#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n")
    assert complaint(course.make("environment")) == f"{course.python} が動きません。Python 3.11 以上を入れてください"


def test_python_too_old(course):
    course.replace_python(
        '#!/bin/sh\ncase "$*" in *version_info*) exit 1 ;; -V) echo "Python 3.9.2" ;; esac\n',
    )
    assert complaint(course.make("environment")).startswith(
        f"Python 3.11 以上が必要です（{course.python} は Python 3.9.2）"
    )
    assert not (course.folder / ".venv").exists()


def test_no_venv_module(course):
    course.replace_python('#!/bin/sh\ncase "$*" in *ensurepip*) echo "No module named ensurepip" >&2; exit 1 ;; esac\n')
    assert complaint(course.make("environment")).endswith("sudo apt install python3-venv")
    assert not (course.folder / ".venv").exists()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "ディスクの空きが足りません"),
        ("OSError: [Errno 13] Permission denied: '.venv/lib'", "に書き込めません"),
        ("WARNING: Retrying after connection broken by 'NameResolutionError'", "ネットワークの接続"),
    ],
    ids=["disk full", "no write permission", "no network"],
)
def test_what_pip_fails_at_is_said_and_the_next_run_mends_it(course, said, told):
    assert told in complaint(course.make("environment", PIP_SAYS=said))
    assert course.make("environment").returncode == 0
    # What pip may have half installed is thrown away; without a network it installed nothing.
    assert course.asked_for() == ([] if "Retrying" in said else ["venv"]) + INSTALL


def test_an_unknown_failure_shows_what_pip_said(course):
    done = course.make("environment", PIP_SAYS="ERROR: something else")
    assert done.stderr.splitlines()[:2] == ["ERROR: something else", "パッケージを入れられませんでした"]


def test_no_write_permission(course):
    if os.geteuid() == 0:
        course.replace_python(
            STAND_IN.replace("mkdir -p", "echo \"Error: [Errno 13] Permission denied: '.venv'\" >&2; false")
        )
    else:
        course.folder.chmod(0o555)
    assert complaint(course.make("environment")).startswith(f"{course.folder} に書き込めません")
    course.folder.chmod(0o755)


def test_an_installation_that_was_cut_off_is_started_anew(course):
    process = course.start("environment", SLOW="yes")
    while not course.asked_for()[1:]:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert course.make("environment").returncode == 0
    assert course.asked_for() == ["venv", *INSTALL]


def test_an_environment_that_cannot_work_is_made_anew(course):
    course.make("environment")
    for damage in ("moved", "no pip", "no python"):
        if damage == "moved":
            course.folder = course.folder.rename(course.folder.with_name("moved"))
        elif damage == "no pip":
            (course.folder / ".venv" / "no_pip").touch()
            (course.folder / ".venv" / "installed").unlink()
        else:
            (course.folder / ".venv" / "bin" / "python").unlink()
            (course.folder / ".venv" / "bin" / "python").symlink_to("/no/such/python")
        assert course.make("environment").returncode == 0, damage
        assert course.asked_for() == ["venv", *INSTALL], damage


def test_what_a_real_pip_says_without_network_is_understood(course):
    """A registry that refuses the connection. (A dry run: whatever comes, nothing gets installed.)"""
    course.replace_python(STAND_IN.replace('echo "$*" >>"$ASKED"', f'exec "{sys.executable}" "$@"'))
    options = {"DRY_RUN": "1", "IGNORE_INSTALLED": "1", "NO_CACHE_DIR": "1", "CONFIG_FILE": os.devnull}
    for retries in ("0", "1"):
        options |= {"INDEX_URL": "http://127.0.0.1:9/simple", "RETRIES": retries}
        done = course.make("environment", **{f"PIP_{name}": value for name, value in options.items()})
        assert "ネットワークの接続" in complaint(done)
        assert not (course.folder / ".venv" / "installed").exists()


def test_port_taken(course):
    course.make("environment")
    python = course.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(sys.executable)
    jupyter = course.folder / ".venv" / "bin" / "jupyter"
    jupyter.write_text('#!/bin/sh\necho "$*" >>"$ASKED"\n')
    jupyter.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert complaint(course.make("lab", f"PORT={port}")) == (
            f"ポート {port} は使えません。別の番号で: make lab PORT=8899"
        )
        assert course.asked_for() == []
    assert course.make("lab", f"PORT={port}", "LAB_OPTIONS=--no-browser").returncode == 0
    (asked,) = course.asked_for()
    options = dict(option.partition("=")[::2] for option in asked.split()[1:])
    assert options["--port"] == str(port)
    assert options["--ServerApp.port_retries"] == "0"
    chapter = options["--LabApp.default_url"].removeprefix("/lab/tree/")
    assert (ROOT / chapter).is_file()
    assert asked.endswith(" --no-browser")
