"""The instructor's side: what builds the students' notebooks and what nbgrader calls while it grades.

Nothing that a learner's notebook imports reaches into this package.
"""
