"""Fitted statsmodels models get the inference for few clusters; what cannot be told is said, never raised."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula
import statsmodels.formula.api as smf
from statsmodels.discrete.conditional_models import ConditionalPoisson
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.miscmodels.ordinal_model import OrderedModel

from helpers.analysis.methods import clustered, multiplicity, ordinal, survival
from helpers.analysis.methods.few_clusters import COLUMNS, Estimates, few_clusters, of_each, term_tests

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")]
FORMULA = "y ~ side * tenure + dept + level"
BINOMIAL = sm.families.Binomial()


@pytest.fixture(scope="module")
def answers(clustered_answers) -> pd.DataFrame:
    """Answers with gaps, labels that repeat, a respondent who answers twice and outcomes for every model."""
    random = np.random.default_rng(4)
    frame = clustered_answers.assign(z=(clustered_answers["y"] > 3.5).astype(float))
    frame["respondent_id"] = np.arange(len(frame)) // 2
    frame["rated_id"] = frame["cluster"]
    frame.loc[random.choice(len(frame), 9, replace=False), "tenure"] = np.nan
    frame["days"] = np.ceil(random.exponential(40, len(frame)))
    frame["filled"] = (random.random(len(frame)) < 0.8).astype(float)
    grade = pd.cut(frame["y"], [-9, 2.8, 3.6, 9], labels=["red", "yellow", "green"])
    frame["grade"] = pd.Categorical(grade, ["red", "yellow", "green"], ordered=True)
    frame.index = np.arange(len(frame)) % 50
    return frame


@pytest.fixture
def gaps(answers) -> pd.DataFrame:
    """The same with clusters that are not known for some."""
    frame = answers.astype({"cluster": float}).reset_index(drop=True)
    frame.loc[[0, 7, 200], "cluster"] = np.nan
    return frame.set_index(np.arange(len(frame)) % 50)


def ordered(formula: str, frame: pd.DataFrame) -> OrderedModel:
    return OrderedModel.from_formula(formula, frame, distr="logit")


def hazard(formula: str, frame: pd.DataFrame, **options) -> PHReg:
    return PHReg.from_formula(formula, frame, **({"status": "filled", "ties": "efron"} | options))


def bare(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table).reset_index(drop=True).drop(columns="respondents_compared", errors="ignore")


# the same numbers as before ----------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("kind", ["answers", "gaps"])
def test_least_squares_equal_the_regression_to_the_last_digit(kind, weights, request):
    frame = request.getfixturevalue(kind)
    fit = (smf.wls(FORMULA, frame, weights=frame[weights]) if weights else smf.ols(FORMULA, frame)).fit()
    found = few_clusters(fit, cluster="cluster")
    pd.testing.assert_frame_equal(
        bare(found), clustered.regression(FORMULA, frame, "cluster", weights), check_exact=True
    )
    assert found.attrs == {"formula": FORMULA, "cluster": "cluster", "confidence": 0.95}
    assert set(COLUMNS) <= set(found)


def test_the_slope_on_a_side_equals_the_difference_to_the_last_digit(answers):
    sides = answers.assign(side=pd.Categorical(answers["side"], ["manager", "hr"]))
    fits = {dept: smf.ols("y ~ side", rows).fit() for dept, rows in sides.groupby("dept")}
    found = few_clusters(fits, cluster="cluster", term="side[T.hr]", by="dept")
    expected = clustered.difference(answers, "y", "side", "manager", "hr", "cluster", ["dept"]).sort_values("dept")
    names = [name for name in bare(found) if name != "term"]
    pd.testing.assert_frame_equal(bare(found)[names], bare(expected)[names], check_exact=True)


@pytest.mark.parametrize("engine", ["patsy", "formulaic"])
def test_either_language_of_formulas_will_do(answers, engine, monkeypatch):
    monkeypatch.setattr(statsmodels.formula.options, "formula_engine", engine)
    # statsmodels cannot use formulaic where labels repeat
    fit = smf.ols("y ~ side + tenure + dept", answers.reset_index(drop=True)).fit()
    assert few_clusters(fit, "cluster", "tenure").iloc[0]["observations"] == answers["tenure"].notna().sum()
    assert term_tests(fit, "cluster")["term"].tolist() == ["side", "dept", "tenure"]


def test_least_squares_agree_with_clubsandwich(clustered_answers):
    # coef_test(lm(y ~ side*tenure + dept + level, d), vcov = "CR2", cluster = d$cluster); all terms: test_clustered.py
    fit = smf.ols(FORMULA, clustered_answers).fit()
    found = few_clusters(fit, cluster="cluster", term="tenure").iloc[0]
    published = (0.025340062, 0.011687198, 17.4504216, 0.0442375242)
    names = ["estimate", "standard_error", "degrees_of_freedom", "p_value"]
    np.testing.assert_allclose(found[names].astype(float), published, rtol=1e-7)


@pytest.mark.parametrize("fitted", [True, False], ids=["fitted", "not fitted"])
@pytest.mark.parametrize("kind", ["answers", "gaps"])
def test_logistic_models_equal_the_logit_to_the_last_digit(kind, fitted, request):
    frame = request.getfixturevalue(kind)
    for model in (smf.logit("z ~ tenure + dept", frame), smf.glm("z ~ tenure + dept", frame, family=BINOMIAL)):
        found = few_clusters(model.fit() if fitted else model, cluster="cluster")
        pd.testing.assert_frame_equal(
            bare(found), clustered.logit("z ~ tenure + dept", frame, "cluster"), check_exact=True
        )


@pytest.mark.parametrize("kind", ["answers", "gaps"])
def test_ordered_models_equal_proportional_odds_to_the_last_digit(kind, request):
    frame = request.getfixturevalue(kind)
    expected = ordinal.proportional_odds(frame, "grade", ["side", "tenure"], "cluster")
    for fit in (
        ordered("grade ~ side + tenure", frame).fit(disp=False, method="bfgs"),
        ordered("grade ~ side + tenure", frame),
    ):
        found = few_clusters(fit, cluster="cluster")
        assert found["term"].tolist() == ["side[T.manager]", *expected["term"][1:]]
        pd.testing.assert_frame_equal(bare(found).drop(columns="term"), expected.drop(columns="term"), check_exact=True)


@pytest.mark.parametrize("size", [36, 60], ids=["leaving out clusters", "sandwich"])
def test_hazard_models_equal_cox_to_the_last_digit(answers, size):
    frame = answers.assign(group=np.arange(len(answers)) % size)
    expected = survival.cox("tenure + dept", frame, "days", "filled", "group", cause=1)
    for fit in (hazard("days ~ tenure + dept", frame).fit(), hazard("days ~ tenure + dept", frame)):
        found = few_clusters(fit, cluster="group")
        pd.testing.assert_frame_equal(bare(found), expected.table, check_exact=True)
        drift = survival.proportional_hazards(fit, cluster="group")
        pd.testing.assert_frame_equal(drift, survival.proportional_hazards(expected), check_exact=True)
        moving = survival.hazard_ratio_over_time(fit, "tenure", cluster="group")
        pd.testing.assert_frame_equal(moving, survival.hazard_ratio_over_time(expected, "tenure"), check_exact=True)


@pytest.mark.parametrize("leave_out", [True, False])
def test_whether_a_hazard_model_leaves_out_clusters_can_be_said(answers, leave_out):
    size = 60 if leave_out else 36  # each is the other's default
    frame = answers.assign(group=np.arange(len(answers)) % size)
    found = few_clusters(hazard("days ~ tenure", frame), cluster="group", leave_out=leave_out)
    expected = survival.cox("tenure", frame, "days", "filled", "group", cause=1, leave_out=leave_out)
    pd.testing.assert_frame_equal(bare(found), expected.table, check_exact=True)
    assert ("leaving out" in found["method"].iloc[0]) == leave_out


def test_a_mixed_model_of_the_mean_equals_the_mixed_mean(answers):
    expected = clustered.mixed_mean(answers, "y", "cluster").iloc[0]
    fit = smf.mixedlm("y ~ 1", answers, groups="cluster").fit(gtol=1e-10, method="bfgs")
    found = few_clusters(fit, cluster="cluster").iloc[0]
    names = ["estimate", "standard_error", "degrees_of_freedom", "low", "high", "p_value"]
    # statsmodels finds the variance components by another search than random_intercept
    np.testing.assert_allclose(found[names].astype(float), expected[names].astype(float), rtol=1e-6)
    assert found["method"] == expected["method"]
    # with the components given, nothing differs
    alike = fit.cov_re.iloc[0, 0] / (fit.cov_re.iloc[0, 0] + fit.scale)
    rows = clustered.sample(fit.model, "cluster")
    given = clustered.mixed(rows, rows.cluster, alike).interval(0, 0.95)
    assert [found[name] for name in names] == [given[name] for name in names]


@pytest.mark.parametrize("slopes", [None, "~ tenure"], ids=["intercepts", "slopes"])
def test_mixed_models_agree_with_matrices_written_out(answers, slopes):
    frame = answers.dropna(subset=["tenure"])
    fit = smf.mixedlm("y ~ tenure + side", frame, groups="cluster", re_formula=slopes).fit()
    found = few_clusters(fit, cluster="cluster")
    # Pustejovsky & Tipton (2018), section 3, with W = V^-1: A_g has to fulfil A_g (V_g - X_g M X_g') A_g' = V_g.
    # Of the roots that do, the one in rows made independent, and the one that clubSandwich takes (equal to 3 digits).
    x, y, z = np.asarray(fit.model.exog), frame["y"].to_numpy(), np.asarray(fit.model.exog_re)
    cluster = frame["cluster"].to_numpy()
    v = np.where(cluster[:, None] == cluster, z @ np.asarray(fit.cov_re) @ z.T, 0) + fit.scale * np.eye(len(y))
    w = np.linalg.inv(v)
    bread = np.linalg.inv(x.T @ w @ x)
    b = bread @ x.T @ w @ y
    np.testing.assert_allclose(found["estimate"], b, rtol=1e-8)
    for theirs, tolerance in ((False, 1e-8), (True, 2e-3)):
        meat = np.zeros((3, 3))
        for own in (cluster == each for each in np.unique(cluster)):
            block = v[np.ix_(own, own)]
            left = block - x[own] @ bread @ x[own].T
            values, vectors = np.linalg.eigh(block)
            s = np.linalg.cholesky(block).T if theirs else vectors @ np.diag(values**-0.5) @ vectors.T
            values, vectors = np.linalg.eigh(s @ left @ s.T)
            root = vectors @ np.diag(np.where(values > 1e-9, np.abs(values) ** -0.5, 0)) @ vectors.T
            a = s.T @ root @ s if theirs else np.linalg.inv(s) @ root @ s
            np.testing.assert_allclose(a @ left @ a.T, block, atol=1e-8)
            score = x[own].T @ w[np.ix_(own, own)] @ a @ (y - x @ b)[own]
            meat += np.outer(score, score)
        np.testing.assert_allclose(found["standard_error"], np.sqrt(np.diag(bread @ meat @ bread)), rtol=tolerance)


# tables of many fits -----------------------------------------------------------------------------------------


def test_a_dict_of_fits_is_one_table_with_its_labels_first(answers):
    fits = {dept: smf.ols("y ~ side", rows).fit() for dept, rows in answers.groupby("dept")}
    found = few_clusters(fits, cluster="cluster", term="side[T.manager]", by="dept")
    assert list(found)[:2] == ["dept", "term"]
    for row in found.to_dict("records"):
        alone = clustered.regression("y ~ side", answers[answers["dept"] == row["dept"]], "cluster").iloc[1]
        assert {name: row[name] for name in alone.index} == alone.to_dict()
    assert found.attrs["formula"] == "y ~ side"


def test_labels_of_several_parts(answers):
    fits = {key: smf.ols("y ~ side", rows).fit() for key, rows in answers.groupby(["dept", "level"])}
    found = few_clusters(fits, cluster="cluster", term="Intercept", by=["dept", "level"])
    assert list(found)[:3] == ["dept", "level", "term"]
    assert list(found[["dept", "level"]].itertuples(index=False, name=None)) == list(fits)
    with pytest.raises(ValueError, match="2 parts, but by names 1"):
        few_clusters(fits, cluster="cluster", by="dept")


def test_different_formulas_are_all_named(answers):
    fits = {"plain": smf.ols("y ~ side", answers).fit(), "more": smf.ols("y ~ side + dept", answers).fit()}
    assert few_clusters(fits, "cluster").attrs["formula"] == "y ~ side; y ~ side + dept"


def test_no_fits_give_an_empty_table_with_its_columns():
    found = few_clusters({}, cluster="cluster", term="side[T.hr]", by=["side", "dimension"]).adjusted()
    assert found.empty
    assert list(found) == ["side", "dimension", *COLUMNS[:7], "p_adjusted", *COLUMNS[7:]]
    beside = pd.concat([pd.DataFrame({"estimate": [0.5], "low": [0.1], "high": [0.9]}), found])
    assert set(beside[["estimate", "low", "high"]].dtypes) == {np.dtype(float)}, "tables set beside it stay numbers"


def test_adjusting_counts_what_was_tested(answers):
    fits = {dept: smf.ols("y ~ side", rows).fit() for dept, rows in answers.groupby("dept")}
    fits["one"] = smf.ols("y ~ side", answers[answers["cluster"] == answers["cluster"].iloc[0]]).fit()
    found = few_clusters(fits, cluster="cluster", term="side[T.manager]", by="dept").adjusted()
    assert found["p_adjusted"].isna().tolist() == [False, False, False, True]
    assert (found["p_adjusted"] >= found["p_value"])[:3].all()
    assert found["p_adjusted"].tolist()[:3] == multiplicity.adjusted(found["p_value"][:3]).tolist()
    assert list(found).index("p_adjusted") == list(found).index("p_value") + 1
    assert found.attrs["formula"] == "y ~ side"
    assert isinstance(found.sort_values("estimate"), Estimates)


def test_confidence_is_the_callers(answers):
    fit = smf.ols("y ~ side", answers).fit()
    wide, narrow = (few_clusters(fit, "cluster", "side[T.manager]", confidence=level).iloc[0] for level in (0.99, 0.5))
    assert wide["low"] < narrow["low"] < narrow["high"] < wide["high"]
    with pytest.raises(ValueError, match="between 0 and 1"):
        few_clusters(fit, "cluster", confidence=95)


def test_people_are_counted_among_the_rows_used(gaps):
    used = gaps.dropna(subset=["tenure", "cluster"])
    found = few_clusters(smf.ols("y ~ tenure", gaps).fit(), "cluster").iloc[0]
    expected = [used["respondent_id"].nunique(), used["rated_id"].nunique(), used["cluster"].nunique(), len(used)]
    assert found[["respondents", "rated", "clusters", "observations"]].tolist() == expected


# what cannot be told -----------------------------------------------------------------------------------------


def one_side(frame: pd.DataFrame, side: str = "manager") -> pd.DataFrame:
    return frame[frame["side"] == side]


def with_both_levels(frame: pd.DataFrame) -> pd.DataFrame:
    return one_side(frame).assign(side=lambda rows: pd.Categorical(rows["side"], ["hr", "manager"]))


MODELS = {
    "ols": lambda formula, rows: smf.ols(f"y ~ {formula}", rows),
    "wls": lambda formula, rows: smf.wls(f"y ~ {formula}", rows, weights=rows["w"]),
    "logit": lambda formula, rows: smf.logit(f"z ~ {formula}", rows),
    "glm": lambda formula, rows: smf.glm(f"z ~ {formula}", rows, family=BINOMIAL),
    "mixed": lambda formula, rows: smf.mixedlm(f"y ~ {formula}", rows.dropna(), groups="cluster"),
    "ordered": lambda formula, rows: ordered(f"grade ~ {formula}", rows),
    "cox": lambda formula, rows: hazard(f"days ~ {formula}", rows),
}


def foretold(frame: pd.DataFrame) -> pd.DataFrame:
    manager = (frame["side"] == "manager").to_numpy()
    grade = pd.Categorical(np.where(manager, "green", "red"), ["red", "yellow", "green"], ordered=True)
    return frame.assign(y=manager * 1.0, z=manager * 1.0, filled=manager * 1.0, grade=grade)


HOPELESS = {
    "one side": ("side", one_side),
    "one side of two levels": ("side", with_both_levels),
    "one cluster": ("side", lambda frame: frame[frame["cluster"] == frame["cluster"].iloc[0]]),
    "no cluster": ("side", lambda frame: frame.assign(cluster=np.nan)),
    "two terms that are one": ("twin + side", lambda frame: frame.assign(twin="is " + frame["side"])),
    "two rows": ("side", lambda frame: frame.dropna().groupby("side").head(1)),
    "one outcome": ("side", lambda frame: frame.assign(y=3.0, z=1.0, grade=frame["grade"].iloc[0], filled=0.0)),
    "everything foretold": ("side", foretold),
}


#: Models that statsmodels itself refuses to make.
NOT_MADE = {("mixed", "no cluster"), ("ordered", "one side of two levels")}


@pytest.mark.parametrize(("kind", "case"), [pair for pair in product(MODELS, HOPELESS) if pair not in NOT_MADE])
def test_what_cannot_be_told_is_a_row_that_says_so(answers, kind, case):
    formula, change = HOPELESS[case]
    model = MODELS[kind](formula, change(answers))
    found = few_clusters({"all": model}, cluster="cluster", term="side[T.manager]").iloc[0]
    assert found["note"].startswith("cannot tell: ")
    assert found[["estimate", "low", "high", "p_value"]].isna().all()
    assert {"dimension", *COLUMNS} <= set(found.index)
    try:
        fit = model.fit(disp=0) if kind in ("logit", "ordered") else model.fit()
    except (np.linalg.LinAlgError, ValueError, IndexError):
        return  # statsmodels gives up; the model alone is what the table needs
    again = few_clusters({"all": fit}, cluster="cluster", term="side[T.manager]").iloc[0]
    assert again["note"] == found["note"]


def test_a_mixed_model_with_unknown_clusters_is_fitted_to_the_rest(gaps):
    frame = gaps.dropna(subset=["tenure"])
    fit = smf.mixedlm("y ~ tenure", frame, groups="dept").fit()
    rest = frame[frame["cluster"].notna()]
    found = few_clusters(fit, "cluster")
    expected = few_clusters(smf.mixedlm("y ~ tenure", rest, groups="dept").fit(), "cluster")
    pd.testing.assert_frame_equal(found, expected)


def test_a_term_that_no_formula_has_is_refused(answers):
    fit = smf.ols("y ~ side * tenure", answers).fit()
    with pytest.raises(ValueError, match=r"no formula has the term sidee\[T.hr\]; the terms are Intercept"):
        few_clusters(fit, "cluster", "sidee[T.hr]")
    threshold = few_clusters(ordered("grade ~ side", answers), "cluster", "threshold red|yellow")
    assert threshold["kind"].tolist() == ["threshold"]
    absent = few_clusters(fit, "cluster", ["side[T.owner]", "side[T.owner]:tenure", "tenure"])
    assert absent["note"].str.startswith("cannot tell").tolist() == [True, True, False]


# wrong use ---------------------------------------------------------------------------------------------------


def test_other_models_are_refused_with_those_supported(answers):
    rows = answers.dropna()
    refused = [
        smf.poisson("z ~ side", rows), smf.gls("y ~ side", rows), smf.quantreg("y ~ side", rows),
        smf.glm("z ~ side", rows), smf.glm("z ~ side", rows, family=sm.families.Binomial(sm.families.links.Probit())),
        smf.mixedlm("y ~ side", rows, groups="cluster", vc_formula={"dept": "0 + C(dept)"}),
    ]  # fmt: skip
    for model in refused:
        with pytest.raises(TypeError, match="supported: OLS, WLS, Logit"):
            few_clusters(model, "cluster")
    with pytest.raises(TypeError, match="supported"):
        few_clusters(rows, "cluster")


def test_settings_that_would_be_passed_over_are_refused(answers):
    rows = answers.dropna()
    ones = np.ones(len(rows))
    for model, said in (
        (OrderedModel.from_formula("grade ~ side", rows), 'distr="logit"'),
        (hazard("days ~ side", rows, ties="breslow"), 'ties="efron"'),
        (hazard("days ~ side", rows, strata="dept"), "strata"),
        (hazard("days ~ side", rows, entry=ones / 2), "entry"),
        (smf.glm("z ~ side", rows, family=BINOMIAL, freq_weights=2 * ones), "weights"),
        (smf.glm("z ~ side", rows, family=BINOMIAL, offset=ones), "offset"),
        (smf.logit("z ~ side", rows, offset=ones), "offset"),
        (smf.glm("z ~ side", rows.assign(z=rows["z"] == 1), family=BINOMIAL), "True and False"),
    ):
        with pytest.raises(TypeError, match=said):
            few_clusters(model, "cluster")


def test_a_cluster_or_frame_that_is_not_there_is_named(answers):
    with pytest.raises(ValueError, match="no column partner; it has"):
        few_clusters(smf.ols("y ~ side", answers).fit(), "partner")
    with pytest.raises(ValueError, match="no column cluster"):
        few_clusters(smf.mixedlm("y ~ tenure", answers, groups=answers["dept"], missing="drop").fit(), "cluster")
    with pytest.raises(ValueError, match="formula and a frame"):
        few_clusters(sm.OLS(answers["y"], np.ones(len(answers))).fit(), "cluster")
    with pytest.raises(ValueError, match="positive"):
        few_clusters(smf.wls("y ~ side", answers, weights=answers["w"] - answers["w"].min()).fit(), "cluster")


# tests of whole terms ----------------------------------------------------------------------------------------


def test_joint_tests_agree_with_clubsandwich(clustered_answers):
    # Wald_test(m, constraints = constrain_zero(c("deptB", "deptC")), vcov = "CR2", cluster = d$cluster, test = "HTZ")
    found = term_tests(smf.ols(FORMULA, clustered_answers).fit(), "cluster").set_index("term")
    names = ["statistic", "numerator_degrees", "denominator_degrees", "p_value"]
    np.testing.assert_allclose(found.loc["dept", names].astype(float), [0.419594511, 2, 16.512703658, 0.664127953])
    np.testing.assert_allclose(found.loc["level", names].astype(float), [0.318702687, 2, 26.348930267, 0.729855368])
    # one coefficient: the t test of the regression
    assert found.loc["tenure", "p_value"] == pytest.approx(0.0442375242)


def test_joint_tests_of_logistic_models_agree_with_clubsandwich(clustered_answers):
    # Wald_test(g, constrain_zero(c("deptB", "deptC")), vcov = "CR2", cluster = d$cluster, test = "HTZ")
    frame = clustered_answers.assign(z=(clustered_answers["y"] > 3.5) * 1)
    found = term_tests(smf.logit("z ~ side + tenure + dept + level", frame), "cluster").set_index("term")
    found = found.loc["dept", ["statistic", "denominator_degrees", "p_value"]]
    np.testing.assert_allclose(found.astype(float), [0.146166532, 16.613079356, 0.865112773], rtol=5e-4)


def test_joint_tests_of_mixed_models_are_those_of_their_coefficients(answers):
    fit = smf.mixedlm("y ~ tenure + dept", answers.dropna(), groups="cluster").fit()
    tested, single = term_tests(fit, "cluster").set_index("term"), few_clusters(fit, "cluster", "tenure").iloc[0]
    assert tested.loc["tenure", "p_value"] == pytest.approx(single["p_value"])
    assert tested.loc["dept", "numerator_degrees"] == 2


def test_joint_tests_that_cannot_be_told_say_so(answers):
    random = np.random.default_rng(8)
    few = pd.DataFrame({"y": random.normal(size=60), "c": np.repeat(range(3), 20), "g": list("abcdef") * 10})
    assert "too few clusters" in term_tests(smf.ols("y ~ g", few), "c")["note"].iloc[0]
    for case in ("one side", "one side of two levels", "one cluster"):
        formula, change = HOPELESS[case]
        for kind in ("ols", "logit", "mixed"):
            found = term_tests(MODELS[kind](formula, change(answers)), "cluster")
            assert found["note"].str.startswith("cannot tell: ").all()
            assert len(found) == 1
    with pytest.raises(TypeError, match="no joint tests"):
        term_tests(hazard("days ~ side", answers), "cluster")


# whom a term compares -----------------------------------------------------------------------------------------


def test_the_smaller_of_the_groups_compared_is_counted(answers):
    frame = answers.assign(respondent_id=[f"p{place}" for place in range(len(answers))])
    found = few_clusters(smf.ols("y ~ dept + tenure", frame), "cluster").set_index("term")["respondents_compared"]
    people = frame.dropna(subset="tenure")["dept"].value_counts()
    reference = people.sort_index().iloc[0]
    for name, size in people.sort_index().iloc[1:].items():
        assert found[f"dept[T.{name}]"] == min(size, reference)
    assert np.isnan(found["tenure"])


def test_a_few_people_on_one_side_are_few_behind_the_difference(answers):
    frame = answers.assign(respondent_id=[f"p{place}" for place in range(len(answers))])
    hr = frame[frame["side"] == "hr"].head(9)
    few = pd.concat([frame[frame["side"] == "manager"], hr.assign(respondent_id=["a", "b", "c"] * 3)])
    found = few_clusters(smf.ols("y ~ side", few), "cluster", "side[T.manager]").iloc[0]
    assert found["respondents_compared"] == 3
    assert found["respondents"] > 100


# counts ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def leavers() -> pd.DataFrame:
    """Leavers of 9 units over 6 quarters; nobody ever leaves one of them."""
    random = np.random.default_rng(11)
    frame = pd.DataFrame({"unit": np.repeat(list("abcdefghi"), 6), "quarter": np.tile(np.arange(6), 9)})
    frame["score"] = random.normal(0, 1, len(frame)) + np.repeat(random.normal(0, 1, 9), 6)
    frame["employees"] = random.integers(40, 200, len(frame)).astype(float)
    mean = 0.05 * frame["employees"] * np.exp(-0.3 * frame["score"])
    frame["left"] = random.poisson(mean).astype(float)
    frame.loc[frame["unit"] == "d", "left"] = 0.0
    return frame


def counted(formula: str, frame: pd.DataFrame, **options) -> sm.GLM:
    return smf.glm(formula, frame, **({"family": sm.families.Poisson(), "exposure": frame["employees"]} | options))


def test_counts_with_effects_of_units_have_the_slope_of_the_conditional_likelihood(leavers):
    """Which knows nothing of the effects: Hausman, Hall & Griliches (1984)."""
    found = few_clusters(counted("left ~ score + unit", leavers), "unit", "score").iloc[0]
    design, shift = leavers[["score"]], np.log(leavers["employees"])
    conditional = ConditionalPoisson(leavers["left"], design, groups=leavers["unit"], offset=shift).fit(disp=0)
    assert found["estimate"] == pytest.approx(conditional.params.iloc[0], abs=1e-5)


def test_counts_have_the_variance_of_matrices_written_out(leavers):
    frame = leavers[leavers["unit"] != "d"].reset_index(drop=True)
    model = counted("left ~ score + C(quarter)", frame)
    found = few_clusters(model, "unit", "score").iloc[0]
    fit = model.fit(tol=1e-12)
    root = np.sqrt(np.asarray(fit.fittedvalues))
    x = model.exog * root[:, None]
    residuals = (np.asarray(frame["left"]) - root**2) / root
    inverse = np.linalg.inv(x.T @ x)
    left_over = np.eye(len(x)) - x @ inverse @ x.T
    meat = np.zeros_like(inverse)
    for unit in frame["unit"].unique():
        own = np.flatnonzero(frame["unit"] == unit)
        values, vectors = np.linalg.eigh(left_over[np.ix_(own, own)])
        score = x[own].T @ (vectors / np.sqrt(values)) @ vectors.T @ residuals[own]
        meat += np.outer(score, score)
    place = model.exog_names.index("score")
    assert found["estimate"] == pytest.approx(fit.params["score"])
    assert found["standard_error"] == pytest.approx(np.sqrt((inverse @ meat @ inverse)[place, place]))


def test_a_unit_in_which_nothing_was_counted_changes_no_other_term(leavers):
    formula = "left ~ score + unit + C(quarter)"
    every = few_clusters(counted(formula, leavers), "unit").set_index("term")
    rest = few_clusters(counted(formula, leavers[leavers["unit"] != "d"]), "unit", "score").iloc[0]
    assert every.loc["unit[T.d]", "note"] == f"cannot tell: {clustered.ALL_ZERO}"
    numbers = ["estimate", "standard_error", "degrees_of_freedom", "low", "high", "p_value"]
    assert np.allclose(every.loc["score", numbers].astype(float), rest[numbers].astype(float), rtol=1e-6)


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ("unit == 'a'", clustered.FEW_CLUSTERS),
        ("unit in ('a', 'd')", clustered.FEW_CLUSTERS),  # of which one counted nothing
        ("quarter == 0", clustered.AS_MANY),  # as many effects of units as rows
    ],
)
def test_counts_that_cannot_tell_say_so(leavers, rows, note):
    frame = leavers.query(rows)
    found = few_clusters(counted("left ~ score + unit", frame), "unit", "score").iloc[0]
    assert np.isnan(found["estimate"]) and found["note"] == f"cannot tell: {note}"


def test_nothing_counted_anywhere_says_so(leavers):
    found = few_clusters(counted("left ~ score", leavers.assign(left=0.0)), "unit", "score").iloc[0]
    assert found["note"] == f"cannot tell: {clustered.ALL_ZERO}"


def test_counts_below_zero_another_link_and_weights_are_refused(leavers):
    with pytest.raises(ValueError, match=r"left holds -1; counts and rates are expected to be 0 or more"):
        few_clusters(counted("left ~ score", leavers.assign(left=-1.0)), "unit")
    with pytest.raises(TypeError, match="weights or another link"):
        few_clusters(counted("left ~ score", leavers, freq_weights=leavers["employees"]), "unit")
    with pytest.raises(TypeError, match="weights or another link"):
        identity = sm.families.Poisson(sm.families.links.Identity())
        few_clusters(counted("left ~ score", leavers, family=identity, exposure=None), "unit")


def test_rows_of_unknown_clusters_lose_their_exposure_too(leavers):
    frame = leavers.assign(unit=leavers["unit"].where(leavers["unit"] != "b"))
    some = few_clusters(counted("left ~ score", frame), "unit", "score").iloc[0]
    rest = few_clusters(counted("left ~ score", leavers[leavers["unit"] != "b"]), "unit", "score").iloc[0]
    assert some["estimate"] == pytest.approx(rest["estimate"]) and some["clusters"] == 8


@pytest.mark.parametrize("formula", ["score ~ age", "score ~ side", "score ~ np.log(age + 1)", "score ~ centred"])
@pytest.mark.parametrize("missing", [False, True])
def test_models_of_each_group_are_those_that_statsmodels_makes_of_its_rows(formula, missing):
    random = np.random.default_rng(4)
    rows = pd.DataFrame(
        {"unit": np.tile(list("abc"), 20), "partner": np.arange(60) // 5, "age": random.normal(9, 1, 60)}
    )
    rows = rows.assign(side=np.tile(["hr", "manager"], 30), score=random.normal(size=60))
    rows = rows.assign(centred=rows["age"] - 9, partner=np.arange(60) // 5)
    rows.loc[rows.index[4:7], "score"] = np.nan if missing else 0.0
    together = few_clusters(of_each(smf.ols, formula, rows, "unit"), "partner", by="unit")
    alone = {unit: smf.ols(formula, own) for unit, own in rows.groupby("unit", sort=False)}
    pd.testing.assert_frame_equal(together, few_clusters(alone, "partner", by="unit"), check_exact=True)


def test_no_rows_give_no_models():
    assert of_each(smf.ols, "score ~ age", pd.DataFrame({"score": [], "age": [], "unit": []}), "unit") == {}
