"""ノートブックを、まっさらなカーネルで上から順に実行し直し、保存されている結果と比べる。"""

import copy
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..edition import Edition, Task
from .cells import Finding, find, label
from .names import defined

TIMEOUT = 60  # seconds a cell, as when an instructor grades


@dataclass(frozen=True)
class Result:
    """What an exercise got in the clean run. ``state`` is 正解, 不正解, 未解答, or why there is no score."""

    task: Task
    state: str
    points: float | None = None


def rerun(notebook: dict, folder: Path) -> tuple[list[dict], str]:
    """The cells with the outputs of a clean run from top to bottom, and where and why it stopped (empty: it did not).

    Cells that fail do not stop it, as when an instructor grades. Nothing is written.
    """
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    cells = copy.deepcopy(notebook["cells"])
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
        cell["metadata"].pop("tags", None)
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    fresh = nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    # Not this process's own notebook; and a doctor() in one of the cells must not start another run.
    env = {key: value for key, value in os.environ.items() if key != "JPY_SESSION_NAME"}
    env["NBGRADER_EXECUTION"] = "validate"
    client = NotebookClient(
        fresh,
        kernel_name="python3",
        timeout=TIMEOUT,
        allow_errors=True,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=lambda cell, cell_index: begun.append(cell_index),
    )
    client.log.disabled = True  # a stopped run is told in one line
    begun: list[int] = []
    stopped = ""
    try:
        with open(os.devnull, "w") as quiet:  # the kernel's own remarks are not the learner's concern
            client.execute(env=env, stdout=quiet, stderr=quiet)
    except CellTimeoutError:
        stopped = f"{TIMEOUT} 秒たっても終わりません"
    except DeadKernelError:
        stopped = "カーネルが落ちました"
    except (NoSuchKernel, RuntimeError) as error:
        stopped = f"カーネルを起動できません（{error}）"
    if stopped and begun:
        stopped = f"{_place(cells, begun[-1])}の実行で止まりました: {stopped}。それより下は確かめられませんでした"
    return [dict(cell) for cell in fresh.cells], stopped


def results(cells: list[dict], edition: Edition) -> list[Result]:
    """State and points of every exercise, read from the outputs of its test cell."""
    found = []
    for task in edition.tasks:
        if task.written:
            index = find(cells, f"written-{task.number}")
            stub = next(c.source for c in edition.cells if c.grade_id == f"written-{task.number}")
            blank = index is None or cells[index]["source"].strip() in ("", stub.strip())
            found.append(Result(task, "未記入" if blank else "記入済み"))
        else:
            index = find(cells, f"test-{task.number}")
            found.append(Result(task, *(_outcome(cells[index]) if index is not None else ("採点セルなし",))))
    return found


def _outcome(cell: dict) -> tuple[str, float | None]:
    for output in cell.get("outputs", []):
        if output["output_type"] == "error":
            return "エラー", None
        if output["output_type"] == "execute_result":
            data = output.get("data", {})
            text, html = ("".join(data.get(kind, "")) for kind in ("text/plain", "text/html"))
            state = re.search(r"採点結果: (未解答|不正解|正解)", html)
            try:
                return state[1] if state else "点なし", float(text)
            except ValueError:
                return "点なし", None
    return "実行されず", None


def compare(saved: list[dict], fresh: list[dict], stopped: str, edition: Edition) -> tuple[list[Finding], list[str]]:
    """What worked in the learner's session and does not from top to bottom; and remarks on what never worked."""
    findings, notes = [], []
    if stopped:
        findings.append(Finding(stopped))
    for before, after in zip(results(saved, edition), results(fresh, edition), strict=True):
        if before.points and (after.points or 0) < before.points and not (stopped and after.state == "実行されず"):
            index = find(fresh, f"test-{before.task.number}")
            findings.append(
                Finding(
                    f"演習 {before.task.number} は、保存されている結果では {before.points:g} 点ですが、上から順に"
                    f"実行し直すと {after.points or 0:g} 点（{after.state}）です{_reason(fresh, index)}"
                )
            )
        elif after.state == "エラー":
            index = find(fresh, f"test-{before.task.number}")
            findings.append(Finding(f"演習 {before.task.number} の採点セルがエラーで終わります{_reason(fresh, index)}"))
    for index, (before, after) in enumerate(zip(saved, fresh, strict=True)):
        if (label(after) or "").startswith("test-") or not _error(after):
            continue
        says = f"{_place(fresh, index)}がエラーで終わります{_reason(fresh, index)}"
        if before.get("execution_count") and not _error(before):
            findings.append(Finding(f"{says}（保存されている結果ではエラーになっていません）"))
        else:
            notes.append(says)
    return findings, notes


def _error(cell: dict) -> dict | None:
    return next((o for o in cell.get("outputs", []) if o["output_type"] == "error"), None)


def _place(cells: list[dict], index: int) -> str:
    first = next((line for line in cells[index]["source"].splitlines() if line.strip()), "")
    return f"上から {index + 1} 番目のセル（{first.strip()[:40]}）"


def _reason(cells: list[dict], index: int) -> str:
    """The error in a cell's outputs, and for an unknown name where it is defined."""
    error = _error(cells[index])
    if error:
        said = f"{error['ename']}: {error['evalue']}"
    else:
        html = "".join("".join(o.get("data", {}).get("text/html", "")) for o in cells[index].get("outputs", []))
        said = (re.search(r"NameError: name (?:'|&#x27;)\w+(?:'|&#x27;) is not defined", html) or [""])[0]
        said = said.replace("&#x27;", "'")
    unknown = re.match(r"NameError: name '(\w+)'", said)
    if not unknown:
        return f"（{said}）" if said else ""
    below = [
        i + 1 for i, cell in enumerate(cells) if cell["cell_type"] == "code" and unknown[1] in defined(cell["source"])
    ]
    if below:
        return f"（{unknown[1]} を定義しているのは {below[0]} 番目のセルです。使うより上に移してください）"
    return f"（{unknown[1]} を定義しているセルがありません。消していませんか？）"
