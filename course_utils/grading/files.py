"""The other files that a student handed in beside the notebook: modules and data that the answers may use."""

import os
from pathlib import Path

TOTAL_BYTES = 20_000_000
_IGNORED = {".ipynb_checkpoints", "__pycache__", ".DS_Store", "timestamp.txt"}


def usable(files: dict[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """The files that can be put beside a notebook, and what is said of the others: their names lead elsewhere."""
    kept, left_out = {}, []
    for name, data in files.items():
        parts = name.split("/")
        plain = all(part not in ("", ".", "..") and len(part.encode(errors="replace")) <= 255 for part in parts)
        if plain and name.replace("\u3000", " ").isprintable():
            kept[name] = data
        else:
            left_out.append(f"{name!a} という名前のファイルは使いません")
    return kept, left_out


def beside(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """The files of a submission but its notebooks, by relative path, and what was left out and why (in Japanese).

    Links are never followed: they could point at anything on this machine.
    """
    found, left_out, total = {}, [], 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _IGNORED)
        for name in sorted(set(names) - _IGNORED):
            path = Path(place, name)
            shown = path.relative_to(folder).as_posix()
            if name.endswith(".ipynb"):
                continue
            if path.is_symlink() or not path.is_file():
                left_out.append(f"{shown} はふつうのファイルではないので、使いません")
                continue
            total += path.stat().st_size
            if total > TOTAL_BYTES:
                left_out.append(f"{shown} からあとのファイルは大きすぎるので、使いません")
                return found, left_out
            found[shown] = path.read_bytes()
    return found, left_out
