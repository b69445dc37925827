"""Tests that run students' code need bubblewrap."""

import warnings

import pytest

from course_utils.grading.sandbox import available

WHY_NOT = "bubblewrap が使えません: 採点のテストを飛ばします（Debian では apt install bubblewrap）"
HERE = available()
if not HERE:
    warnings.warn(WHY_NOT, stacklevel=1)
NEEDS_BWRAP = pytest.mark.skipif(not HERE, reason=WHY_NOT)
