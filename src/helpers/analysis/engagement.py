"""How engaged hiring managers are, how sure we are, and what of it is the manager, the opening, or chance.

Averages per manager mislead three ways: what was never done is left out, a manager with two openings jumps about by
chance, and a slow opening looks like a slow manager. Here, what was never done counts as "longer than we watched",
managers with few occasions are drawn towards the average (shrinkage), and manager and opening are told apart.

One manager's figures are personal data. Functions that return them say so; such frames are for that manager, or for
an audience the study names with a legal basis. Everything else is for groups.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import optimize, special, stats
from statsmodels.stats.meta_analysis import combine_effects

from helpers.analysis.counts import cannot_tell, people

MANAGER, OPENING = "hiring_manager_id", "requisition_id"
METHOD = "log-normal model with random managers and openings, what was never done censored (REML, Laplace)"
SCENARIO = "mean over openings of shrunken managers' days ahead of the quantile; delete-a-group jackknife with refits"
LEFT_OUT = METHOD + "; variance by leaving out one cluster at a time"
PARTS = ("manager", "opening", "chance")
#: Shortest wait in days: records go to the minute, and a logarithm needs more than nothing.
SHORTEST = 1 / 1440
FEWEST_MANAGERS = 5
#: Standard error, in log days, beyond which a term has run away: where no wait of a group ended, it has no end either.
ENDLESS = 10.0
#: Logit beyond which a share of variance counts as 0 or 1.
EDGE = 9.0
#: Bounds of the logits of two shares and of the logarithm of the standard deviation in all.
LIMITS = np.array([EDGE, EDGE, 6.0])


#: Ends that each term of a model needs, so that its estimate is not far off and its interval holds.
ENDS_PER_TERM = 10


def formula(frame: pd.DataFrame, ended: pd.Series, asked: Sequence[str] = (), groups: Sequence[str] = ()) -> str:
    """Write the right-hand side of a model: what is asked about, and the groups that the data can allow for.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of the model.
    ended : pandas.Series
        Whether each row's wait ended (bool).
    asked : sequence of str
        Columns that are in the model whatever happens.
    groups : sequence of str
        Columns of groups to allow for, the most important first.

    Returns
    -------
    str
        Such as ``"early + department + level"``; ``"1"`` for none. A group comes in where it varies and where 10 ended
        waits remain for every term.

    References
    ----------
    Peduzzi, P., Concato, J., Feinstein, A. R. & Holford, T. R. (1995). Importance of events per independent variable
    in proportional hazards regression analysis II. *Journal of Clinical Epidemiology*, 48, 1503-1510.
    """
    room = int(ended.sum()) // ENDS_PER_TERM
    terms = {
        name: frame[name].nunique() - 1 if frame[name].dtype.kind not in "fiu" else 1 for name in [*asked, *groups]
    }
    room -= sum(terms[name] for name in asked)
    names = list(asked)
    for name in groups:
        if 0 < terms[name] <= room:
            names.append(name)
            room -= terms[name]
    return " + ".join(names) or "1"


# --- what managers did ----------------------------------------------------------------------------------------------


def early_actions(
    openings: pd.DataFrame,
    waits: pd.DataFrame,
    days: float = 14,
    actions: Sequence[str] = ("intake", "brief", "cv_review"),
) -> pd.DataFrame:
    """Measure what managers did in the first days of each opening that was still open afterwards.

    Parameters
    ----------
    openings, waits : pandas.DataFrame
        As ``hiring.openings`` and ``hiring.waits`` return them.
    days : float
        The landmark: length of the first stretch, in days from the start of the opening.
    actions : sequence of str
        Waits that count, by name.

    Returns
    -------
    pandas.DataFrame
        The openings that lasted longer than ``days``, with ``asked`` (actions due within the stretch), ``early``
        (share of them done in time; missing where nothing was due) and ``days_after`` (days from the landmark to the
        end or the day of the study).

    Notes
    -----
    A landmark analysis: engagement is read before the clock starts, and only openings that reach that day are
    compared. Otherwise an opening that stays open for long has more time to collect engagement, and engagement would
    look like the cause of its own opportunity (immortal-time bias).

    References
    ----------
    Anderson, J. R., Cain, K. C. & Gelber, R. D. (1983). Analysis of survival by tumor response. *Journal of Clinical
    Oncology*, 1, 710-719.

    van Houwelingen, H. C. (2007). Dynamic prediction by landmarking in event history analysis. *Scandinavian Journal
    of Statistics*, 34, 70-85.
    """
    reached = openings[(openings["problem"] == "") & (openings["days"] > days)]
    due = waits[waits["wait"].isin(actions) & waits["in_time"].notna()]
    due = due.merge(reached[[OPENING, "started_at"]], on=OPENING, suffixes=("", "_opening"))
    due = due[due["due_at"] <= due["started_at_opening"] + pd.Timedelta(days=days)]
    kept = due["in_time"].astype(float).groupby(due[OPENING]).agg(["size", "mean"])
    reached = reached.assign(days_after=reached["days"] - days)
    reached["asked"] = reached[OPENING].map(kept["size"]).fillna(0).astype(int)
    reached["early"] = reached[OPENING].map(kept["mean"])
    return reached.reset_index(drop=True)


#: Parts of the index: label, and the waits that count towards it.
INDEX_PARTS = {
    "start": ("Intake and brief in time", ("intake", "brief")),
    "cv_review": ("CVs reviewed in time", ("cv_review",)),
    "feedback": ("Feedback in time", ("feedback",)),
    "interviews": ("Interviews kept as agreed", ()),
}


def index(waits: pd.DataFrame, interviews: pd.DataFrame) -> pd.DataFrame:
    """Compute an engagement index per manager, with its parts. Personal data.

    Parameters
    ----------
    waits, interviews : pandas.DataFrame
        As ``hiring.waits`` and ``hiring.interviews`` return them.

    Returns
    -------
    pandas.DataFrame
        One row per hiring manager: hiring_manager_id, respondents (1), for every part of :data:`INDEX_PARTS` its
        share (0 to 100; missing without occasions) and ``..._occasions``, ``occasions`` in all, ``index`` (mean of
        the parts there are, 0 to 100), ``standard_error``, and after shrinkage ``estimate``, ``low``, ``high`` (95 %).

    Notes
    -----
    Every part counts the same, however many occasions it had. An interview is kept when it was neither declined,
    rescheduled nor missed. The sampling variance of a part is that of a share with one success and one failure added,
    so that three of three is not taken for certainty. See :func:`shrink` for the last three columns.
    """
    kept = interviews.assign(part="interviews", good=~interviews[["declined", "rescheduled", "missed"]].any(axis=1))
    promised = waits[waits["in_time"].notna() & (waits["problem"] == "")]
    part_of = {wait: part for part, (_, names) in INDEX_PARTS.items() for wait in names}
    promised = promised.assign(part=promised["wait"].map(part_of), good=promised["in_time"])
    both = pd.concat([kept[[MANAGER, "part", "good"]], promised[[MANAGER, "part", "good"]]])
    both = both.dropna(subset=[MANAGER, "part"])
    counts = both["good"].astype(float).groupby([both[MANAGER], both["part"]]).agg(["sum", "size"]).unstack("part")
    good, size = (counts[name].reindex(columns=list(INDEX_PARTS)) for name in ("sum", "size"))
    smoothed = (good + 1) / (size + 2)
    parts = size.notna().sum(axis=1)
    found = (100 * good / size).join(size.fillna(0).astype(int).add_suffix("_occasions"))
    found["occasions"] = size.sum(axis=1).astype(int)
    found["index"] = (100 * good / size).mean(axis=1)
    found["standard_error"] = 100 * np.sqrt((smoothed * (1 - smoothed) / size).sum(axis=1)) / parts
    return shrink(found.reset_index().assign(respondents=1), "index", "standard_error")


#: Bands of the index, each without its upper end but the last.
BANDS = ("below 50", "50 to 60", "60 to 70", "70 to 80", "80 to 90", "90 to 100")


def band(values: pd.Series) -> pd.Series:
    """Name the band of :data:`BANDS` in which each value (0 to 100) lies; missing where the value is."""
    edges = [-np.inf, 50, 60, 70, 80, 90, np.inf]
    return pd.cut(values, edges, labels=list(BANDS), right=False).astype(object)


def spread(index: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Count how managers spread over the bands of the index and of its parts.

    Parameters
    ----------
    index : pandas.DataFrame
        As :func:`index` returns it.
    columns : mapping
        Columns to count, and what to call them.

    Returns
    -------
    pandas.DataFrame
        One row per column and band: part (as named), band, respondents (managers in the band), share (per cent of
        the managers who have the part; missing where none has).
    """
    rows = []
    for column, label in columns.items():
        managers = band(index[column]).value_counts().reindex(BANDS, fill_value=0)
        share = 100 * managers / managers.sum() if managers.sum() else managers * np.nan
        rows.append(pd.DataFrame({"part": label, "band": BANDS, "respondents": managers, "share": share}))
    return pd.concat(rows, ignore_index=True)


