import numpy as np
import pandas as pd
import pytest

from helpers.analysis.survey import readiness
from helpers.data import Codebook

BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "Test"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": "trust"}, {"id": "candour"}],
        "items": [
            {"id": f"{name}_{i}", "dimension": name, "response": "agreement", "text": "...", "short_form": i == 1}
            for name in ("trust", "candour")
            for i in (1, 2, 3)
        ]
        + [{"id": "again", "response": "agreement", "role": "outcome", "text": "...", "short_form": True}],
    }
)
ITEMS = [item.id for item in BOOK.items if item.role == "scale"]


def survey(partners=36, managers=12, waves=("2026-H1",), hr=True, icc=0.1, seed=1):
    random = np.random.default_rng(seed)
    frames = []
    for wave in waves:
        partner = np.repeat(range(partners), managers)
        manager = np.arange(partners * managers)
        level = np.sqrt(icc) * random.normal(size=partners)[partner] + np.sqrt(1 - icc) * random.normal(
            size=len(manager)
        )
        for side in ["manager", "hr"] if hr else ["manager"]:
            noise = random.normal(size=(len(manager), len(ITEMS)))
            frame = pd.DataFrame(np.clip(np.round(3.5 + 0.6 * level[:, None] + 0.6 * noise), 1, 5), columns=ITEMS)
            own, other = (manager, partner) if side == "manager" else (partner, manager)
            frame = frame.assign(
                side=side,
                again=3.0,
                wave=wave,
                weight=1.0,
                partnership_id=manager,
                respondent_id=[f"{side}{i}" for i in own],
                rated_id=[f"other{i}" for i in other],
                cluster_id=partner,
                department=np.where(manager < 3, "Legal", np.where(manager % 2, "Sales", "Plant")),
            )
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def lights(*args, **options):
    table = readiness.planned_analyses(*args, **options)
    return {(row.analysis, row.about): row.light for row in table.itertuples()}


def test_a_full_study_is_green():
    found = lights(survey(waves=("1", "2")), BOOK, ["department"])
    assert found["Means of the dimensions", "manager"] == "green"
    assert found["What goes with the overall rating", "manager"] == "green"
    assert found["Both views of one partnership", "pairs"] == "green"
    assert found["Reliability of the dimensions", "manager"] == "green"
    assert found["Agreement of those who rate the same person", "manager"] == "green"
    assert "red" not in {found["Change between waves", "manager"], found["HR and managers side by side", "both sides"]}
    # Legal has three people, too few to show
    assert found["Comparison of groups", "manager by department"] == "amber"


def test_a_small_one_sided_survey_is_told_what_it_cannot_do():
    small = survey(partners=3, managers=4, hr=False)
    table = readiness.planned_analyses(small, BOOK).set_index("analysis")
    assert table.loc["HR and managers side by side", "note"] == "only one side answered"
    assert table.loc["Change between waves", "note"] == "there is one wave"
    assert "of 30 respondents" in table.loc["What goes with the overall rating", "note"]
    assert (table["light"].drop("Means of the dimensions") == "red").all()
    assert (table["needs"].str.len() > 20).all()


def test_precision_is_that_of_the_textbook():
    # independent answers: t(n - 1) / sqrt(n)
    answers = survey(partners=100, managers=1, hr=False, icc=0).assign(cluster_id=lambda f: f["respondent_id"])
    row = readiness.planned_analyses(answers, BOOK).iloc[0]
    assert row["estimate"] == pytest.approx(1.984 / np.sqrt(100), rel=0.001)
    assert row["design_effect"] == 1


def test_the_design_effect_is_kishs():
    frame = pd.DataFrame({"score_100": np.arange(12.0), "cluster_id": [1] * 6 + [2] * 4 + [3] * 2})
    sample = readiness.Sample(frame, icc=0.2)
    assert sample.design_effect == pytest.approx(1 + ((36 + 16 + 4) / 12 - 1) * 0.2)
    assert sample.effective == pytest.approx(12 / sample.design_effect)


def test_a_predicted_half_width_is_the_one_found():
    from helpers.analysis.methods import clustered
    from helpers.analysis.survey import scales

    answers = survey(hr=False, icc=0.2, seed=5)
    predicted = readiness.planned_analyses(answers, BOOK).iloc[0]["estimate"]
    overall = scales.across_dimensions(scales.scores(answers, BOOK))
    found = clustered.mean(overall, "score_100").iloc[0]
    half = (found["high"] - found["low"]) / 2 / overall["score_100"].std()
    assert predicted == pytest.approx(half, rel=0.15)


