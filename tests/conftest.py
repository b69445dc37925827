"""One thread for NumPy, before it is imported; helper modules of the tests can be imported by name."""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import settings

# A busy machine may take seconds for what takes a millisecond. The same examples every time, so that a change is
# judged by what it changed; the weekly run looks for new ones.
settings.register_profile("course", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("COURSE_EXAMPLES", "course"))
sys.path.insert(0, str(Path(__file__).parent))
