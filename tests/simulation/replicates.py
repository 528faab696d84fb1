"""Surveys of partnerships with known traits, drawn quickly for repeated simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .answers import DIMENSIONS, SIDES, as_answered, graded, item_columns, outcomes, traits
from .company import cluster_sizes, generator


def partnership_responses(
    seed: int,
    clusters: int = 36,
    managers: int = 420,
    waves: int = 1,
    gap: float = 0.0,
    change: float = 0.0,
    response: tuple[float, float] = (0.7, 0.9),
    short_form: bool = True,
) -> pd.DataFrame:
    """Draw a survey of partnerships with known traits, in about 20 ms per wave.

    Parameters
    ----------
    seed
        Seed of this repetition.
    clusters, managers
        HR partners, and managers divided among them unequally: 6 to 20 each for 36 HR partners and 420 managers, in
        proportion for other numbers.
    waves
        Number of waves, named 1, 2, ...
    gap
        HR minus managers in standard deviations of the trait, every dimension.
    change
        Managers' change from one wave to the next in standard deviations of the trait, every dimension.
    response
        Chance of answering in a wave, manager and HR partner, independent of everything else.
    short_form
        HR partners answer only the short form.

    Returns
    -------
    The columns of ``Study.responses``: respondent_id, partnership_id, wave, submitted_at, weight, side, hr_id,
    manager_id, rated_id, cluster_id, the 30 items (1 to 5, as answered, so not reverse-scored) and work_again (0 to
    10). The expected answer to an item follows from ``answers.expected``.
    """
    rng = generator(seed, "partnership responses")
    mean = managers / clusters
    sizes = cluster_sizes(rng, managers, clusters, max(1, round(mean / 2)), max(2, round(1.72 * mean)))
    cluster = np.repeat(np.arange(clusters), sizes)
    plan = np.zeros((managers, len(SIDES), len(DIMENSIONS)))
    plan[:, 1] = gap
    shift = np.array([change, 0.0])[:, None]  # managers, HR
    theta = traits(rng, cluster, [plan + wave * shift for wave in range(waves)])
    items, outcome = graded(rng, theta), outcomes(rng, theta)
    if short_form:
        items[:, :, 1, :, 1:] = np.nan
    partners = rng.random((waves, clusters)) < response[1]
    answered = {"manager": rng.random((waves, managers)) < response[0], "hr": partners[:, cluster]}
    parts = [
        _responses(items[wave, :, n], outcome[wave, :, n], cluster, side, str(wave + 1))[answered[side][wave]]
        for wave in range(waves)
        for n, side in enumerate(SIDES)
    ]
    return pd.concat(parts, ignore_index=True)


def _responses(items: np.ndarray, outcome: np.ndarray, cluster: np.ndarray, side: str, wave: str) -> pd.DataFrame:
    answers = pd.DataFrame(as_answered(items), columns=item_columns()).assign(work_again=outcome)
    hr = pd.Series(cluster).map("H{:03d}".format)
    manager = pd.Series(range(len(cluster))).map("M{:04d}".format)
    known = {
        "respondent_id": manager if side == "manager" else hr,
        "partnership_id": manager.str.replace("M", "P"),
        "wave": wave,
        "submitted_at": pd.NaT,
        "weight": 1.0,
        "side": side,
        "hr_id": hr,
        "manager_id": manager,
        "rated_id": hr if side == "manager" else manager,
        "cluster_id": hr,
    }
    return pd.concat([pd.DataFrame(known), answers], axis=1)
