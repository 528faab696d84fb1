"""Read and check a study: study.yaml, codebook and tables. Knows no statistics."""

from .codebook import Codebook
from .problems import InputError, Problem
from .study import Study

__all__ = ["Codebook", "InputError", "Problem", "Study"]