def test_the_short_form_has_no_reliability_per_dimension():
    answers = survey(hr=False)
    answers[[item for item in ITEMS if not item.endswith("_1")]] = np.nan
    table = readiness.planned_analyses(answers, BOOK).set_index("analysis")
    assert table.loc["Reliability of the dimensions", "light"] == "red"
    assert "one item per dimension" in table.loc["Reliability of the dimensions", "note"]


def test_a_roster_makes_weighting_possible():
    answers = survey()
    roster = pd.DataFrame({"person_id": range(400), "wave": "2026-H1", "department": ["Sales", "Plant"] * 200})
    roster["responded"] = np.arange(400) % 4 < 2
    found = lights(answers, BOOK, ["department"], roster=roster)
    assert found["Weighting to the roster", "everybody"] == "green"
    roster["responded"] &= roster["department"] == "Sales"
    assert lights(answers, BOOK, ["department"], roster=roster)["Weighting to the roster", "everybody"] == "amber"
    assert lights(answers, BOOK, [], roster=roster)["Weighting to the roster", "everybody"] == "red"


def test_no_answers_and_one_answer():
    empty = survey(hr=False)
    empty[ITEMS] = np.nan
    assert readiness.planned_analyses(empty, BOOK)["light"].tolist() == ["red"]
    one = readiness.planned_analyses(survey(hr=False).head(1), BOOK)
    assert set(one["light"]) == {"red"}
    assert one["estimate"].isna().all()


def test_nothing_in_the_table_names_anybody():
    table = readiness.planned_analyses(survey(), BOOK, ["department"]).astype(str)
    assert not table.apply(lambda column: column.str.contains(r"manager\d|hr\d")).any(axis=None)


@pytest.mark.parametrize("options", [{"confidence": 95}, {"power": 0}, {"smallest_effect": 0}])
def test_wrong_arguments_are_named(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        readiness.planned_analyses(survey(), BOOK, **options)


def test_nothing_is_green_that_nobody_was_asked():
    frame = survey(waves=("1", "2"))
    assert lights(frame.assign(again=np.nan), BOOK)["What goes with the overall rating", "manager"] == "red"
    of_hr = frame["side"] == "hr"
    found = lights(frame.assign(again=frame["again"].mask(of_hr)), BOOK)
    assert found["What goes with the overall rating", "manager"] == "green"
    assert found["What goes with the overall rating", "hr"] == "red"


def test_what_two_sides_or_two_waves_were_not_both_asked_is_not_compared():
    frame = survey(waves=("1", "2"))
    trust, candour = [name for name in ITEMS if "trust" in name], [name for name in ITEMS if "candour" in name]
    apart = frame.copy()
    apart.loc[apart["side"] == "hr", trust] = np.nan
    apart.loc[apart["side"] == "manager", candour] = np.nan
    table = readiness.planned_analyses(apart, BOOK).set_index("analysis")
    for analysis in ("HR and managers side by side", "Both views of one partnership"):
        assert table.loc[analysis, ["light", "note"]].tolist() == ["red", readiness.NOTHING_COMMON]
    later = frame.copy()
    later.loc[later["wave"] == "1", trust] = np.nan
    later.loc[later["wave"] == "2", candour] = np.nan
    found = lights(later, BOOK)
    assert found["Change between waves", "manager"] == found["Change between waves", "hr"] == "red"
    assert found["Means of the dimensions", "manager"] == "green"


def test_one_dimension_has_no_drivers():
    table = readiness.planned_analyses(
        survey().drop(columns=[name for name in ITEMS if name.startswith("candour")]), BOOK
    )
    drivers = table[table["analysis"] == "What goes with the overall rating"]
    assert (drivers["light"] == "red").all() and drivers["note"].str.startswith("fewer than two dimensions").all()


def test_what_holds_no_answer_is_named_by_side_and_wave():
    rows = survey(waves=("2025-H1", "2026-H1"))
    old, hr = rows["wave"] == "2025-H1", rows["side"] == "hr"
    rows.loc[old & ~hr, ["candour_1", "candour_2", "candour_3", "trust_2", "again"]] = np.nan
    rows.loc[~old & hr, [name for name in ITEMS if not name.endswith("_1")]] = np.nan
    found = readiness.asked(rows, BOOK).set_index(["side", "wave"])
    assert found["missing"].to_dict() == {
        ("manager", "2025-H1"): "“Trust” in part, “Candour”, the overall question",
        ("hr", "2025-H1"): "",
        ("manager", "2026-H1"): "",
        ("hr", "2026-H1"): "all questions beyond the short form",
    }
    assert found.loc[("manager", "2025-H1"), ["items", "given"]].tolist() == [7, 2]
    assert readiness.asked(rows, BOOK, minimum=10_000).empty and readiness.asked(rows[:0], BOOK).empty
