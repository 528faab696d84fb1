import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.methods.two_way import crossed, two_way


def rows(teams=40, partners=30, size=1500, seed=3, alike=(0.2, 0.2)):
    """Managers whose team was drawn, and whose HR partner works with several teams."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"team": random.integers(0, teams, size), "partner": random.integers(0, partners, size)})
    frame["treated"] = (frame["team"] % 2 == 0) * 1
    frame["score"] = random.normal(size=size)
    for name, part in zip(("team", "partner"), alike):
        frame["score"] += random.normal(0, part**0.5, frame[name].max() + 1)[frame[name]]
    return frame


def found(frame, **options):
    return two_way(smf.ols("score ~ treated", frame), ("team", "partner"), "treated", **options).iloc[0]


def test_with_many_clusters_it_is_the_variance_of_statsmodels():
    frame = rows(teams=300, partners=300, size=6000)
    fit = smf.ols("score ~ treated", frame).fit()
    groups = frame[["team", "partner"]].to_numpy()
    both = cov_cluster_2groups(fit, groups[:, 0], groups[:, 1], use_correction=False)[0]
    assert found(frame)["standard_error"] == pytest.approx(np.sqrt(both[1, 1]), rel=0.02)


def test_it_is_never_smaller_than_either_way_alone():
    frame = rows(alike=(0.0, 0.3))
    fit = smf.ols("score ~ treated", frame)
    alone = [few_clusters(fit, name, "treated").iloc[0] for name in ("team", "partner")]
    both = found(frame)
    assert both["standard_error"] >= max(each["standard_error"] for each in alone)
    assert both["degrees_of_freedom"] == min(each["degrees_of_freedom"] for each in alone)
    assert both["clusters"] == 30 and both["estimate"] == pytest.approx(alone[0]["estimate"])


def test_where_one_lies_within_the_other_the_wider_counts():
    frame = rows().assign(partner=lambda table: table["team"] // 4)
    assert not crossed(frame.drop_duplicates("team"), "team", "partner")
    alone = few_clusters(smf.ols("score ~ treated", frame), "partner", "treated").iloc[0]
    assert found(frame)["standard_error"] >= alone["standard_error"]


def test_edges():
    frame = rows(size=200)
    missing = found(frame.assign(partner=frame["partner"].where(frame.index > 20)))
    assert missing["observations"] == 179
    assert found(frame.assign(score=1.0))["note"] == "cannot tell: everybody answered alike"
    assert "not distinguishable" in found(frame.assign(treated=1))["note"]
    assert found(frame.head(1))["note"].startswith("cannot tell")
    labelled = two_way({"trust": smf.ols("score ~ treated", frame)}, ("team", "partner"), "treated")
    assert list(labelled["dimension"]) == ["trust"]
    with pytest.raises(ValueError, match="no column place"):
        two_way(smf.ols("score ~ treated", frame), ("team", "place"), "treated")
    with pytest.raises(ValueError, match="no formula has the term swapped"):
        two_way(smf.ols("score ~ treated", frame), ("team", "partner"), "swapped")
    with pytest.raises(TypeError, match="take least squares"):
        two_way(smf.logit("treated ~ score", frame), ("team", "partner"), "score")
