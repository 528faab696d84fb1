"""Planted truths: what is true of the sample study by design, how large it is, and whether it can be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import yaml
from scipy import stats

ALPHA = 0.05
FORMULA = (
    "1 - F(t; df, d) + F(-t; df, d); F: noncentral t distribution, d = value / standard_error, t = t(1 - alpha/2; df)"
)


@dataclass(frozen=True)
class Truth:
    """One planted truth.

    Parameters
    ----------
    id, statement, notebook
        Name; what is true, in a sentence; the notebook (unnumbered name) that estimates it.
    estimand
        What is estimated, in the terms of the notebook.
    unit
        Unit of ``value`` and ``standard_error``.
    kind
        ``effect`` (differs from zero), ``null`` (zero) or ``quantity`` (a size that is not compared with zero).
    value
        The truth.
    standard_error
        Standard deviation of the direct estimate over repetitions of the same design.
    df
        Degrees of freedom of the test.
    basis
        Where value and standard error come from.
    """

    id: str
    statement: str
    notebook: str
    estimand: str
    unit: str
    kind: str
    value: float
    standard_error: float
    df: int
    basis: str

    def row(self) -> dict[str, object]:
        """Return the truth as written to truths.yaml, with its power when it is an effect."""
        rounded = {"value": float(f"{self.value:.4f}"), "standard_error": float(f"{self.standard_error:.4f}")}
        row = {**asdict(self), **rounded, "zero": self.kind == "null"}
        if self.kind == "effect":
            strength = power(rounded["value"], rounded["standard_error"], self.df)
            row["power"] = {"alpha": ALPHA, "value": float(f"{strength:.3f}"), "formula": FORMULA}
        return row


def power(value: float, standard_error: float, df: float, alpha: float = ALPHA) -> float:
    """Return the power of a two-sided t test.

    Parameters
    ----------
    value, standard_error
        True effect and the standard error of its estimate, in the same unit.
    df
        Degrees of freedom: clusters minus estimated cluster-level terms.
    alpha
        Level of the test.

    Returns
    -------
    Probability that the effect is called significant.
    """
    shift, critical = value / standard_error, stats.t.ppf(1 - alpha / 2, df)
    return float(stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift))


def truths_yaml(truths: Sequence[Truth]) -> str:
    """Return all truths as YAML."""
    head = "# Planted truths of the sample study. Written by the simulation; README.md explains the columns.\n"
    rows = [truth.row() for truth in truths]
    return head + yaml.safe_dump({"truths": rows}, sort_keys=False, allow_unicode=True, width=110)
