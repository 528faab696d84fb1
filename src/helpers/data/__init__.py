"""Read and check a study: study.yaml, codebook and tables. Knows no statistics.

What stands here is loaded when it is first asked for: the command line answers ``--help`` without pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .codebook import Codebook
    from .create import create_study
    from .problems import InputError, Problem, render_text, to_json
    from .study import Study

__all__ = ["Codebook", "InputError", "Problem", "Study", "create_study", "render_text", "to_json"]

_FILES = {"Codebook": "codebook", "Study": "study", "create_study": "create"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_FILES.get(name, 'problems')}", __name__), name)
