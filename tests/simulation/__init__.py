"""Simulated studies with effects planted on purpose: the sample study, and what tests and benchmarks draw."""

from .replicates import partnership_responses
from .study import SEED, simulate, write

__all__ = ["SEED", "partnership_responses", "simulate", "write"]
