"""Planted truths: what is true of the sample study by design, how large it is, and whether it can be found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.resources import files

import yaml
from scipy import stats

ALPHA = 0.05
FORMULA = (
    "1 - F(t; df, d) + F(-t; df, d), F noncentral t distribution, d = |value| / standard_error, t = t(1 - alpha/2; df)"
)
TEXTS = yaml.safe_load(files("simulation").joinpath("planted.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Truth:
    """One planted truth.

    Parameters
    ----------
    id
        Name, such as ``gap_listening``.
    kind
        ``effect`` (differs from zero), ``null`` (zero) or ``quantity`` (a size that is not compared with zero).
    value
        The truth.
    standard_error
        Standard deviation of the direct estimate over repetitions of the same design.
    basis
        Where value and standard error come from.
    df
        Degrees of freedom of the test; None: as planted.yaml says.
    text
        Key of planted.yaml; None: the id.
    label
        Dimension or group the sentence is about.
    """

    id: str
    kind: str
    value: float
    standard_error: float
    basis: str
    df: int | None = None
    text: str | None = None
    label: str = ""

    def row(self) -> dict[str, object]:
        """Return the truth as written to truths.yaml, with its power when it is an effect."""
        texts = TEXTS[self.text or self.id]
        own = asdict(self)
        row = {
            "id": self.id,
            "statement": texts["statement"].format(label=self.label),
            "notebook": texts["notebook"],
            "estimand": texts["estimand"],
            "unit": texts["unit"],
            "kind": self.kind,
            "zero": self.kind == "null",
            "value": float(f"{own['value']:.4f}") + 0.0,
            "standard_error": float(f"{own['standard_error']:.4f}"),
            "df": int(texts.get("df", 0) if self.df is None else self.df),
            "basis": self.basis,
        }
        if self.kind == "effect":
            strength = power(row["value"], row["standard_error"], row["df"])
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
    shift = min(abs(value) / standard_error, 8.0)  # beyond, the power is 1 and the distribution cannot be computed
    critical = stats.t.ppf(1 - alpha / 2, df)
    return float(stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift))


def truths_yaml(rows: Iterable[dict[str, object]]) -> str:
    """Return rows of truths as YAML."""
    head = "# Planted truths of the sample study. Written by the simulation; README.md explains them.\n"
    return head + yaml.safe_dump({"truths": list(rows)}, sort_keys=False, allow_unicode=True, width=110)
