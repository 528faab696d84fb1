"""The sample study and the simulated data that tests use, with effects planted on purpose."""

from .study import SEED, write

__all__ = ["SEED", "write"]
