"""One thread for NumPy, before it is imported; helper modules of the tests can be imported by name."""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import settings

# A busy machine may take seconds for what takes a millisecond.
settings.register_profile("course", deadline=None)
settings.load_profile("course")
sys.path.insert(0, str(Path(__file__).parent))
