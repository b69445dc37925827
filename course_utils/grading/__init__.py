"""The instructor's side: what builds the students' notebooks and what nbgrader calls while it grades.

Nothing that a learner's notebook imports reaches into this package.
"""

import sys

# jsonschema, which nbformat imports, builds a parser of international addresses when it is imported: a second in every
# process that grades. No address is checked here. Where it is loaded already, nothing changes.
sys.modules.setdefault("rfc3987_syntax", None)