def shrink(frame: pd.DataFrame, value: str, standard_error: str, confidence: float = 0.95) -> pd.DataFrame:
    """Draw estimates towards their mean by as much as they are uncertain (empirical Bayes).

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per manager.
    value, standard_error : str
        Columns of the estimate and its standard error.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        The frame with ``estimate`` (shrunken), ``low``, ``high``, ``reliability`` (0: all chance, 1: all real) and
        ``note``; missing where fewer than 5 managers can be compared.

    Notes
    -----
    With value y_m, variance s_m^2, mean mu and between-manager variance tau^2 (Paule & Mandel's method, statsmodels),
    the reliability is B_m = tau^2 / (tau^2 + s_m^2) and the estimate mu + B_m (y_m - mu), with variance
    B_m s_m^2 + (1 - B_m)^2 var(mu).

    References
    ----------
    Morris, C. N. (1983). Parametric empirical Bayes inference: theory and applications. *Journal of the American
    Statistical Association*, 78, 47-55.

    Paule, R. C. & Mandel, J. (1982). Consensus values and weighting factors. *Journal of Research of the National
    Bureau of Standards*, 87, 377-385.
    """
    names = ["estimate", "low", "high", "reliability"]
    known = frame[value].notna() & (frame[standard_error] > 0)
    if known.sum() < FEWEST_MANAGERS:
        note = cannot_tell(f"fewer than {FEWEST_MANAGERS} managers can be compared")
        return frame.assign(**dict.fromkeys(names, np.nan), note=note)
    y, variance = frame.loc[known, value].to_numpy(float), frame.loc[known, standard_error].to_numpy(float) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):  # its heterogeneity index divides by 0 for equal values
        between = combine_effects(y, variance, method_re="iterated").tau2
    weight = 1 / (variance + between)
    mean = np.average(y, weights=weight)
    reliability = between / (between + variance)
    error = np.sqrt(reliability * variance + (1 - reliability) ** 2 / weight.sum())
    half = stats.norm.ppf(0.5 + confidence / 2) * error
    estimate = mean + reliability * (y - mean)
    shrunken = pd.DataFrame(
        np.column_stack([estimate, estimate - half, estimate + half, reliability]), frame.index[known], names
    )
    return frame.assign(**shrunken.reindex(frame.index), note="")


