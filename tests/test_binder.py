"""Binder: repo2docker's own code makes the build context and the Dockerfile; then their steps are done here."""

import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from repo2docker.app import Repo2Docker
from repo2docker.buildpacks import PythonBuildPack

ROOT = Path(__file__).resolve().parents[1]
# What pip says when there is no registry to be reached.
OFFLINE = re.compile(
    r"connection broken|name resolution|timed out|ProxyError|No route to host|from versions: none", re.IGNORECASE
)


class Docker:
    """Stands in for Docker's client: keeps the build context that repo2docker sends."""

    def build(self, fileobj, **_):
        self.context = fileobj.read()
        return []


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    """What a clone would hold: the files that git knows or would add, and a .git with a history."""
    clone = tmp_path_factory.mktemp("clone")
    command = ["git", "ls-files", "-coz", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    if listed.returncode:
        pytest.skip(f"Binder builds from a git repository, and git does not list this folder: {listed.stderr.strip()}")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    (clone / ".git" / "objects").mkdir(parents=True)
    (clone / ".git" / "objects" / "history").write_text("### BEGIN SOLUTION")
    return clone


@pytest.fixture(scope="module")
def buildpack(repository):
    """The first of repo2docker's buildpacks that takes the repository."""
    app = Repo2Docker()
    before = Path.cwd()
    os.chdir(repository)  # buildpacks look at the working folder
    try:
        for known in app.buildpacks:
            buildpack = known(app.base_image)
            buildpack.platform = "linux/amd64"
            if buildpack.detect():
                break
        else:
            pytest.fail("no buildpack takes the repository")
        yield buildpack
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def context(buildpack, tmp_path_factory) -> Path:
    """The unpacked build context: a Dockerfile, and below src/ every file that gets into the image."""
    docker = Docker()
    list(buildpack.build(docker, "image", 0, {}, [], {}))
    folder = tmp_path_factory.mktemp("context")
    with tarfile.open(fileobj=io.BytesIO(docker.context)) as archive:
        archive.extractall(folder)
    return folder


def test_repo2docker_builds_with_our_python_and_pins(buildpack):
    assert type(buildpack) is PythonBuildPack
    assert buildpack.python_version == "3.11"
    assert buildpack.get_preassemble_script_files() == {"binder/requirements.txt": "binder/requirements.txt"}
    (install,) = [script for _, script in buildpack.get_preassemble_scripts() if "pip install" in script]
    assert install.endswith('-r "binder/requirements.txt"')
    # Nothing is installed after the repository is copied, so that layer is cached until the pins change.
    assert not [script for _, script in buildpack.get_assemble_scripts() if "pip install" in script]


def test_dockerfile_runs_post_build_and_start(buildpack):
    dockerfile = buildpack.render({})
    copied = dockerfile.index("COPY --chown=1000:1000 src/ ${REPO_DIR}/")
    assert dockerfile.index('pip install --no-cache-dir -r "binder/requirements.txt"') < copied
    installed = dockerfile.index("RUN ./binder/postBuild")
    assert copied < installed < dockerfile.index('R2D_ENTRYPOINT="${REPO_DIR}/binder/start"')
    assert (ROOT / "binder" / "start").read_text(encoding="utf-8").rstrip().endswith('exec "$@"')


def test_image_holds_the_students_notebooks_and_no_solution(context):
    source = context / "src"
    chapters = {path.parent.name for path in (ROOT / "notebooks").glob("*/*.ipynb")}
    assert {path.parent.name for path in source.rglob("*.ipynb")} == chapters
    assert {path.name for path in source.iterdir()} == {
        "GLOSSARY.md", "LICENSE", "README.md", "binder", "course_utils", "nbgrader_config.py", "notebooks",
        "pyproject.toml",
    }  # fmt: skip
    for path in filter(Path.is_file, source.rglob("*")):
        if path.suffix == ".ipynb":
            assert b"BEGIN SOLUTION" not in path.read_bytes(), path


@pytest.fixture(scope="module")
def image(buildpack, context, tmp_path_factory):
    """The context after the steps of its Dockerfile, with a clean venv as Python: (folder, environment)."""
    base, home, folder = tmp_path_factory.mktemp("venv"), tmp_path_factory.mktemp("home"), context / "src"
    subprocess.run([sys.executable, "-m", "venv", base], check=True)
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG", "LC_", "SSL_"))}
    kept |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    environment = kept | {
        "HOME": str(home),
        "KERNEL_PYTHON_PREFIX": str(base),
        "PATH": f"{base / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    steps = [script for _, script in buildpack.get_preassemble_scripts()]
    steps += [script for _, script in buildpack.get_assemble_scripts()]
    steps += [f"./{script}" for script in buildpack.get_post_build_scripts()]
    for step in steps:
        # Only for speed: what this machine has fetched once is not fetched again.
        step = step.replace("--no-cache-dir ", "")
        done = subprocess.run(["bash", "-c", step], cwd=folder, env=environment, capture_output=True, text=True)
        said = done.stdout + done.stderr
        if done.returncode and OFFLINE.search(said):
            pytest.skip(f"the package registry cannot be reached, so the image was NOT built: {said.splitlines()[-1]}")
        assert done.returncode == 0, f"{step}\n{said[-3000:]}"
    yield folder, environment
    shutil.rmtree(base)  # half a gigabyte


def test_image_shows_learners_the_notebooks_only(image):
    folder, environment = image
    assert {path.name for path in folder.iterdir()} == {
        "GLOSSARY.md",
        "LICENSE",
        "README.md",
        "binder",
        "nbgrader_config.py",
        "notebooks",
    }
    home = Path(environment["HOME"])
    assert list(home.glob(".cache/matplotlib/fontlist-*.json")), "matplotlib's list of fonts was not made in postBuild"


def test_image_opens_jupyterlab_and_runs_chapter_1(image):
    folder, environment = image
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0"]
    command = [folder / "binder" / "start", "jupyter", "lab", *options, "--IdentityProvider.token=course"]
    log = folder.parent / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        assert json.loads(_get(port, "api", server, log))["version"]
        page = _get(port, "lab/tree/notebooks/01_distribution/01_distribution.ipynb", server, log)
        config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
        assert "@jupyter/nbgrader" in {extension["name"] for extension in config["federated_extensions"]}
        # A learner's: in Japanese, without the instructor's panels and what serves them.
        assert "@jupyter/nbgrader:formgrader" in config["disabledExtensions"]
        language = _get(port, "lab/api/settings/@jupyterlab/translation-extension:plugin", server, log)
        assert json.loads(language)["schema"]["properties"]["locale"]["default"] == "ja_JP"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            _get(port, "formgrader", server, log)
    finally:
        server.terminate()
        server.wait(20)

    chapter, start = folder / "notebooks" / "01_distribution", [folder / "binder" / "start"]
    where = "import course_utils, os; print(course_utils.__file__, os.environ['OMP_NUM_THREADS'])"
    done = subprocess.run([*start, "python", "-c", where], cwd=chapter, env=environment, capture_output=True, text=True)
    assert re.search(r"/site-packages/course_utils/__init__\.py 1$", done.stdout.strip()), done.stderr
    run = [*start, "jupyter", "execute", "--timeout=120", chapter / "01_distribution.ipynb"]
    done = subprocess.run(run, cwd=chapter, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def _get(port: int, path: str, server: subprocess.Popen, log: Path) -> str:
    """The body of a page of the server, which may still be starting."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}?token=course", timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text()[-3000:]}")
