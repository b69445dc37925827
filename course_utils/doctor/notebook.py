"""ノートブックのファイル: 読む（読めないときは理由を 1 行で）、控えを取る、書く。"""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path


class NotebookError(Exception):
    """A file that cannot be examined; the message is one line that says why, without the file's name."""


def read(path: Path) -> tuple[dict, bool]:
    """The notebook with all sources as strings, and whether the file began with a byte order mark.

    Raises:
        NotebookError: if the file cannot be read or is no notebook.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise NotebookError(f"ファイルを開けません（{error.strerror}）") from None
    return parse(raw), raw.startswith(b"\xef\xbb\xbf")


def parse(raw: bytes) -> dict:
    """The notebook in a file's bytes, with all sources as strings.

    Raises:
        NotebookError: if it is no notebook.
    """
    if not raw.strip():
        raise NotebookError("ファイルが空です")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotebookError(f"UTF-8 ではありません（{_guess_encoding(raw)}）") from None
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotebookError(f"JSON として読めません（{error.lineno} 行目で壊れています）") from None
    except RecursionError:
        raise NotebookError("JSON として読めません（入れ子が深すぎます）") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise NotebookError("Jupyter ノートブックではありません（cells がありません）")
    for number, cell in enumerate(notebook["cells"], 1):
        _normalise(cell, number)
    return notebook


def _guess_encoding(raw: bytes) -> str:
    for codec, name in (("cp932", "Shift_JIS のようです"), ("euc_jp", "EUC-JP のようです")):
        try:
            raw.decode(codec)
        except UnicodeDecodeError:
            continue
        return name
    return "文字コードがわかりません"


def _normalise(cell, number: int) -> None:
    """A source may stand in the file as one string or as a list of lines: make it a string."""
    source = cell.get("source") if isinstance(cell, dict) else None
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        cell["source"] = "".join(source)
    elif not isinstance(source, str):
        raise NotebookError(f"{number} 番目のセルが壊れています（source がありません）")
    if cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise NotebookError(f"{number} 番目のセルが壊れています（cell_type がありません）")
    if not isinstance(cell.setdefault("metadata", {}), dict) or not isinstance(cell.get("id", ""), str):
        raise NotebookError(f"{number} 番目のセルが壊れています（metadata か id の形が違います）")
    outputs = cell.get("outputs", [])
    if not isinstance(outputs, list) or not all(
        isinstance(o, dict) and isinstance(o.get("output_type"), str) and isinstance(o.get("data", {}), dict)
        for o in outputs
    ):
        raise NotebookError(f"{number} 番目のセルが壊れています（outputs の形が違います）")


def write(path: Path, notebook: dict) -> Path:
    """Keep a copy of the file beside it, then replace it in one step. Returns the copy.

    Raises:
        OSError: if the folder cannot be written; the file is then as it was.
    """
    backup = _backup(path)
    lines = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    # As JupyterLab writes it, so that nothing but the repairs differs.
    text = json.dumps({**notebook, "cells": lines}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        shutil.copymode(path, fresh)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return backup


def _backup(path: Path) -> Path:
    """Copy to a name that nothing takes for a notebook to hand in."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    for count in range(1, 1000):
        backup = path.with_name(f"{path.name}.{stamp}{f'-{count}' if count > 1 else ''}.bak")
        try:
            with backup.open("xb") as file:
                file.write(path.read_bytes())
            return backup
        except FileExistsError:
            continue
    raise FileExistsError(f"{path.name} の控えの名前が足りません")