def speed_groups(managers: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Take managers together from fast to slow, so that no single one is described.

    Parameters
    ----------
    managers : pandas.DataFrame
        ``WaitModel.managers``.
    minimum : int
        Fewest managers in a group (the study's ``min_group``).

    Returns
    -------
    pandas.DataFrame
        One row per group, 4 to 10 of about the same size: group (its name), ratio, ratio_low, ratio_high (geometric
        mean over the group of the managers' shrunken ratios and of the ends of their intervals), respondents (managers
        in the group). Empty where there are too few managers for 4 groups.
    """
    count = min(len(managers) // minimum, 10)
    if count < 4:
        return pd.DataFrame(columns=["group", "ratio", "ratio_low", "ratio_high", "respondents"])
    ranked = managers.sort_values(["estimate", MANAGER], ignore_index=True)
    names = [f"Group {place} of {count}" for place in range(1, count + 1)]
    names[0], names[-1] = f"{names[0]} (fastest)", f"{names[-1]} (slowest)"
    group = pd.Series([names[place] for place in ranked.index * count // len(ranked)], name="group")
    found = np.exp(ranked[["estimate", "low", "high"]].groupby(group, sort=False).mean())
    found = found.set_axis(["ratio", "ratio_low", "ratio_high"], axis="columns")
    return found.assign(respondents=group.value_counts()).reset_index()


# --- attitude and behaviour -----------------------------------------------------------------------------------------


def scores_before(openings: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Join each opening with what its manager answered in the last survey wave that ended before it began.

    Parameters
    ----------
    openings : pandas.DataFrame
        As ``hiring.openings`` (or any frame with hiring_manager_id and opened_at).
    answers : pandas.DataFrame
        One row per manager's answer sheet: manager_id, hr_id, wave, submitted_at, score.

    Returns
    -------
    pandas.DataFrame
        The openings with wave_before (empty before the first wave's end), score (mean over the manager's sheets of
        that wave; missing where the manager did not answer in it) and hr_id (the manager's HR partner then).

    Notes
    -----
    A wave ends with its last answer, from anyone. Only what was said before an opening can help to foresee it; an
    older answer does not stand in for one that is missing.
    """
    ends = answers.groupby("wave")["submitted_at"].max().sort_values().rename("ended_at").reset_index()
    place = ends["ended_at"].searchsorted(openings["opened_at"], side="left") - 1
    wave = ends["wave"].to_numpy(object)[np.maximum(place, 0)] if len(ends) else ""
    found = openings.assign(wave_before=np.where(place < 0, "", wave))
    sheets = answers.groupby(["manager_id", "wave"]).agg(score=("score", "mean"), hr_id=("hr_id", "last")).reset_index()
    sheets = sheets.rename(columns={"manager_id": MANAGER, "wave": "wave_before"})
    return found.merge(sheets, on=[MANAGER, "wave_before"], how="left")


def days_saved(ball: pd.DataFrame, managers: pd.DataFrame, quantile: float = 0.25) -> pd.DataFrame:
    """Compute how many days each filled opening would have saved had its manager been as fast as the fast quarter.

    Parameters
    ----------
    ball : pandas.DataFrame
        As ``hiring.ball`` returns it.
    managers : pandas.DataFrame
        ``WaitModel.managers``.
    quantile : float
        Which manager to be as fast as: 0.25 is the one a quarter of managers are faster than. Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per filled opening: requisition_id, hiring_manager_id, respondent_id, days (time to fill), held (days
        in which it was the manager's turn), saved (days).

    Raises
    ------
    ValueError
        If the quantile is not between 0 and 1.

    Notes
    -----
    A scenario, not an effect: held days shrink by the ratio of the quantile to the manager's own speed, and nothing
    else changes. Managers who are fast already keep their days. A manager's log speed is only known as normal with the
    shrunken estimate m and its standard error s. The quantile c is that of all these distributions together, because
    shrunken estimates differ less than true speeds; and the share saved is the mean over the manager's distribution,
    E max(0, 1 - exp(c - u)) = F(a) - exp(c - m + s^2 / 2) F(a - s), a = (m - c) / s, F the normal distribution
    function. A manager unknown to the model is drawn from all. See :func:`scenario` for the mean and its interval.
    """
    if not 0 < quantile < 1:
        raise ValueError(f"quantile is {quantile:g}; expected a number between 0 and 1, such as 0.25")
    centre, spread = managers["estimate"].to_numpy(), np.maximum(managers["standard_error"].to_numpy(), 1e-9)
    whole = np.sqrt(np.mean(centre**2 + spread**2))
    fast = optimize.brentq(
        lambda place: special.ndtr((place - centre) / spread).mean() - quantile, *np.array([-1, 1]) * 40 * whole
    )
    known = pd.Series(_share_saved(centre - fast, spread), managers[MANAGER])
    mine = ball.assign(held=ball["days"].where(ball["holder"] == "manager", 0.0))
    found = mine.groupby([OPENING, MANAGER, "respondent_id"], as_index=False)[["days", "held"]].sum()
    return found.assign(saved=found["held"] * found[MANAGER].map(known).fillna(float(_share_saved(-fast, whole))))


def _share_saved(ahead: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Mean of max(0, 1 - exp(-u)) for a normal u."""
    place = ahead / spread
    return special.ndtr(place) - np.exp(spread**2 / 2 - ahead + special.log_ndtr(place - spread))


#: Groups of managers left out in turn for the scenario's interval.
GROUPS = 30


def scenario(model: WaitModel, ball: pd.DataFrame, quantile: float = 0.25, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the days saved per filled opening if every manager were as fast as the fast quarter.

    Parameters
    ----------
    model : WaitModel
        Of everything managers let others wait for.
    ball, quantile
        As in :func:`days_saved`.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row: estimate (mean days saved), standard_error, low, high, respondents, clusters (managers), observations
        (filled openings), method, note.

    Raises
    ------
    ValueError
        If the quantile is not between 0 and 1.

    Notes
    -----
    The mean of :func:`days_saved`. Its interval is a delete-a-group jackknife: managers are put into 30 groups (fewer
    managers: each its own), and for each group left out the model's standard deviations, every manager's speed and the
    quantile are found anew, so that nothing is taken as known. The interval is that of the logarithm, with t quantiles
    on the number of groups less one, because days saved are never negative and their error grows with them.

    References
    ----------
    Kott, P. S. (2001). The delete-a-group jackknife. *Journal of Official Statistics*, 17, 521-526.
    """
    ball = ball[ball[MANAGER].notna()]
    managers = ball[MANAGER].unique()
    counts = {"respondents": len(managers), "clusters": len(managers), "observations": ball[OPENING].nunique()}
    row = dict.fromkeys(("estimate", "standard_error", "low", "high"), np.nan)
    rest = {**counts, "method": SCENARIO}
    if model.managers.empty or len(managers) < FEWEST_MANAGERS:
        note = cannot_tell(
            "the managers' speed cannot be told from chance"
            if model.managers.empty
            else f"fewer than {FEWEST_MANAGERS} managers filled an opening"
        )
        return pd.DataFrame([row | rest | {"note": note}])
    everyone = pd.unique(np.r_[model.managers[MANAGER].to_numpy(object), managers.astype(object)])
    groups = [everyone[place::GROUPS] for place in range(min(GROUPS, len(everyone)))]
    without = [
        days_saved(ball[~ball[MANAGER].isin(group)], model.without(group), quantile)["saved"].mean() for group in groups
    ]
    estimate = days_saved(ball, model.managers, quantile)["saved"].mean()
    error = np.sqrt((len(groups) - 1) / len(groups) * np.nansum((without - np.nanmean(without)) ** 2))
    stretch = np.exp(stats.t.ppf(0.5 + confidence / 2, len(groups) - 1) * error / estimate)
    row = {"estimate": estimate, "standard_error": error, "low": estimate / stretch, "high": estimate * stretch}
    return pd.DataFrame([row | rest | {"note": ""}])


# --- service level: the funnel --------------------------------------------------------------------------------------


def funnel(frame: pd.DataFrame, good: str, asked: str) -> pd.DataFrame:
    """Set every manager's share beside what chance alone would do with that few occasions. Personal data.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per manager.
    good, asked : str
        Columns: promises kept, and promises due.

    Returns
    -------
    pandas.DataFrame
        The frame's managers with at least one promise due: share (0 to 1), target (share over all), low_95, high_95,
        low_998, high_998 (exact binomial limits around the target), the same with ``_wide`` (limits that allow for
        overdispersion), ``outside`` ("inside", "outside 95 %" or "outside 99.8 %", by the wide limits) and
        ``dispersion`` (1 when managers differ no more than by chance).

    Notes
    -----
    The lower limit for probability p at n promises is (r - a) / n with r the smallest number whose binomial
    distribution function reaches p and a = (P(R <= r) - p) / P(R = r); the upper one is that of promises broken,
    so that no more than p lies beyond either. The dispersion is the mean of squared z-scores,
    winsorised at their 10th and 90th percentiles; where it exceeds 1, the wide limits add the between-manager
    variance tau^2 = max(0, (I phi - (I - 1)) / (sum w - sum w^2 / sum w)), w = 1 / s^2.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. *Statistics in Medicine*, 24,
    1185-1202.

    Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators. *Quality and Safety in Health
    Care*, 14, 347-351.
    """
    found = frame[frame[asked] > 0].copy()
    size = found[asked].to_numpy(float)
    found["share"] = found[good] / found[asked]
    target = found[good].sum() / found[asked].sum() if len(found) else np.nan
    found["target"] = target
    variance = target * (1 - target) / size
    if len(found) < 2 or not target * (1 - target) > 0:
        dispersion = between = 0.0
    else:
        z = ((found["share"] - target) / np.sqrt(variance)).to_numpy(float)
        dispersion = float(np.mean(np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2))
        weight = 1 / variance
        spare = weight.sum() - (weight**2).sum() / weight.sum()
        between = max(0.0, (len(z) * dispersion - (len(z) - 1)) / spare)
    found["dispersion"] = max(1.0, dispersion)
    for name, level in (("95", 0.95), ("998", 0.998)):
        low, high = _lowest(level, size, target), 1 - _lowest(level, size, 1 - target)
        half = stats.norm.ppf((1 + level) / 2) * np.sqrt(variance + between)
        found[f"low_{name}"], found[f"high_{name}"] = low, high
        found[f"low_{name}_wide"] = np.maximum(0, np.minimum(low, target - half)) if between else low
        found[f"high_{name}_wide"] = np.minimum(1, np.maximum(high, target + half)) if between else high
    share = found["share"]
    far, near = (
        ~share.between(found[f"low_{name}_wide"] - 1e-12, found[f"high_{name}_wide"] + 1e-12) for name in ("998", "95")
    )
    found["outside"] = np.select([far, near], ["outside 99.8 %", "outside 95 %"], "inside")
    return found.reset_index(drop=True)


def _lowest(level: float, size: np.ndarray, target: float) -> np.ndarray:
    """Share below which one half of what lies outside the level falls, interpolated between whole numbers."""
    if not 0 < target < 1:
        return np.full(len(size), target)
    probability = (1 - level) / 2
    count = stats.binom.ppf(probability, size, target)
    excess = (stats.binom.cdf(count, size, target) - probability) / stats.binom.pmf(count, size, target)
    return np.maximum(count - excess, 0) / size


# --- the model of waits ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WaitModel:
    """A fitted model of waits.

    Attributes
    ----------
    terms : pandas.DataFrame
        One row per term: term, estimate (difference in log days), standard_error, low, high, p_value (of zero), ratio,
        ratio_low, ratio_high (times as long), respondents, clusters, observations, done, method, note.
    managers : pandas.DataFrame
        Personal data. One row per manager: hiring_manager_id, respondents (1), observations, estimate (log ratio of
        the manager's typical wait to that of the average manager, shrunken), standard_error, low, high, ratio,
        ratio_low, ratio_high.
    """

    terms: pd.DataFrame
    managers: pd.DataFrame
    _find_shares: Callable[[], pd.DataFrame] = field(repr=False)
    _find_without: Callable[[Sequence[object]], pd.DataFrame] = field(repr=False)

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Shares of the variance, found when asked for: their intervals cost more than all the rest.

        One row per part (manager, opening, chance): standard_deviation (of log days), estimate, low, high (share of
        the variance, 0 to 1), respondents, clusters, observations, method, note.
        """
        return self._find_shares()

    def without(self, managers: Sequence[object]) -> pd.DataFrame:
        """Return what :attr:`managers` would be had some managers not been observed."""
        return self._find_without(managers)


def wait_model(
    formula: str,
    waits: pd.DataFrame,
    cluster: str = MANAGER,
    horizon: float | None = 30,
    confidence: float = 0.95,
) -> WaitModel:
    """Model how long managers let others wait, with what never came as censored.

    Parameters
    ----------
    formula : str
        Right-hand side, such as ``"department + location"``; ``"1"`` for none.
    waits : pandas.DataFrame
        Rows of one or several waits as ``hiring.waits`` returns them. Rows with a problem, without a manager or with
        a missing predictor are left out.
    cluster : str
        Column whose values are left out in turn for the terms' variance, for predictors that vary between few
        clusters (a quality of the HR partner); the manager: variance of the model.
    horizon : float, optional
        Days after which a wait counts as "longer than this" (censored), so that one forgotten case of a year does not
        stretch the model. None: no limit.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    WaitModel
        Terms, shares of variance, and shrunken managers.

    Raises
    ------
    ValueError
        If the frame lacks a column that is needed.

    Notes
    -----
    log(days) = terms + manager + opening + chance, the last three normal with mean 0. A wait that ended after d days
    contributes the density at log d, one that never did the probability of more than d days (accelerated failure
    time). The random managers and openings and the terms are integrated out by Laplace's method around their joint
    mode, found by Newton's method; the three standard deviations maximise the result. Without censoring this is
    exactly restricted maximum likelihood. Shares of variance get profile-likelihood intervals; terms get t intervals
    with managers less terms (clusters less one, where ``cluster`` is another column) as degrees of freedom. Intervals
    of single managers take the standard deviations as known.

    Assumptions: waits are log-normal given manager and opening; that nobody waits any more is unrelated to how long it
    would have taken. Waits under one minute count as one minute.

    References
    ----------
    Wei, L. J. (1992). The accelerated failure time model: a useful alternative to the Cox regression model in survival
    analysis. *Statistics in Medicine*, 11, 1871-1879.

    Lambert, P., Collett, D., Kimber, A. & Johnson, R. (2004). Parametric accelerated failure time models with random
    effects and an application to kidney transplant survival. *Statistics in Medicine*, 23, 3177-3192.

    Tierney, L. & Kadane, J. B. (1986). Accurate approximations for posterior moments and marginal densities. *Journal
    of the American Statistical Association*, 81, 82-86.
    """
    needed = [MANAGER, OPENING, "days", "done", cluster]
    if absent := [name for name in needed if name not in waits]:
        raise ValueError(f"the frame has no column {', '.join(absent)}; it has {', '.join(map(str, waits.columns))}")
    used = waits[waits[needed].notna().all(axis=1)].sort_values([MANAGER, OPENING], kind="stable")
    used = used.reset_index(drop=True)
    done, days = used["done"].astype(bool), used["days"]
    if horizon is not None:
        done, days = done & (days <= horizon), days.clip(upper=horizon)
    used = used.assign(_log=np.log(days.clip(lower=SHORTEST)), _done=done)
    if used.empty:
        return _no_model(["Intercept"], people(used, cluster) | {"observations": 0, "done": 0}, "nothing was observed")
    design = smf.ols(f"_log ~ {formula}", used, missing="drop")
    used = used.loc[design.data.row_labels]
    names = list(design.exog_names)
    counts = people(used, cluster) | {"observations": len(used), "done": int(used["_done"].sum())}
    if reason := _not_estimable(used, len(names)):
        return _no_model(names, counts, reason)

    matrix = np.asarray(design.exog, float)
    kept = _independent(matrix)
    problem = _Waits(used, matrix[:, kept])
    start = np.array([0.0, -1.0, -1.0])  # logits of the manager's share, of the opening's of the rest; log total
    best, maximum = _maximise(problem, start, np.diag([0.5, 0.5, 0.05]))
    deviations = _deviations(best)
    mode = problem.mode(deviations)
    errors, degrees, method = np.sqrt(np.diag(mode.covariance)), counts["clusters"] - len(names), METHOD
    if cluster != MANAGER:
        errors, degrees, method = (
            _left_out(problem, mode, deviations, used, cluster),
            counts["clusters"] - 1,
            LEFT_OUT,
        )
    values = {names[column]: (mode.terms[place], errors[place]) for place, column in enumerate(kept)}
    terms = _terms(names, values, max(degrees, 1), confidence, counts | {"method": method})
    shares = partial(_shares, problem, deviations, maximum, confidence, counts)
    managers = _managers(problem, mode, used, confidence)
    return WaitModel(terms, managers, shares, _Refits(problem, deviations, used, confidence))


def _not_estimable(used: pd.DataFrame, terms: int) -> str:
    managers = used[MANAGER].nunique()
    if managers < max(FEWEST_MANAGERS, terms + 1):
        return f"{managers} managers are too few for {terms} terms"
    if not used["_done"].any():
        return "no wait has ended"
    if used["_log"][used["_done"]].nunique() < 2:
        return "every wait that ended took the same time"
    if len(used) <= managers:
        return "no manager has more than one wait"
    return ""


def _no_model(names: Sequence[str], counts: Mapping[str, int], reason: str) -> WaitModel:
    absent = dict.fromkeys(("estimate", "standard_error", "low", "high", "p_value"), np.nan)
    absent |= dict.fromkeys(("ratio", "ratio_low", "ratio_high"), np.nan)
    rest = {**counts, "method": METHOD, "note": cannot_tell(reason)}
    share = dict.fromkeys(("standard_deviation", "estimate", "low", "high"), np.nan)
    columns = [MANAGER, "respondents", "observations", "estimate", "standard_error", "low", "high"]
    return WaitModel(
        pd.DataFrame([{"term": name, **absent, **rest} for name in names]),
        pd.DataFrame(columns=[*columns, "ratio", "ratio_low", "ratio_high"]),
        lambda: pd.DataFrame([{"part": part, **share, **rest} for part in PARTS]),
        lambda _: pd.DataFrame(columns=[*columns, "ratio", "ratio_low", "ratio_high"]),
    )


@dataclass
class _Mode:
    """Joint mode of terms, managers and openings at given standard deviations."""

    value: float  # Laplace approximation of the restricted log likelihood
    slope: np.ndarray  # its derivatives by the logarithms of the three standard deviations
    terms: np.ndarray
    covariance: np.ndarray  # of the terms
    manager: np.ndarray
    manager_variance: np.ndarray


class _Waits:
    """Sorted waits and what the likelihood needs of them."""

    def __init__(self, used: pd.DataFrame, design: np.ndarray) -> None:
        done = used["_done"].to_numpy(bool)
        self.y, self.done, self.running = used["_log"].to_numpy(float), np.flatnonzero(done), np.flatnonzero(~done)
        self.x, self.counted = design, np.ones(len(design))
        manager = pd.factorize(used[MANAGER])[0]
        opening = used.groupby([MANAGER, OPENING], sort=False).ngroup().to_numpy()
        self.opening_starts = np.flatnonzero(np.r_[True, np.diff(opening) != 0])
        self.opening_of = np.cumsum(np.r_[False, np.diff(opening) != 0])
        of_opening = manager[self.opening_starts]
        self.manager_starts = np.flatnonzero(np.r_[True, np.diff(of_opening) != 0])
        self.manager_of = of_opening
        self.last = None  # the mode found last, where the next search begins

    def without(self, rows: np.ndarray) -> _Waits:
        """Return the same waits, some of which count for nothing."""
        found = copy.copy(self)
        found.counted = np.where(rows, 0.0, self.counted)
        return found

    def by_opening(self, values: np.ndarray) -> np.ndarray:
        """Sum values of rows over openings."""
        return np.add.reduceat(values, self.opening_starts, axis=0)

    def by_manager(self, values: np.ndarray) -> np.ndarray:
        """Sum values of openings over managers."""
        return np.add.reduceat(values, self.manager_starts, axis=0)

    def predict(self, terms: np.ndarray, manager: np.ndarray, opening: np.ndarray) -> np.ndarray:
        """Sum terms, manager and opening for every row."""
        return self.x @ terms + (manager[self.manager_of] + opening)[self.opening_of]

    def mode(self, deviations: np.ndarray) -> _Mode:
        """Find the joint mode by Newton's method, and Laplace's approximation there."""
        of_manager, of_opening, chance = deviations
        terms, manager, opening = self.last or (
            np.linalg.lstsq(self.x, self.y, rcond=None)[0],
            np.zeros(len(self.manager_starts)), np.zeros(len(self.opening_starts)),
        )  # fmt: skip
        value, z = self._penalised(terms, manager, opening, deviations)
        for _ in range(50):
            slope, weight, _ = self._derivatives(z, chance)
            hessian = _Hessian(self, weight, of_manager, of_opening)
            step = hessian.solve(slope, manager / of_manager**2, opening / of_opening**2)
            size = 1.0
            while True:
                moved = [old + size * change for old, change in zip((terms, manager, opening), step)]
                better, z = self._penalised(*moved, deviations)
                if better >= value - 1e-10 or size < 1e-4:
                    break
                size /= 2
            (terms, manager, opening), value = moved, better
            # each step leaves about the square of its size
            if max(np.abs(change).max() for change in step) < 1e-5:
                break
        self.last = terms, manager, opening
        slope, weight, bend = self._derivatives(z, chance)
        hessian = _Hessian(self, weight, of_manager, of_opening)
        value -= len(manager) * np.log(of_manager) + len(opening) * np.log(of_opening) + hessian.log_determinant / 2
        by_deviation = self._by_deviation(hessian, manager, opening, deviations, z, slope, weight, bend)
        return _Mode(value, by_deviation, terms, hessian.covariance, manager, hessian.variances()[0])

    def _penalised(
        self, terms: np.ndarray, manager: np.ndarray, opening: np.ndarray, deviations: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Log likelihood with the densities of managers and openings, and the standardised rows."""
        of_manager, of_opening, chance = deviations
        z = (self.y - self.predict(terms, manager, opening)) / chance
        each = -0.5 * z**2 - np.log(chance)
        each[self.running] = special.log_ndtr(-z[self.running])
        random = (manager @ manager) / of_manager**2 + (opening @ opening) / of_opening**2
        return self.counted @ each - random / 2, z

    def _derivatives(self, z: np.ndarray, chance: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """First derivative of each row's log likelihood by its predictor, minus the second, and minus the third."""
        slope, weight, bend = z.copy(), np.ones(len(z)), np.zeros(len(z))
        left = z[self.running]
        mills = np.exp(-0.5 * left**2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(-left))
        curve = np.maximum(mills * (mills - left), 1e-12)
        slope[self.running], weight[self.running] = mills, curve
        bend[self.running] = mills - curve * (2 * mills - left)
        return self.counted * slope / chance, self.counted * weight / chance**2, self.counted * bend / chance**3

    def _by_deviation(
        self, hessian: _Hessian, manager: np.ndarray, opening: np.ndarray, deviations: np.ndarray,
        z: np.ndarray, slope: np.ndarray, weight: np.ndarray, bend: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """Derivatives of Laplace's approximation by the logarithms of the standard deviations.

        Each is direct, or through the weights of the rows still running, which move with the mode.
        """
        of_manager, of_opening, chance = deviations
        manager_variance, opening_variance, variance = hessian.variances()
        scale = -slope - weight * z * chance  # how a row's first derivative moves with log chance
        moved = hessian.solve(-0.5 * variance * bend)
        by_manager = (manager @ manager + manager_variance.sum() + 2 * manager @ moved[1]) / of_manager**2
        by_opening = (opening @ opening + opening_variance.sum() + 2 * opening @ moved[2]) / of_opening**2
        by_chance = slope @ z * chance - self.counted[self.done].sum()
        by_chance += variance @ weight - 0.5 * variance @ (bend * z) * chance + self.predict(*moved) @ scale
        return np.array([by_manager - len(manager), by_opening - len(opening), by_chance])


class _Hessian:
    """Minus the second derivatives of the penalised log likelihood at given weights of the rows.

    Openings are eliminated first, then managers, which leaves the terms: nothing larger than terms x terms is inverted.
    """

    def __init__(self, waits: _Waits, weight: np.ndarray, of_manager: float, of_opening: float) -> None:
        self.waits, x = waits, waits.x
        self.weight = waits.by_opening(weight)
        self.opening = self.weight + 1 / of_opening**2
        self.taken = self.weight / self.opening  # what an opening takes; its manager gets the rest
        self.manager = waits.by_manager(self.weight * (1 - self.taken)) + 1 / of_manager**2
        weighted = weight[:, None] * x
        self.x_opening = waits.by_opening(weighted)
        self.x_manager = waits.by_manager((1 - self.taken)[:, None] * self.x_opening)
        self.per_opening = self.x_opening / self.opening[:, None]
        self.per_manager = self.x_manager / self.manager[:, None]
        terms = x.T @ weighted - self.x_opening.T @ self.per_opening - self.x_manager.T @ self.per_manager
        self.covariance = np.linalg.inv(terms)
        self.log_determinant = np.linalg.slogdet(terms)[1] + np.log(self.opening).sum() + np.log(self.manager).sum()

    def solve(
        self, slope: np.ndarray, manager: np.ndarray | float = 0.0, opening: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Steps of terms, managers and openings for derivatives by row, less those of managers and openings."""
        by_opening = self.waits.by_opening(slope)
        right_opening = by_opening - opening
        right_manager = self.waits.by_manager(by_opening - self.taken * right_opening) - manager
        right = self.waits.x.T @ slope - self.per_opening.T @ right_opening - self.per_manager.T @ right_manager
        terms = self.covariance @ right
        managers = right_manager / self.manager - self.per_manager @ terms
        openings = (
            right_opening / self.opening - self.per_opening @ terms - self.taken * managers[self.waits.manager_of]
        )
        return terms, managers, openings

    def variances(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Variances of managers, openings and the rows' predictors."""

        def spread(influence: np.ndarray) -> np.ndarray:
            return ((influence @ self.covariance) * influence).sum(axis=1)

        waits = self.waits
        of_manager, per_manager = self.manager[waits.manager_of], self.per_manager[waits.manager_of]
        managers = 1 / self.manager + spread(self.per_manager)
        openings = 1 / self.opening + self.taken**2 / of_manager
        openings += spread(self.per_opening - self.taken[:, None] * per_manager)
        both = 1 / self.opening + (1 - self.taken) ** 2 / of_manager
        shift = self.per_opening + (1 - self.taken)[:, None] * per_manager
        return managers, openings, both[waits.opening_of] + spread(waits.x - shift[waits.opening_of])


def _order(first: str) -> list[int]:
    return [PARTS.index(first), *(place for place, part in enumerate(PARTS) if part != first)]


def _deviations(parameters: np.ndarray, first: str = "manager") -> np.ndarray:
    """Standard deviations from the logits of one part's share and of the next part's share of the rest."""
    share, rest, total = parameters
    own, others = special.expit(share), special.expit(-share)
    found = np.empty(3)
    found[_order(first)] = np.sqrt([own, others * special.expit(rest), others * special.expit(-rest)])
    return np.exp(total) * found


def _parameters(deviations: np.ndarray, first: str) -> np.ndarray:
    """Undo :func:`_deviations`."""
    own, second, third = deviations[_order(first)] ** 2
    whole = own + second + third
    logits = special.logit([own / whole, second / (second + third)])
    return np.clip([*logits, np.log(whole) / 2], -LIMITS, LIMITS)


def _derivatives_of_deviations(parameters: np.ndarray, first: str) -> np.ndarray:
    """Derivatives of the logarithms of the standard deviations (rows) by the parameters (columns)."""
    share, rest = special.expit(parameters[:2])
    found = np.empty((3, 3))
    found[_order(first)] = [[1 - share, 0, 2], [-share, 1 - rest, 2], [-share, -rest, 2]]
    return found / 2


def _maximise(
    problem: _Waits, start: np.ndarray, scale: np.ndarray, first: str = "manager"
) -> tuple[np.ndarray, float]:
    """Maximise over the parameters start + scale x free numbers; return parameters and log likelihood."""

    def place(free: np.ndarray) -> np.ndarray:
        return np.clip(start + scale @ free, -LIMITS, LIMITS)

    def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = place(free)
        mode = problem.mode(_deviations(parameters, first))
        slope = _derivatives_of_deviations(parameters, first).T @ mode.slope
        return -mode.value, -scale.T @ np.where(np.abs(parameters) < LIMITS, slope, 0)

    best = optimize.minimize(loss, np.zeros(scale.shape[1]), jac=True, method="L-BFGS-B", options={"ftol": 1e-9})
    return place(best.x), -best.fun


def _shares(
    problem: _Waits, deviations: np.ndarray, maximum: float, confidence: float, counts: Mapping[str, int]
) -> pd.DataFrame:
    """Shares of variance with profile-likelihood intervals."""
    shares = deviations**2 / (deviations**2).sum()
    alone = len(problem.opening_starts) == len(problem.y)
    information = _information(problem, deviations)
    rows = []
    for part, deviation, share in zip(PARTS, deviations, shares):
        row = {"part": part, "standard_deviation": deviation, "estimate": share}
        row["low"], row["high"] = _profile(problem, deviations, maximum, information, part, confidence)
        note = ""
        if alone and part != "manager":
            row = {"part": part} | dict.fromkeys(("standard_deviation", "estimate", "low", "high"), np.nan)
            note = cannot_tell("no opening has more than one wait, so opening and chance look alike")
        rows.append({**row, **counts, "method": METHOD, "note": note})
    return pd.DataFrame(rows)


def _information(problem: _Waits, deviations: np.ndarray, step: float = 1e-3) -> np.ndarray:
    """Minus the second derivatives by the logarithms of the standard deviations: where to search, and how far."""
    here = problem.mode(deviations).slope
    there = [problem.mode(deviations * np.exp(step * move)).slope for move in np.eye(3)]
    found = (here - np.array(there)) / step
    return (found + found.T) / 2


def _around(deviations: np.ndarray, information: np.ndarray, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Parameters at the maximum and about their covariance, which says how far to search."""
    best = _parameters(deviations, part)
    best[0] = np.clip(best[0], 1 - EDGE, EDGE - 1)
    bend = _derivatives_of_deviations(best, part)
    values, vectors = np.linalg.eigh(bend.T @ information @ bend)
    return best, (vectors / np.maximum(values, 1.0)) @ vectors.T


def _profile(
    problem: _Waits, deviations: np.ndarray, maximum: float, information: np.ndarray, part: str, confidence: float
) -> tuple[float, float]:
    """Ends of the profile-likelihood interval of one part's share; 0 or 1 where the data do not exclude it."""
    best, covariance = _around(deviations, information, part)
    along = covariance[:, 0] / covariance[0, 0]  # how the other two parameters move with the share
    scale = np.linalg.cholesky(covariance[1:, 1:] - np.outer(along[1:], covariance[0, 1:]))
    scale = np.vstack([np.zeros(2), scale])
    wanted = stats.norm.ppf(0.5 + confidence / 2)

    def distance(place: float) -> float:
        """Root of the deviance, in standard errors: close to a straight line over the logit."""
        start = best + along * (place - best[0])
        return np.sqrt(max(2 * (maximum - _maximise(problem, start, scale, part)[1]), 0.0)) - wanted

    ends = []
    for direction in (-1, 1):
        near, at_near = best[0], -wanted
        far = best[0] + direction * np.clip(wanted * np.sqrt(covariance[0, 0]), 0.05, 1.0)
        for _ in range(12):
            at_far = distance(far)
            if abs(at_far) < 0.003 or (abs(far) == EDGE and at_far < 0):
                break
            slope = (at_far - at_near) / (far - near)
            ahead = far - at_far / slope if direction * slope > 1e-6 else direction * EDGE
            # never back past the estimate, never more than four times as far
            stretch = np.clip(direction * (ahead - best[0]), 0.05, 4 * direction * (far - best[0]))
            near, at_near = far, at_far
            far = float(np.clip(best[0] + direction * stretch, -EDGE, EDGE))
        ends.append(float(special.expit(far)) if abs(far) < EDGE else max(0.0, float(direction)))
    return ends[0], ends[1]


def _terms(
    names: Sequence[str], values: Mapping[str, tuple[float, float]], degrees: int, confidence: float,
    rest: Mapping[str, object],
) -> pd.DataFrame:  # fmt: skip
    quantile = stats.t.ppf(0.5 + confidence / 2, degrees)
    rows = []
    for name in names:
        estimate, error = values.get(name, (np.nan, np.nan))
        note = "" if name in values else cannot_tell("not distinguishable from the other terms in these data")
        if error > ENDLESS:
            estimate, error, note = np.nan, np.nan, cannot_tell("next to no wait of this kind has ended")
        low, high = estimate - quantile * error, estimate + quantile * error
        figures = {"estimate": estimate, "standard_error": error, "low": low, "high": high}
        figures["p_value"] = 2 * stats.t.sf(abs(estimate) / error, degrees)
        figures |= {"ratio": np.exp(estimate), "ratio_low": np.exp(low), "ratio_high": np.exp(high)}
        rows.append({"term": name, **figures, **rest, "note": note})
    return pd.DataFrame(rows)


def _independent(design: np.ndarray) -> list[int]:
    """Leftmost columns that are no combination of columns before them."""
    length = np.linalg.norm(design, axis=0)
    present = np.flatnonzero(length > 0)
    size = np.abs(np.diag(np.linalg.qr(design[:, present] / length[present], mode="r")))
    return [int(column) for column, left in zip(present, size) if left > 1e-7]


def _left_out(problem: _Waits, mode: _Mode, deviations: np.ndarray, used: pd.DataFrame, cluster: str) -> np.ndarray:
    """Jackknife standard errors of the terms, the standard deviations being kept."""
    codes, names = pd.factorize(used[cluster])
    without = np.full((len(names), len(mode.terms)), np.nan)
    for code in range(len(names)):
        if len(_independent(problem.x[codes != code])) == problem.x.shape[1]:
            without[code] = problem.without(codes == code).mode(deviations).terms
    usable = without[~np.isnan(without).any(axis=1)]
    count = len(usable)
    return np.sqrt((count - 1) / count * ((usable - usable.mean(axis=0)) ** 2).sum(axis=0))


def _managers(problem: _Waits, mode: _Mode, used: pd.DataFrame, confidence: float) -> pd.DataFrame:
    half = stats.norm.ppf(0.5 + confidence / 2) * np.sqrt(mode.manager_variance)
    found = pd.DataFrame(
        {
            MANAGER: used[MANAGER].drop_duplicates().to_numpy(),
            "respondents": 1,
            "observations": used.groupby(MANAGER, sort=False).size().to_numpy(),
            "estimate": mode.manager,
            "standard_error": np.sqrt(mode.manager_variance),
            "low": mode.manager - half,
            "high": mode.manager + half,
        }
    )
    for name, source in (("ratio", "estimate"), ("ratio_low", "low"), ("ratio_high", "high")):
        found[name] = np.exp(found[source])
    return found


class _Refits:
    """The model without some managers: standard deviations, terms and the other managers found anew."""

    def __init__(self, problem: _Waits, deviations: np.ndarray, used: pd.DataFrame, confidence: float) -> None:
        self.problem, self.deviations, self.used, self.confidence = problem, deviations, used, confidence

    @cached_property
    def _search(self) -> tuple[np.ndarray, np.ndarray]:
        best, covariance = _around(self.deviations, _information(self.problem, self.deviations), "manager")
        return best, np.linalg.cholesky(covariance)

    def __call__(self, managers: Sequence[object]) -> pd.DataFrame:
        left_out = self.used[MANAGER].isin(managers).to_numpy()
        problem = self.problem.without(left_out)
        best, _ = _maximise(problem, *self._search)
        found = _managers(problem, problem.mode(_deviations(best)), self.used, self.confidence)
        return found[~found[MANAGER].isin(managers)]
