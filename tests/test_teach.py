"""What an instructor sees that a learner does not: nbgrader's panels, by the one command that the README names."""

import shutil

import lab
import sources

pytestmark = lab.NEEDS_CHROMIUM
CHAPTER = "01_distribution"


def test_panels_come_back_with_the_instructors_settings(tmp_path):
    teach = sources.ROOT / "course_utils" / "jupyter" / "teach"  # what `make teach` sets
    shutil.copytree(sources.ROOT / "notebooks" / CHAPTER, tmp_path / "notebooks" / CHAPTER)
    with lab.server(tmp_path, tmp_path / "home", JUPYTER_CONFIG_PATH=str(teach)) as address, lab.browser() as page:
        lab.open_notebook(page, address, f"notebooks/{CHAPTER}/{CHAPTER}.ipynb")
        assert "Nbgrader" in page.locator(".lm-MenuBar").inner_text()
        assert page.request.get(f"{address}formgrader?token=course").ok


def test_learners_do_not_have_them(tmp_path):
    with lab.server(tmp_path, tmp_path / "home") as address, lab.browser() as page:
        assert page.request.get(f"{address}formgrader?token=course").status == 404
