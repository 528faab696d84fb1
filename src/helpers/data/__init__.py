"""Read and check a study: study.yaml, codebook and tables. Knows no statistics."""

from .codebook import Codebook
from .create import create_study
from .problems import InputError, Problem, render_text, to_json
from .study import Study

__all__ = ["Codebook", "InputError", "Problem", "Study", "create_study", "render_text", "to_json"]
