"""Read by every kernel of the course's environment before any cell runs, however JupyterLab was started.

NumPy's matrix library reads the number of threads once, when it is imported. For matrices as small as the course's,
more threads cost several times the time of one, and ten times on a busy machine.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
