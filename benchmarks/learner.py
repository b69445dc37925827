"""What a learner waits for: the import, a check, a slider, a chapter. Prints times beside the bars of the design.

Times are of this machine and this moment; a bar that is missed is marked, and the exit status is 1.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
BARS = {"import": 0.15, "check": 0.2, "slider": 0.15, "chapter": 30.0}


def best(action, repeats: int = 3) -> float:
    """The fastest of a few runs, in seconds: the one that others disturbed least."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def import_time() -> float:
    """Seconds that ``import course_utils`` takes when NumPy is loaded already."""
    code = "import numpy, time; t = time.perf_counter(); import course_utils; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    return min(float(run.stdout) for run in runs)


def check_times() -> dict[str, float]:
    """Seconds of a full check of the model answer, hidden tests included, for every exercise."""
    import sources

    return {n: best(lambda n=n: sources.grade(n, sources.model_answer(n))) for n in sources.exercises()}


def chapter_times(chapter: str) -> tuple[float, list[float]]:
    """Seconds to run the cells of a chapter, and to redraw each of its sliders' figures."""
    import sources
    from IPython.core.interactiveshell import InteractiveShell

    from course_utils import widgets

    redraws = []
    original = widgets.explore.__init__

    def recording(self, *args, **kwargs):
        original(self, *args, **kwargs)
        redraws.append(best(self.update))

    widgets.explore.__init__ = recording
    shell = InteractiveShell.instance()
    shell.display_pub.publish = lambda *args, **kwargs: None
    shell.displayhook.write_output_prompt = lambda: None
    start = time.perf_counter()
    for cell in sources.source(chapter).cells:
        if cell.cell_type == "code":
            shell.run_cell(cell.source, silent=True).raise_error()
    return time.perf_counter() - start, redraws


def line(what: str, kind: str, seconds: float) -> bool:
    """Print one figure beside its bar and say whether it is met."""
    met = seconds < BARS[kind]
    print(f"{what:32s} {seconds:8.3f} s  (bar {BARS[kind]:g} s){'' if met else '  MISSED'}", flush=True)
    return met


def main() -> int:
    """Measure everything; chapters run in processes of their own."""
    import sources

    met = [line("import course_utils", "import", import_time())]
    checks = check_times()
    slowest = max(checks, key=checks.get)
    met.append(line(f"slowest check ({slowest})", "check", checks[slowest]))
    for chapter in sources.CHAPTERS:
        code = f"import learner; t, s = learner.chapter_times({chapter!r}); print('TIMES', t, *s)"
        run = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, text=True)
        times = next((row.split()[1:] for row in run.stdout.splitlines() if row.startswith("TIMES")), None)
        if times is None:
            raise RuntimeError(f"{chapter} did not run:\n{run.stdout[-1000:]}{run.stderr[-2000:]}")
        met.append(line(f"{chapter}: all cells", "chapter", float(times[0])))
        met.append(line(f"{chapter}: slowest slider", "slider", max(map(float, times[1:]))))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
