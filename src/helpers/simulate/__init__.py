"""The sample study and the simulated data that tests use, with effects planted on purpose."""

from .replicates import partnership_responses
from .study import SEED, simulate, write

__all__ = ["SEED", "partnership_responses", "simulate", "write"]
