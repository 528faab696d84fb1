"""How engaged hiring managers are, how sure we are, and what of it is the manager, the opening, or chance.

Averages per manager mislead three ways: what was never done is left out, a manager with two openings jumps about by
chance, and a slow opening looks like a slow manager. Here, what was never done counts as "longer than we watched",
managers with few occasions are drawn towards the average (shrinkage), and manager and opening are told apart.

One manager's figures are personal data. Functions that return them say so; such frames are for that manager, or for
an audience the study names with a legal basis. Everything else is for groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from helpers.analysis.hiring.recorded import STEPS, comparable
from helpers.analysis.methods import clustered, random_intercepts, units
from helpers.analysis.methods.counts import because, cannot_tell, people, require
from helpers.analysis.methods.people import People
from helpers.analysis.methods.random_intercepts import RandomIntercepts
from helpers.analysis.methods.shrinkage import shrink
from helpers.rounding import snapped_all

MANAGER, OPENING = "hiring_manager_id", "requisition_id"
#: Manager and opening, as the model of waits calls them.
NAMES = ("manager", "opening")
METHOD = random_intercepts.METHOD.format(*NAMES)
SCENARIO = "mean over openings of shrunken managers' days ahead of the quantile; delete-a-group jackknife with refits"
FEWEST_MANAGERS = 5
TOO_FEW = "There are too few managers to group them from fast to slow without describing single ones."
ONE_BAND = "Managers differ too little to be divided into bands without describing each."
NO_SCENARIO = "There are too few waits or filled openings to tell managers’ speed from chance: no scenario."
NOTHING_RECORDED = "No step of managers is recorded with a time agreed, so there is no index."
NOTHING_DUE = "Nothing was due from you in these records, so you have no index."


# --- what managers did ----------------------------------------------------------------------------------------------


#: What managers can do in the first days of an opening.
EARLY = ("intake", "brief", "cv_review")


def early_actions(
    openings: pd.DataFrame,
    waits: pd.DataFrame,
    days: float = 14,
    actions: Sequence[str] = EARLY,
    steps: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Measure what managers did in the first days of each opening that was still open afterwards.

    Parameters
    ----------
    openings, waits : pandas.DataFrame
        As ``records.openings`` and ``records.waits`` return them.
    days : float
        The landmark: length of the first stretch, in days from the start of the opening.
    actions : sequence of str
        Waits that count, by name.
    steps : pandas.DataFrame, optional
        Which of them are recorded in each opening, as :meth:`.recorded.Recorded.steps` returns it. Then the same
        actions count in all openings, and openings in which one is not recorded are left out; see
        :func:`.recorded.comparable`. None: all are recorded in all.

    Returns
    -------
    pandas.DataFrame
        The openings that lasted longer than ``days``, with ``asked`` (actions due within the stretch), ``early``
        (share of them done in time; missing where nothing was due) and ``days_after`` (days from the landmark to the
        end or the day of the study). ``attrs["actions"]`` names the actions that count.

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
    if steps is not None:
        actions, like = comparable(steps, actions)
        reached = reached[reached[OPENING].isin(like)]
    due = waits[waits["wait"].isin(actions) & waits["in_time"].notna()]
    due = due.merge(reached[[OPENING, "started_at"]], on=OPENING, suffixes=("", "_opening"))
    due = due[due["due_at"] <= due["started_at_opening"] + pd.Timedelta(days=days)]
    kept = due["in_time"].astype(float).groupby(due[OPENING]).agg(["size", "mean"])
    reached = reached.assign(days_after=reached["days"] - days)
    reached["asked"] = reached[OPENING].map(kept["size"]).fillna(0).astype(int)
    reached["early"] = reached[OPENING].map(kept["mean"])
    reached = reached.reset_index(drop=True)
    reached.attrs["actions"] = list(actions)
    return reached


#: Parts of the index: label, and the waits that count towards it.
INDEX_PARTS = {
    "start": ("Intake and brief in time", ("intake", "brief")),
    "cv_review": ("CVs reviewed in time", ("cv_review",)),
    "feedback": ("Feedback in time", ("feedback",)),
    "interviews": ("Interviews kept as agreed", ()),
}


def index(
    waits: pd.DataFrame, interviews: pd.DataFrame, confidence: float = 0.95, steps: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Compute an engagement index per manager, with its parts. Personal data.

    Parameters
    ----------
    waits, interviews : pandas.DataFrame
        As ``records.waits`` and ``records.interviews`` return them.
    confidence : float
        Confidence level of the interval after shrinkage, between 0 and 1.
    steps : pandas.DataFrame, optional
        Which steps are recorded in each opening, as :meth:`.recorded.Recorded.steps` returns it. Then the index is made
        of the same steps for everybody, and openings in which one is not recorded are left out; see
        :func:`.recorded.comparable`. None: all are recorded in all.

    Returns
    -------
    pandas.DataFrame
        One row per hiring manager: hiring_manager_id, respondents (1), for every part of :data:`INDEX_PARTS` its
        share (0 to 100; missing without occasions) and ``..._occasions``, ``occasions`` in all, ``index`` (mean of
        the parts there are, 0 to 100), ``standard_error``, and after shrinkage ``estimate``, ``low``, ``high``, and
        ``spread``, which is for histograms. A manager of whom nothing is recorded has no row. ``attrs["parts"]`` holds
        the parts and what they are called: one whose steps are not recorded is not among them.

    Notes
    -----
    Every part counts the same, however many occasions it had. An interview is kept when it was neither declined,
    rescheduled nor missed. The sampling variance of a part is that of a share with one success and one failure added,
    so that three of three is not taken for certainty. The last columns are those of
    :func:`helpers.analysis.methods.shrinkage.shrink`, no interval beyond 0 and 100.
    """
    counted = list(STEPS)
    if steps is not None:
        counted, like = comparable(steps, counted)
        waits, interviews = (rows[rows[OPENING].isin(like)] for rows in (waits, interviews))
    told = interviews[["declined", "rescheduled", "missed"]]
    kept = interviews.assign(part="interviews", good=~told.any(axis=1))[told.notna().all(axis=1)]
    kept = kept[: len(kept) if "interviews" in counted else 0]
    promised = waits[waits["in_time"].notna() & (waits["problem"] == "") & waits["wait"].isin(counted)]
    part_of = {wait: part for part, (_, names) in INDEX_PARTS.items() for wait in names}
    promised = promised.assign(part=promised["wait"].map(part_of), good=promised["in_time"])
    both = pd.concat([kept[[MANAGER, "part", "good"]], promised[[MANAGER, "part", "good"]]])
    both = both.dropna(subset=[MANAGER, "part"])
    each = both["good"].astype(float).groupby([both[MANAGER], both["part"]])
    good, size = (found.unstack("part").reindex(columns=list(INDEX_PARTS)) for found in (each.sum(), each.size()))
    smoothed = (good + 1) / (size + 2)
    parts = size.notna().sum(axis=1)
    found = (100 * good / size).join(size.fillna(0).astype(int).add_suffix("_occasions"))
    found["occasions"] = size.sum(axis=1).astype(int)
    found["index"] = (100 * good / size).mean(axis=1)
    found["standard_error"] = 100 * np.sqrt((smoothed * (1 - smoothed) / size).sum(axis=1)) / parts
    found = found.reset_index().assign(respondents=1)
    found = shrink(found, "index", "standard_error", confidence, unit="managers")
    found[["low", "high", "spread"]] = found[["low", "high", "spread"]].clip(0, 100)  # as an index does
    found.attrs |= {"parts": _parts_of(counted), "absent": NOTHING_RECORDED}
    return found


