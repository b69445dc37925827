"""A gradebook in PostgreSQL: a real server, started here, holds what SQLite would."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import pytest
from bubblewrap import NEEDS_BWRAP
from nbgrader.api import Gradebook
from students import classroom, hand_in
from test_classroom import CHAPTER, PERFECT, book_of, course, exercises, partly, recorded

pytestmark = NEEDS_BWRAP
# Debian keeps them out of the PATH.
PLACES = [*map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), os.environ.get("PATH", "")]
SERVER, INITDB = (shutil.which(name, path=os.pathsep.join(PLACES)) for name in ("postgres", "initdb"))
OWNER = "postgres"


def _why_not() -> str:
    if not (SERVER and INITDB):
        return "PostgreSQL がありません: 成績簿のテストを飛ばします（Debian では apt install postgresql）"
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return "root で setpriv がないので、PostgreSQL を動かせません"
    return ""


if _why_not():
    warnings.warn(_why_not(), stacklevel=1)
psycopg2 = pytest.importorskip("psycopg2")


def _as_owner() -> list[str]:
    """The server refuses to run as root."""
    return ["setpriv", "--reuid", OWNER, "--regid", OWNER, "--clear-groups"] if os.geteuid() == 0 else []


@pytest.fixture(scope="module")
def server():
    """The address of a server that answers on a socket only."""
    if _why_not():
        pytest.skip(_why_not())
    # Not below pytest's folder, which no other user may enter; and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        run = [*_as_owner(), INITDB, "-D", f"{folder}/data", "-U", "lecturer", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*run, "--no-locale", "--no-sync"], cwd=folder, check=True, capture_output=True)
        options = ["-D", f"{folder}/data", "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen([*_as_owner(), SERVER, *options], cwd=folder, stdout=log, stderr=log)
        try:
            _wait(folder, process)
            yield folder
        finally:
            process.terminate()
            process.wait(60)


def _wait(folder: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while True:
        with contextlib.suppress(psycopg2.OperationalError):
            psycopg2.connect(host=folder, user="lecturer", dbname="postgres").close()
            return
        assert process.poll() is None and time.monotonic() < end, (Path(folder) / "log").read_text(errors="replace")
        time.sleep(0.05)


@pytest.fixture
def url(server) -> str:
    """A new database."""
    with contextlib.closing(psycopg2.connect(host=server, user="lecturer", dbname="postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS grades")
            cursor.execute("CREATE DATABASE grades")
    return f"postgresql+psycopg2://lecturer:secret@/grades?host={server}"


def test_the_same_as_in_sqlite(url, tmp_path):
    root = classroom(tmp_path / "講座", [CHAPTER])
    for number in range(3):
        hand_in(root, f"学生{number:02}", CHAPTER, partly(number))
    late = root / "submitted" / "学生00" / CHAPTER / "timestamp.txt"
    late.write_text("2026-04-11 09:00:00.123456 UTC", encoding="utf-8")
    run = course(root, "--workers", "2", "--db", url)
    assert run.returncode == 0, run.stderr
    assert not (root / "gradebook.db").exists()
    there = recorded(Gradebook(url, "generative-models"))
    assert len(there) == 36

    again = course(root, "--workers", "2", "--db", url)
    assert again.returncode == 0 and "3 件は前の結果のまま" in again.stdout
    assert recorded(Gradebook(url, "generative-models")) == there

    # Another gradebook, from the results that are kept.
    here = course(root, "--workers", "2")
    assert here.returncode == 0 and "3 件は前の結果のまま" in here.stdout
    assert recorded(book_of(root)) == there

    (late.parent / f"{CHAPTER}.ipynb").unlink()
    shutil.rmtree(late.parents[1])
    hand_in(root, "学生00", CHAPTER, exercises(PERFECT))
    more = course(root, "--workers", "2", "--db", url)
    assert more.returncode == 0 and "2 件は前の結果のまま" in more.stdout
    with Gradebook(url, "generative-models") as book:
        assert book.find_submission(CHAPTER, "学生00").score == 8
        assert book.find_submission(CHAPTER, "学生01").score == 2


def test_unknown_database(server, tmp_path):
    root = classroom(tmp_path / "講座", [CHAPTER])
    hand_in(root, "青木", CHAPTER, partly(1))
    run = course(root, "--db", f"postgresql+psycopg2://lecturer:secret@/nowhere?host={server}")
    (line,) = run.stderr.strip().splitlines()
    assert run.returncode == 3 and line.startswith(
        "course grade: 成績簿（postgresql+psycopg2://lecturer:***@/nowhere）"
    )
    assert 'database "nowhere" does not exist' in line and "secret" not in line
