"""A small study of units with a metric tree, whose figures a reader can check by hand."""

import datetime
from types import SimpleNamespace

import pandas as pd

from helpers.data import Codebook
from helpers.data.settings import MetricTree

QUARTERS = [f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4)]
BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "One dimension"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": "trust"}],
        "items": [{"id": "trust_1", "dimension": "trust", "response": "agreement", "text": "…"}],
    }
)


class Units:
    """What the panel asks of a study: tables, metric tree, codebook, privacy, answers, day."""

    def __init__(self, tables: dict[str, pd.DataFrame], branches: list[dict], **tree) -> None:
        self.tables = tables
        self.metric_tree = MetricTree(branches=branches, **tree)
        self.codebook, self.as_of = BOOK, datetime.date(2025, 12, 31)
        self.privacy = SimpleNamespace(min_group=1)
        self.hiring = SimpleNamespace(holidays=(), service_levels=SimpleNamespace(model_dump=dict))
        self.timezone = "UTC"

    def has(self, name: str) -> bool:
        return name in self.tables

    def table(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def responses(self) -> pd.DataFrame:
        return self.tables["survey"]


def outcomes(units: list[str], periods: list[str], metric: str, values, denominator=None) -> pd.DataFrame:
    """Rows of the table outcomes, units first."""
    index = pd.MultiIndex.from_product([units, periods], names=["unit", "period"]).to_frame(index=False)
    out_of = float("nan") if denominator is None else denominator
    return index.assign(metric=metric, value=values, denominator=out_of)


def pulse(units: list[str], months: list[str], item: str, means, n: int = 20) -> pd.DataFrame:
    """Rows of the table pulse, units first."""
    index = pd.MultiIndex.from_product([units, months], names=["unit", "month"]).to_frame(index=False)
    return index.assign(month=pd.to_datetime(index["month"]), item=item, n=float(n), mean=means)
