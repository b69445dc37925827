"""Measure every family in every world again, and write ``course_utils/assets/scoreboard.json``.

    python benchmarks/scoreboard.py [--seeds 5] [--workers 2] [--only FAMILY ...] [--output FILE]

With ``--only``, just these families (and those that they teach) are measured, and the other rows of the file stay.

Times are CPU times relative to a workload measured in the same process, so a busy machine takes longer but measures
the same. At the end it prints the table and how long it took: under 15 minutes on two idle cores.
"""

import argparse
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

# More threads than cores slow matrix products of this size down; it must be said before NumPy is loaded.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from course_utils import scoreboard
from course_utils.scoreboard import FAMILIES, FIGURES, TRUTH, WORLDS

OUTPUT = Path(scoreboard.__file__).parent / "assets" / "scoreboard.json"


def job(keys: tuple[str, ...], world: str, seed: int) -> tuple[list[scoreboard.Row], float]:
    """Measure a family and the pupils that it teaches; also the CPU seconds of all of it."""
    begin = time.process_time()
    trained = scoreboard.train(keys[0], world, seed)
    pupils = [scoreboard.train(key, world, seed, teacher=trained) for key in keys[1:]]
    rows = [scoreboard.score(one) for one in (trained, *pupils)]
    return rows, time.process_time() - begin


def chains() -> list[tuple[str, ...]]:
    """Families, each with those that it teaches, so that a teacher is trained once."""
    heads = [key for key, family in FAMILIES.items() if family.teacher is None]
    return [(head, *(key for key, family in FAMILIES.items() if family.teacher == head)) for head in heads]


def summary(figures: dict[str, list[float]], shown: np.ndarray, world: str) -> dict:
    """One entry of the file."""
    kept = {name: scoreboard.figure(name, values) for name, values in figures.items() if not np.isnan(values).any()}
    return {
        "figures": {
            name: {"mean": _short(f.mean), "spread": _short(f.spread), "values": [_short(v) for v in f.values]}
            for name, f in kept.items()
        },
        "shown": scoreboard.packed(shown, WORLDS[world]),
    }


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def truth(world: str, seeds: int) -> dict:
    """The truth against itself."""
    rows = [scoreboard.truth_row(world, seed) for seed in range(seeds)]
    shown = WORLDS[world].truth().sample(scoreboard.N_SHOWN[WORLDS[world].plane is not None], np.random.default_rng(0))
    return summary({name: [row[name] for row in rows] for name in rows[0]}, shown, world)


def collect(rows: list[scoreboard.Row], seeds: int, before: dict) -> dict:
    """The whole file; families that were not measured keep what they had ``before``."""
    worlds = {}
    for world in WORLDS:
        worlds[world] = {}
        for family in FAMILIES:
            mine = sorted((r for r in rows if (r.world, r.family) == (world, family)), key=lambda r: r.seed)
            if not mine:
                worlds[world][family] = before["worlds"][world][family]
                continue
            worlds[world][family] = summary({f: [getattr(r, f) for r in mine] for f in FIGURES}, mine[0].shown, world)
        worlds[world][TRUTH] = truth(world, seeds)
    return {"seeds": seeds, "worlds": worlds}


def write(result: dict, output: Path) -> None:
    """Write the file."""
    output.write_text(json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def table(result: dict) -> None:
    """Print the means."""
    for world, entries in result["worlds"].items():
        print(f"\n{WORLDS[world].label}\n{'':20}" + "".join(f"{name:>12}" for name in FIGURES))
        for family, entry in entries.items():
            means = [entry["figures"].get(name, {}).get("mean", np.nan) for name in FIGURES]
            print(f"{family:20}" + "".join(f"{'–' if np.isnan(m) else format(m, '.4g'):>12}" for m in means))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure all families in all worlds.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=[chain[0] for chain in chains()], metavar="FAMILY")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    wanted = [chain for chain in chains() if options.only is None or chain[0] in options.only]
    before = json.loads(options.output.read_text(encoding="utf-8")) if options.only else {}
    jobs = [(keys, world, seed) for seed in range(options.seeds) for world in WORLDS for keys in wanted]
    begin, rows, cpu = time.perf_counter(), [], 0.0
    with ProcessPoolExecutor(options.workers) as pool:
        futures = [pool.submit(job, *one) for one in jobs]
        for k, (one, future) in enumerate(zip(jobs, futures, strict=True), start=1):
            measured, seconds = future.result()
            rows += measured
            cpu += seconds
            if k % (len(jobs) // options.seeds) == 0:  # an interrupted run leaves the seeds that it finished
                result = collect(rows, one[2] + 1, before)
                write(result, options.output)
            print(
                f"{k:3d} / {len(jobs)}  {one[1]:8} seed {one[2]}  {' '.join(one[0]):30} {seconds:6.1f} CPU s",
                flush=True,
            )
    table(result)
    print(f"\n{time.perf_counter() - begin:.0f} s in all, {cpu:.0f} CPU s of measuring")


if __name__ == "__main__":
    main()
