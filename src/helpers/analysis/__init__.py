"""Estimators: one module per question, DataFrames in, tidy DataFrames out; no plotting, no files.

Every result says how many people it rests on (``respondents``, ``rated``, ``clusters``), by which ``method`` it
was computed and, in ``note``, why a value is absent ("cannot tell: ...").
"""