def _parts_of(counted: Sequence[str]) -> dict[str, str]:
    """Return the parts that these steps make up, and what they are called."""
    parts = {}
    for part, (label, names) in INDEX_PARTS.items():
        held = [name for name in names or (part,) if name in counted]
        if held:
            parts[part] = label if len(held) == len(names or (part,)) else f"{held[0].capitalize()} in time"
    return parts


#: What the parts are called, and the index with them.
PARTS = {part: label for part, (label, _) in INDEX_PARTS.items()}
LABELS = PARTS | {"index": "Engagement index"}


def parts(index: pd.DataFrame) -> dict[str, str]:
    """Return the parts of which an index is made, with what they are called.

    Parameters
    ----------
    index : pandas.DataFrame
        As :func:`index` returns it.

    Returns
    -------
    dict of str to str
        Column to label.
    """
    return dict(index.attrs.get("parts", PARTS))


def labels(index: pd.DataFrame) -> dict[str, str]:
    """Return what :func:`parts` does, and the index itself.

    Parameters
    ----------
    index : pandas.DataFrame
        As :func:`index` returns it.

    Returns
    -------
    dict of str to str
        Column to label.
    """
    return parts(index) | {"index": LABELS["index"]}


def index_parts(index: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Average the index and its parts over managers, each of whom counts the same.

    Parameters
    ----------
    index : pandas.DataFrame
        As :func:`index` returns it.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per part that is recorded, and one for the index: part (its name), estimate, low, high (0 to 100),
        occasions (median per manager), respondents (managers who have the part), clusters, observations, method, note.

    Notes
    -----
    Interval of a share, see :func:`helpers.analysis.methods.clustered.proportion`: index and parts lie between 0 and
    100.

    Examples
    --------
    >>> from helpers.analysis.hiring.hiring_records import HiringRecords
    >>> from helpers.data import Study
    >>> hiring = HiringRecords.of(Study.load("data/sample"))
    >>> scores = index(hiring.waits, hiring.interviews, 0.95, hiring.steps)
    >>> index_parts(scores)[["part", "estimate", "low", "high"]].head(2).round()
                           part  estimate   low  high
    0  Intake and brief in time      71.0  68.0  74.0
    1      CVs reviewed in time      74.0  71.0  77.0
    """
    require(index, [MANAGER, *PARTS])
    if not parts(index):
        return because(pd.DataFrame(columns=["part", "estimate", "people"]), NOTHING_RECORDED)
    rows = []
    for part, label in labels(index).items():
        share = index.assign(**{label: index[part] / 100})
        found = clustered.proportion(share, label, MANAGER, confidence=confidence)
        rows.append(found.assign(part=label, occasions=index[_occasions(part)].median()))
    return units.per_cent(pd.concat(rows, ignore_index=True))


def average_parts(index: pd.DataFrame) -> pd.DataFrame:
    """Average the index and its parts over managers, without intervals.

    Parameters
    ----------
    index : pandas.DataFrame
        As :func:`index` returns it.

    Returns
    -------
    pandas.DataFrame
        One row per part, and one for the index: part (as in :data:`LABELS`), all (mean, 0 to 100), respondents
        (managers who have the part).
    """
    return pd.DataFrame(
        [
            {"part": part, "all": index[part].mean(), "respondents": index[part].count()}
            | {"people": People(index[index[part].notna()], MANAGER, value=label)}
            for part, label in labels(index).items()
        ]
    )


def own_parts(index: pd.DataFrame, manager: str, averages: pd.DataFrame) -> pd.DataFrame:
    """Set one manager's index and its parts beside the averages over managers. Personal data.

    Parameters
    ----------
    index : pandas.DataFrame
        As :func:`index` returns it.
    manager : str
        Id of the manager.
    averages : pandas.DataFrame
        As :func:`average_parts` returns them, protected.

    Returns
    -------
    pandas.DataFrame
        The averages with label, own (0 to 100), occasions (of the manager) and manager. No rows where nothing was due
        from the manager.
    """
    mine = index[index[MANAGER] == manager].head(1)
    if mine.empty:
        return because(averages[:0], NOTHING_DUE)
    return averages.assign(
        manager=manager,
        label=averages["part"].map(labels(index)),
        own=[mine[part].iloc[0] for part in averages["part"]],
        occasions=[mine[_occasions(part)].iloc[0] for part in averages["part"]],
    )


def _occasions(part: str) -> str:
    return "occasions" if part == "index" else f"{part}_occasions"


#: Bands of the index, each without its upper end but the last.
BANDS = ("below 50", "50 to 60", "60 to 70", "70 to 80", "80 to 90", "90 to 100")


def band(values: pd.Series) -> pd.Series:
    """Name the band of :data:`BANDS` in which each value lies.

    Parameters
    ----------
    values : pandas.Series
        Numbers from 0 to 100.

    Returns
    -------
    pandas.Series
        Such as ``"50 to 60"``, which holds 50 but not 60; missing where the value is.

    Examples
    --------
    >>> import pandas as pd
    >>> band(pd.Series([49.9, 60.0, 100.0])).tolist()
    ['below 50', '60 to 70', '90 to 100']
    """
    edges = [-np.inf, 50, 60, 70, 80, 90, np.inf]
    return pd.cut(snapped_all(values), edges, labels=list(BANDS), right=False).astype(object)


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
        the managers who have the part; missing where none has). A column of which all managers are in one band is left
        out, since it would tell the band of each.
    """
    rows = []
    if not parts(index):
        return because(pd.DataFrame(columns=["part", "band", "respondents", "share", "people"]), NOTHING_RECORDED)
    for column, label in columns.items():
        bands = band(index[column])
        managers = bands.value_counts().reindex(BANDS, fill_value=0)
        if managers.gt(0).sum() == 1:
            continue
        share = 100 * managers / managers.sum() if managers.sum() else managers * np.nan
        who = [People(index[bands == name], MANAGER, value=f"{label}: {name}") for name in BANDS]
        rows.append(
            pd.DataFrame({"part": label, "band": BANDS, "respondents": managers, "share": share, "people": who})
        )
    columns_of = pd.DataFrame(columns=["part", "band", "respondents", "share", "people"])
    return because(pd.concat(rows, ignore_index=True) if rows else columns_of, ONE_BAND)


def speed_groups(managers: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Take managers together from fast to slow, so that no single one is described.

    Parameters
    ----------
    managers : pandas.DataFrame
        ``intercepts`` of :func:`wait_model`.
    minimum : int
        Fewest managers in a group (the study's ``min_group``).

    Returns
    -------
    pandas.DataFrame
        One row per group, 4 to 10 of about the same size and more than ``minimum``, so that each member is one among
        at least so many others: group (its name), ratio, ratio_low, ratio_high (geometric
        mean over the group of the managers' shrunken ratios and of the ends of their intervals), respondents (managers
        in the group). Empty where there are too few managers for 4 groups.
    """
    count = min(len(managers) // (minimum + 1), 10)
    if count < 4:
        return because(
            pd.DataFrame(columns=["group", "ratio", "ratio_low", "ratio_high", "respondents", "people"]), TOO_FEW
        )
    ranked = managers.sort_values(["estimate", MANAGER], ignore_index=True)
    names = [f"Group {place} of {count}" for place in range(1, count + 1)]
    names[0], names[-1] = f"{names[0]} (fastest)", f"{names[-1]} (slowest)"
    group = pd.Series([names[place] for place in ranked.index * count // len(ranked)], name="group")
    found = np.exp(ranked[["estimate", "low", "high"]].groupby(group, sort=False).mean())
    found = found.set_axis(["ratio", "ratio_low", "ratio_high"], axis="columns")
    who = {name: People(rows, MANAGER, value="speed") for name, rows in ranked.groupby(group, sort=False)}
    return found.assign(respondents=group.value_counts(), people=pd.Series(who, dtype=object)).reset_index()


def speed_beside_groups(managers: pd.DataFrame, minimum: int, manager: str) -> pd.DataFrame:
    """Set one manager's speed beside that of groups of managers. Personal data.

    Parameters
    ----------
    managers, minimum
        As for :func:`speed_groups`.
    manager : str
        Id of the manager.

    Returns
    -------
    pandas.DataFrame
        The rows of :func:`speed_groups` and one for the manager (group "You", ``manager`` the id), with ``who`` (whose
        line it is), from fast to slow. No rows where the model does not know the manager.
    """
    you = managers[managers[MANAGER] == manager].assign(manager=manager, group="You", who="You")
    if you.empty:
        return because(you, "The records are too few to tell your feedback from chance.")
    groups = speed_groups(managers, minimum).assign(who="Groups of managers")
    return pd.concat([you, groups]).sort_values("ratio", ignore_index=True).astype({"observations": "Int64"})


def promises_kept(waits: pd.DataFrame, steps: pd.DataFrame | None = None) -> pd.DataFrame:
    """Count for every manager the promises that fell due, and those kept. Personal data.

    Parameters
    ----------
    waits : pandas.DataFrame
        Rows of ``records.waits`` in which it was the manager's turn.
    steps : pandas.DataFrame, optional
        As for :func:`index`: only promises that are recorded for everybody count.

    Returns
    -------
    pandas.DataFrame
        One row per manager: hiring_manager_id, kept, due (counts), respondent_id (the manager again).
    """
    if steps is not None:
        counted, like = comparable(steps, [name for name in STEPS if name != "interviews"])
        waits = waits[waits["wait"].isin(counted) & waits[OPENING].isin(like)]
    promised = waits[waits["in_time"].notna() & waits[MANAGER].notna()]
    kept = promised["in_time"].astype(int).groupby(promised[MANAGER])
    found = kept.agg(kept="sum", due="size").reset_index().assign(respondent_id=lambda rows: rows[MANAGER])
    return because(found, "No promise of a manager is recorded that has fallen due, so there is no funnel.")


# --- attitude and behaviour -----------------------------------------------------------------------------------------


def scores_before(openings: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Join each opening with what its manager answered in the last survey wave that ended before it began.

    Parameters
    ----------
    openings : pandas.DataFrame
        As ``records.openings`` (or any frame with hiring_manager_id and opened_at).
    answers : pandas.DataFrame
        One row per manager's answer sheet: manager_id, hr_id, wave, submitted_at, score, and cluster_id where it is
        known what belongs together.

    Returns
    -------
    pandas.DataFrame
        The openings with wave_before (empty before the first wave's end), score (mean over the manager's sheets of
        that wave; missing where the manager did not answer in it), hr_id (the manager's HR partner then) and
        cluster_id.

    Notes
    -----
    A wave ends with its last answer, from anyone. Only what was said before an opening can help to foresee it; an
    older answer does not stand in for one that is missing.
    """
    ends = answers.groupby("wave")["submitted_at"].max().sort_values().rename("ended_at").reset_index()
    place = ends["ended_at"].searchsorted(openings["opened_at"], side="left") - 1
    wave = ends["wave"].to_numpy(object)[np.maximum(place, 0)] if len(ends) else ""
    found = openings.assign(wave_before=np.where(place < 0, "", wave))
    last = {name: (name, "last") for name in ("hr_id", "cluster_id") if name in answers}
    sheets = answers.groupby(["manager_id", "wave"]).agg(score=("score", "mean"), **last).reset_index()
    sheets = sheets.rename(columns={"manager_id": MANAGER, "wave": "wave_before"})
    return found.merge(sheets, on=[MANAGER, "wave_before"], how="left")


def days_saved(turns: pd.DataFrame, managers: pd.DataFrame, quantile: float = 0.25) -> pd.DataFrame:
    """Compute how many days each filled opening would have saved had its manager been as fast as the fast quarter.

    Parameters
    ----------
    turns : pandas.DataFrame
        As ``records.turns`` returns it.
    managers : pandas.DataFrame
        ``intercepts`` of :func:`wait_model`.
    quantile : float
        Which manager to be as fast as: 0.25 is the one a quarter of managers are faster than. Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per filled opening of which all days of the manager are known: requisition_id, hiring_manager_id,
        respondent_id, days (time to fill), held (days in which it was the manager's turn), saved (days).

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
    turns = _told_of_managers(turns)
    mine = turns.assign(held=turns["days"].where(turns["holder"] == "manager", 0.0))
    found = mine.groupby([OPENING, MANAGER, "respondent_id"], as_index=False)[["days", "held"]].sum()
    return found.assign(saved=found["held"] * found[MANAGER].map(known).fillna(float(_share_saved(-fast, whole))))


def _told_of_managers(turns: pd.DataFrame) -> pd.DataFrame:
    """Take the openings of which all days in which it was the manager's turn are known."""
    unknown = turns["days"].isna() & (turns["holder"] == "manager")
    return turns[~turns[OPENING].isin(turns.loc[unknown, OPENING])]


def _share_saved(ahead: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Mean of max(0, 1 - exp(-u)) for a normal u."""
    place = ahead / spread
    return special.ndtr(place) - np.exp(spread**2 / 2 - ahead + special.log_ndtr(place - spread))


#: Groups of managers left out in turn for the scenario's interval.
GROUPS = 30


def scenario(
    model: RandomIntercepts, turns: pd.DataFrame, quantile: float = 0.25, confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate the days saved per filled opening if every manager were as fast as the fast quarter.

    Parameters
    ----------
    model : RandomIntercepts
        Of everything managers let others wait for.
    turns, quantile
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
    on the number of groups less one, because days saved are never negative and their error grows with them. Where it
    reaches beyond the mean days that managers held, which nobody can save more of, the data cannot tell.

    References
    ----------
    Kott, P. S. (2001). The delete-a-group jackknife. *Journal of Official Statistics*, 17, 521-526.

    Examples
    --------
    >>> from helpers.analysis.hiring.hiring_records import HiringRecords
    >>> from helpers.data import Study
    >>> hiring = HiringRecords.of(Study.load("data/sample"))
    >>> model = wait_model("wait", hiring.of_managers)
    >>> scenario(model, hiring.turns)[["estimate", "low", "high"]].round(1)
       estimate  low  high
    0       2.5  2.2   2.8
    """
    turns = _told_of_managers(turns[turns[MANAGER].notna()])
    managers = turns[MANAGER].unique()
    counts = people(turns, MANAGER, additive=False) | {"observations": turns[OPENING].nunique()}
    row = dict.fromkeys(("estimate", "standard_error", "low", "high"), np.nan)
    rest = {**counts, "method": SCENARIO}
    if model.intercepts.empty or len(managers) < FEWEST_MANAGERS:
        note = cannot_tell(
            "the managers' speed cannot be told from chance"
            if model.intercepts.empty
            else f"fewer than {FEWEST_MANAGERS} managers filled an opening"
        )
        return pd.DataFrame([row | rest | {"note": note}])
    everyone = pd.unique(np.r_[model.intercepts[MANAGER].to_numpy(object), managers.astype(object)])
    groups = [everyone[place::GROUPS] for place in range(min(GROUPS, len(everyone)))]
    without = [
        days_saved(turns[~turns[MANAGER].isin(group)], model.without(group), quantile)["saved"].mean()
        for group in groups
    ]
    each = days_saved(turns, model.intercepts, quantile)
    estimate, most = each["saved"].mean(), each["held"].mean()
    error = np.sqrt((len(groups) - 1) / len(groups) * np.nansum((without - np.nanmean(without)) ** 2))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # of next to nothing, which is refused below
        stretch = np.exp(stats.t.ppf(0.5 + confidence / 2, len(groups) - 1) * error / estimate)
    if not estimate * stretch <= most:
        note = cannot_tell("the interval reaches beyond all the days that managers were waited for")
        return pd.DataFrame([row | rest | {"note": note}])
    row = {"estimate": estimate, "standard_error": error, "low": estimate / stretch, "high": estimate * stretch}
    return pd.DataFrame([row | rest | {"note": ""}])


def priced(gain: pd.DataFrame, cost: float) -> pd.DataFrame:
    """Set the days saved beside what they cost.

    Parameters
    ----------
    gain : pandas.DataFrame
        As :func:`scenario` returns it.
    cost : float
        Cost of one vacant day, in any currency.

    Returns
    -------
    pandas.DataFrame
        The row of ``gain`` and the same times the cost, with ``what`` (which of the two). No rows where nothing can be
        told.
    """
    money = gain.assign(**cost * gain[["estimate", "low", "high"]], what=f"At {cost:g} a vacant day")
    both = pd.concat([gain.assign(what="Days per opening"), money], ignore_index=True)
    return because(both.dropna(subset=["estimate"]), NO_SCENARIO)


# --- the model of waits ---------------------------------------------------------------------------------------------


def wait_model(
    formula: str,
    waits: pd.DataFrame,
    cluster: str = MANAGER,
    horizon: float | None = 30,
    confidence: float = 0.95,
    fewest: int = 0,
) -> RandomIntercepts:
    """Model how long managers let others wait, with what never came as censored. Holds personal data.

    Parameters
    ----------
    formula : str
        Right-hand side, such as ``"department + location"``; ``"1"`` for none.
    waits : pandas.DataFrame
        Rows of one or several waits as :func:`helpers.analysis.hiring.records.waits` returns them. Rows with a problem,
        without a manager or with a missing predictor are left out.
    cluster : str
        Column whose values are left out in turn for the terms' variance, for predictors that vary between few
        clusters (a quality of the HR partner); the manager: variance of the model.
    horizon : float, optional
        Days after which a wait counts as "longer than this"; None: no limit.
    confidence : float
        Confidence level, between 0 and 1.
    fewest : int
        Interviews below which nothing is told of them (the study's ``min_model_n``): all tables are then without rows.

    Returns
    -------
    RandomIntercepts
        See there: terms (with low, high and p_value; in log days, and as ratios; ``attrs`` hold the formula), shares
        of variance of manager, opening and chance, and in ``intercepts`` one row per manager (personal data).

    Notes
    -----
    :func:`helpers.analysis.methods.random_intercepts.log_normal` with managers, and openings within them.

    Examples
    --------
    >>> from helpers.analysis.hiring.hiring_records import HiringRecords
    >>> from helpers.data import Study
    >>> hiring = HiringRecords.of(Study.load("data/sample"))
    >>> one = hiring.feedback.query("department == 'Sales'")
    >>> wait_model("location", one).terms[["term", "estimate", "low", "high"]].head(2).round(2)
                          term  estimate   low  high
    0                Intercept      0.85  0.48  1.22
    1  location[T.Harbourside]     -0.11 -0.73  0.51
    """
    model = random_intercepts.log_normal(formula, waits, MANAGER, OPENING, NAMES, cluster, horizon, confidence)
    model.terms.attrs["formula"] = f"log(days) ~ {formula} + {' + '.join(NAMES)}"
    model.intercepts.attrs["absent"] = TOO_FEW
    if model.observations >= fewest:
        return model
    why = f"Fewer than {fewest} interviews are too few to tell managers from chance."
    terms, intercepts = because(model.terms[:0], why), because(model.intercepts[:0], why)
    return RandomIntercepts(terms, intercepts, lambda: because(model.shares[:0], why), model.without)


#: What readers call the parts of the variance.
_PARTS = {"manager": "The manager", "opening": "The opening", "chance": "Chance, candidate, all else"}


def variance_shares(model: RandomIntercepts) -> pd.DataFrame:
    """Say how much of the differences in waits lies with managers, with openings, and with chance.

    Parameters
    ----------
    model : RandomIntercepts
        As :func:`wait_model` returns it.

    Returns
    -------
    pandas.DataFrame
        Its ``shares`` per cent; part "The manager", "The opening" and "Chance, candidate, all else".
    """
    return units.per_cent(model.shares.assign(part=model.shares["part"].map(_PARTS)))
