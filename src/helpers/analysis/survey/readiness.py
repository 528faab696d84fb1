"""What can be analysed with the answers in hand: a traffic light per planned analysis, with the reason.

Every light rests on how precise the result would be at this number of people and clusters, or on a floor below
which a method is known to mislead. ``green``: go ahead. ``amber``: possible, but rough or only in part. ``red``: not
with these data.

Notes
-----
Answers in clusters count for less: with clusters of m_g answers and intraclass correlation r, n answers are worth
n / (1 + (sum m_g^2 / n - 1) r) independent ones. The half-width of a mean is then t / sqrt(effective n), the smallest
difference that a comparison would find in 80 % of studies (t + t_power) sqrt(1/n1* + 1/n2*), both in standard
deviations of the score.

References
----------
Kish, L. (1965). *Survey Sampling*. Wiley. (Design effect.)

Bloom, H. S. (1995). Minimum detectable effects. *Evaluation Review*, 19, 547-556.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods import agreement
from helpers.analysis.methods.counts import groups, people
from helpers.analysis.survey import scales
from helpers.data import Codebook
from helpers.data.importers.ledger import answers_ledger
from helpers.data.tables import TABLES
from helpers.rounding import rounded, snapped

if TYPE_CHECKING:
    from helpers.data import Study

GREEN, AMBER, RED = "green", "amber", "red"
#: Assumed where the answers cannot show it: a usual size for ratings by members of the same unit (Bliese, 2000).
ASSUMED_ICC = 0.10
#: Half-width or difference, in standard deviations, beyond which a result is no guide (a medium effect; Cohen, 1988).
ROUGH_SD = 0.5
FEWEST_CLUSTERS = 20
RESPONDENTS_PER_PREDICTOR = 15
RATERS_FOR_RELIABILITY = (30, 100)
NOTHING_COMMON = "no dimension was asked of both sides"


def tables(study: Study, told: Callable[[int], str | int] = int) -> pd.DataFrame:
    """Count what stands in each table of a study, and what is wrong with it.

    Parameters
    ----------
    study : helpers.data.Study
        The study.
    told : callable, optional
        Words a number of answer sheets; by default it stands as it is.

    Returns
    -------
    pandas.DataFrame
        One row per table: table, rows, columns (in use), filled (per cent of their cells), duplicates (of its key),
        errors, warnings.
    """
    problems = study.check()
    rows = []
    for name in study.tables:
        if study.has(name):
            table, key = study.table(name), list(TABLES[name].key)
            used = table.loc[:, table.notna().any()]
            found = [problem.severity for problem in problems if problem.table == name]
            rows.append(
                {
                    "table": name,
                    "rows": told(len(table)) if name == "survey" else len(table),
                    "columns": used.shape[1],
                    "filled": 100 * used.notna().to_numpy().mean(),
                    "duplicates": table.duplicated(key).sum() if key else 0,
                    "errors": found.count("error"),
                    "warnings": found.count("warning"),
                }
            )
    return pd.DataFrame(rows)


def asked(responses: pd.DataFrame, codebook: Codebook, minimum: int = 1) -> pd.DataFrame:
    """Say of every side and wave which questions of the codebook hold no answer at all.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as ``study.responses()`` gives them.
    codebook : Codebook
        Which sides answer which items.
    minimum : int
        Fewest distinct people of whom that is said.

    Returns
    -------
    pandas.DataFrame
        One row per side and wave: side, wave, items (questions for this side), given (how many hold an answer), missing
        (which do not, in words; empty where all do).
    """
    labels = {dimension.id: dimension.label for dimension in codebook.dimensions}
    rows = []
    for (wave, side), part in responses.groupby(["wave", "side"], sort=False):
        if people(part)["respondents"] < minimum:
            continue
        items = [*codebook.scale_items(None, str(side)), *codebook.outcomes(str(side))]
        held = [item for item in items if item.id in part and part[item.id].notna().any()]
        without = [item for item in items if item not in held]
        of_scale = [item for item in held if item.role == "scale"]
        longer = [item for item in without if item.role == "scale"]
        only_short = bool(longer and of_scale) and not any(item.short_form for item in longer)
        only_short = only_short and all(item.short_form for item in of_scale)
        part_of = {item.dimension for item in of_scale}
        names = dict.fromkeys(item.dimension for item in longer if item.dimension)
        named = [f"“{labels[name]}”" + (" in part" if name in part_of else "") for name in names]
        words = ["all questions beyond the short form"] if only_short else named
        words += ["the overall question"] if any(item.role == "outcome" for item in without) else []
        rows.append({"side": side, "wave": wave, "items": len(items), "given": len(held), "missing": ", ".join(words)})
    return pd.DataFrame(rows, columns=["side", "wave", "items", "given", "missing"])


def _as_it_is(count: int, **about: object) -> str:
    return str(count)


def answers_read(study: Study) -> pd.DataFrame:
    """List what the answers of the survey were called before they became numbers, and on what ground they did.

    Parameters
    ----------
    study : helpers.data.Study
        The study; its log of imports holds the answers ledger.

    Returns
    -------
    pandas.DataFrame
        One row per response format, number, wording and ground: response, answer (the number), written (codes and
        wordings in the files, with what a file calls a code), why. It holds no counts: how often an answer was given
        tells of people, and stands in the log. No rows where no import is in the log.
    """
    ledger = answers_ledger(study)
    if ledger.empty:
        return pd.DataFrame(columns=["response", "answer", "written", "why"])
    formats = {item.id: item.response for item in study.codebook.items}
    named = ledger["answer"] + (" = " + ledger["called"]).where(ledger["called"] != "", "")
    why = ledger["ground"].str.replace(r'^the file calls it ".*?"', "the file calls it so", regex=True)
    told = pd.DataFrame(
        {"response": ledger["item"].map(formats), "answer": ledger["number"], "why": why, "written": named}
    )
    told = told.dropna(subset=["response"]).drop_duplicates()
    by = ["response", "answer", "why"]
    return (
        told.groupby(by, dropna=False)["written"].agg("; ".join).reset_index()[["response", "answer", "written", "why"]]
    )


def planned_analyses(
    responses: pd.DataFrame,
    codebook: Codebook,
    attributes: Sequence[str] = (),
    waves: Sequence[str] = (),
    roster: pd.DataFrame | None = None,
    minimum_group: int = 5,
    minimum_model_n: int = 20,
    smallest_effect: float = 0.2,
    confidence: float = 0.95,
    power: float = 0.8,
    told: Callable[..., str] = _as_it_is,
) -> pd.DataFrame:
    """Say for each planned analysis whether these answers carry it.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as ``study.responses()`` gives them.
    codebook : Codebook
        Dimensions and items.
    attributes : sequence of str
        Columns results are to be broken down by.
    waves : sequence of str
        Waves in order of time; the last is looked at, the one before is compared. Default: as they appear.
    roster : pandas.DataFrame, optional
        People invited, as ``study.roster()`` gives them.
    minimum_group : int
        Fewest distinct people a published group may have.
    minimum_model_n : int
        Fewest respondents a published model may have.
    smallest_effect : float
        Smallest effect of interest, in standard deviations.
    confidence, power : float
        Confidence level and power, between 0 and 1.
    told : callable, optional
        Words a number of people, of whom ``side`` may be named, for the notes; by default it stands as it is.

    Returns
    -------
    pandas.DataFrame
        One row per analysis and side or attribute: analysis, about, light (``green``, ``amber``, ``red``), note (what
        there is, in words), needs (what it takes, and why), estimate (half-width or smallest detectable difference
        in standard deviations; missing where the light rests on a count), design_effect, respondents, rated (where
        known), clusters.
    """
    waves = list(waves) or list(dict.fromkeys(responses["wave"]))
    found = scales.scores(responses, codebook)
    overall = found if found.empty else scales.across_dimensions(found).dropna(subset=["score_100"])
    current = overall[overall["wave"] == waves[-1]] if waves else overall
    if current.empty:
        note = "nobody answered enough ratings"
        return _table([_row("Means of the dimensions", "everybody", RED, note, "answers", current)])
    limits = _Limits(minimum_group, minimum_model_n, smallest_effect, confidence, power, told)
    now = found[(found["wave"] == waves[-1]) & found["score_100"].notna()]
    asked = {str(side): set(part["dimension"]) for side, part in now.groupby("side")}
    overall_asked = _overall_asked(responses[responses["wave"] == waves[-1]], codebook)
    sides = list(dict.fromkeys(current["side"]))
    rows = [_mean(current[current["side"] == side], side, limits) for side in sides]
    rows += [
        _by_group(current[current["side"] == side], side, attribute, limits)
        for side in sides
        for attribute in attributes
        if current.loc[current["side"] == side, attribute].notna().any()
    ]
    rows += [_averages(current[current["side"] == side], side, limits) for side in sides]
    rows.append(_sides(current, asked, limits))
    rows += [
        _change(found[found["side"] == side], overall[overall["side"] == side], side, waves, limits) for side in sides
    ]
    rows += [_reliability(responses[responses["wave"] == waves[-1]], codebook, side, limits) for side in sides]
    rows += [
        _drivers(current[current["side"] == side], side, len(asked[side]), overall_asked[side], limits)
        for side in sides
    ]
    rows.append(_dyads(current, asked, limits))
    rows.append(_weighting(roster, attributes, waves[-1], limits))
    return _table(rows)


def _overall_asked(responses: pd.DataFrame, codebook: Codebook) -> dict[str, bool]:
    """Tell for each side whether an overall rating was asked of it: whether anybody on it answered one."""
    return {
        str(side): any(item.id in part and part[item.id].notna().any() for item in codebook.outcomes(str(side)))
        for side, part in responses.groupby("side")
    }


def _common(asked: dict[str, set[str]]) -> set[str]:
    """Return the dimensions that both sides were asked about."""
    return asked.get("hr", set()) & asked.get("manager", set())


class _Limits:
    """What a result must reach."""

    def __init__(
        self, group: int, model: int, effect: float, confidence: float, power: float, told: Callable[..., str]
    ) -> None:
        for name, value in (("confidence", confidence), ("power", power)):
            if not 0 < value < 1:
                raise ValueError(f"{name} is {value}; expected a number between 0 and 1")
        if not effect > 0:
            raise ValueError(f"smallest_effect is {effect}; expected a number of standard deviations above 0")
        self.group, self.model, self.effect = group, model, effect
        self.confidence, self.power, self.told = confidence, power, told

    def half_width(self, sample: Sample) -> float:
        """Half the width of the interval of a mean, in standard deviations."""
        if sample.clusters < 2:
            return np.inf
        return stats.t.ppf(0.5 + self.confidence / 2, sample.clusters - 1) / np.sqrt(sample.effective)

    def detectable(self, one: Sample, other: Sample, clusters: int) -> float:
        """Smallest difference of two means found with the power asked for, in standard deviations."""
        if clusters < 3 or not one.size or not other.size:
            return np.inf
        quantiles = stats.t.ppf([0.5 + self.confidence / 2, self.power], clusters - 2)
        return quantiles.sum() * np.sqrt(1 / one.effective + 1 / other.effective)

    def light(self, precision: float) -> str:
        """Compare a precision with the smallest effect of interest."""
        precision = snapped(precision)
        if precision <= snapped(self.effect):
            return GREEN
        return AMBER if precision <= ROUGH_SD else RED


class Sample:
    """How many independent answers the answers of a group are worth.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows with ``cluster_id`` and ``score_100``.
    icc : float, optional
        Intraclass correlation; estimated from the rows when absent, and ``ASSUMED_ICC`` where that is impossible.
    """

    def __init__(self, frame: pd.DataFrame, icc: float | None = None) -> None:
        sizes = frame["cluster_id"].value_counts().to_numpy()
        self.size, self.clusters = len(frame), len(sizes)
        estimated = agreement.intraclass(frame["score_100"], frame["cluster_id"]).one if icc is None else icc
        self.icc = ASSUMED_ICC if np.isnan(estimated) else max(0.0, estimated)
        self.design_effect = 1 + (np.sum(sizes**2) / max(self.size, 1) - 1) * self.icc if self.size else np.nan
        self.effective = self.size / self.design_effect if self.size else 0.0


def _row(
    analysis: str,
    about: str,
    light: str,
    note: str,
    needs: str,
    frame: pd.DataFrame,
    precision: float = np.nan,
    design_effect: float = np.nan,
) -> dict[str, object]:
    return {
        "analysis": analysis,
        "about": about,
        "light": light,
        "note": note,
        "needs": needs,
        "estimate": precision if np.isfinite(precision) else np.nan,
        "design_effect": design_effect,
        **people(frame),
    }


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    counts = ["respondents", *(["rated"] if any("rated" in row for row in rows) else []), "clusters", "people"]
    table = pd.DataFrame(rows)
    return table[[name for name in table if name not in counts] + counts]


def _mean(frame: pd.DataFrame, side: str, limits: _Limits) -> dict[str, object]:
    sample = Sample(frame)
    width = limits.half_width(sample)
    counts = people(frame)
    needs = (
        f"at least {limits.group} respondents (confidentiality) and 2 clusters; an interval of ± {limits.effect:g} SD "
        f"or less is precise, more than ± {ROUGH_SD:g} SD is no guide (Cohen, 1988)"
    )
    light = limits.light(width) if counts["respondents"] >= limits.group else RED
    note = f"{_answers(frame, limits)}; " + (
        f"a mean is known to ± {rounded(width, 2):.2f} SD" if np.isfinite(width) else "no interval can be computed"
    )
    return _row("Means of the dimensions", side, light, note, needs, frame, width, sample.design_effect)


def _answers(frame: pd.DataFrame, limits: _Limits) -> str:
    counts, side = people(frame), _side(frame)
    respondents, clusters = (limits.told(int(counts[name]), side=side) for name in ("respondents", "clusters"))
    return f"{respondents} respondents in {clusters} clusters"


def _side(frame: pd.DataFrame) -> str:
    """Return the side that answered; empty where there are several."""
    sides = frame["side"].unique()
    return str(sides[0]) if len(sides) == 1 else ""


def _by_group(frame: pd.DataFrame, side: str, attribute: str, limits: _Limits) -> dict[str, object]:
    about = f"{side} by {attribute}"
    needs = f"at least {limits.group} respondents per group (confidentiality), ± {ROUGH_SD:g} SD or less for each mean"
    known = frame.dropna(subset=[attribute]) if attribute in frame else frame.iloc[:0]
    if known.empty:
        return _row("Comparison of groups", about, RED, "the attribute is not known", needs, known)
    icc = Sample(frame).icc
    widths, shown = [], 0
    for _, part in groups(known, [attribute]):
        large = people(part)["respondents"] >= limits.group
        shown += large
        widths.append(limits.half_width(Sample(part, icc)) if large else np.inf)
    usable = sum(snapped(width) <= ROUGH_SD for width in widths)
    light = RED if usable < 2 else GREEN if usable == len(widths) else AMBER
    note = f"{len(widths)} groups, {shown} large enough to show, {usable} of them known to ± {ROUGH_SD:g} SD"
    finite = [width for width in widths if np.isfinite(width)]
    typical = float(np.median(finite)) if finite else np.nan
    return _row("Comparison of groups", about, light, note, needs, known, typical, Sample(known, icc).design_effect)


def _averages(frame: pd.DataFrame, side: str, limits: _Limits) -> dict[str, object]:
    rated = frame["rated_id"] if "rated_id" in frame else pd.Series(dtype=object)
    sizes = rated.value_counts()
    several = int((sizes >= 2).sum())
    needs = "10 or more people rated by at least two others each: agreement is judged between raters (Bliese, 2000)"
    light = GREEN if several >= 30 else AMBER if several >= 10 else RED
    note = f"{limits.told(several, side=side)} people were rated by two or more"
    return _row("Agreement of those who rate the same person", side, light, note, needs, frame)


def _sides(current: pd.DataFrame, asked: dict[str, set[str]], limits: _Limits) -> dict[str, object]:
    hr, manager = (current[current["side"] == side] for side in ("hr", "manager"))
    needs = f"both sides; a detectable difference of {limits.effect:g} SD or less"
    if hr.empty or manager.empty:
        return _row("HR and managers side by side", "both sides", RED, "only one side answered", needs, current)
    if not _common(asked):
        return _row("HR and managers side by side", "both sides", RED, NOTHING_COMMON, needs, current)
    clusters = current["cluster_id"].nunique()
    difference = limits.detectable(Sample(hr), Sample(manager), clusters)
    light = limits.light(difference)
    if min(people(hr)["respondents"], people(manager)["respondents"]) < limits.group:
        light = RED
    note = f"HR: {_answers(hr, limits)}; managers: {_answers(manager, limits)}; {_detectable(difference)}"
    both = pd.concat([hr, manager])
    return _row("HR and managers side by side", "both sides", light, note, needs, both, difference)


def _detectable(difference: float) -> str:
    if not np.isfinite(difference):
        return "no difference can be tested"
    return f"a difference of {rounded(difference, 2):.2f} SD or more would be found"


def _change(
    found: pd.DataFrame, overall: pd.DataFrame, side: str, waves: list[str], limits: _Limits
) -> dict[str, object]:
    needs = f"two waves; a detectable change of {limits.effect:g} SD or less"
    if len(waves) < 2:
        return _row("Change between waves", side, RED, "there is one wave", needs, overall)
    before, now = (overall[overall["wave"] == wave] for wave in waves[-2:])
    if before.empty or now.empty:
        return _row("Change between waves", side, RED, "this side answered one wave only", needs, now)
    answered = found.dropna(subset=["score_100"])
    if not set.intersection(*(set(answered.loc[answered["wave"] == wave, "dimension"]) for wave in waves[-2:])):
        return _row("Change between waves", side, RED, "no dimension was asked in both waves", needs, now)
    both = pd.concat([before, now])
    difference = limits.detectable(Sample(before), Sample(now), both["cluster_id"].nunique())
    again = len(set(before["respondent_id"]) & set(now["respondent_id"]))
    light = limits.light(difference)
    if min(people(before)["respondents"], people(now)["respondents"]) < limits.group:
        light = RED
    note = f"{_detectable(difference)}, smaller still for the {limits.told(again, side=side)} who answered both"
    return _row("Change between waves", side, light, note, needs, both, difference)


def _reliability(responses: pd.DataFrame, codebook: Codebook, side: str, limits: _Limits) -> dict[str, object]:
    few, enough = RATERS_FOR_RELIABILITY
    needs = f"dimensions of two or more items; {enough} raters or more, {few} at the least (Bonett, 2002)"
    table = scales.reliability(responses, codebook, side)
    alphas = table[(table["coefficient"] == "alpha") & (table["dimension"] != scales.WHOLE)]
    several = alphas[alphas["items"] >= 2]
    about = responses[responses["side"] == side]
    if several.empty:
        note = "one item per dimension: only all items together have a reliability"
        return _row("Reliability of the dimensions", side, RED, note, needs, about)
    raters = int(several["respondents"].min())
    light = GREEN if raters >= enough else AMBER if raters >= few else RED
    answered = limits.told(raters, side=side)
    note = f"{len(several)} of {len(alphas)} dimensions have several items; {answered} answered all of them"
    return _row("Reliability of the dimensions", side, light, note, needs, about)


def _drivers(frame: pd.DataFrame, side: str, predictors: int, asked: bool, limits: _Limits) -> dict[str, object]:
    wanted = max(limits.model, RESPONDENTS_PER_PREDICTOR * predictors)
    needs = (
        f"{limits.model} respondents (confidentiality), {RESPONDENTS_PER_PREDICTOR} per dimension (Stevens, 2002) and "
        f"{FEWEST_CLUSTERS} clusters"
    )
    if not asked:
        note = "no overall rating was asked of this side in this wave"
        return _row("What goes with the overall rating", side, RED, note, needs, frame)
    if predictors < 2:
        note = "fewer than two dimensions were asked of this side in this wave"
        return _row("What goes with the overall rating", side, RED, note, needs, frame)
    counts = people(frame)
    short = [
        f"{limits.told(have, side=side)} of {need} {what}"
        for have, need, what in (
            (counts["respondents"], wanted, "respondents"),
            (counts["clusters"], FEWEST_CLUSTERS, "clusters"),
        )
        if have < need
    ]
    note = f"{_answers(frame, limits)} for {predictors} dimensions" + (
        f"; short of: {', '.join(short)}" if short else ""
    )
    return _row("What goes with the overall rating", side, RED if short else GREEN, note, needs, frame)


def _dyads(current: pd.DataFrame, asked: dict[str, set[str]], limits: _Limits) -> dict[str, object]:
    needs = f"partnerships in which both sides answered: {FEWEST_CLUSTERS} clusters or more, {limits.model} respondents"
    if "partnership_id" not in current or current["partnership_id"].isna().all():
        return _row("Both views of one partnership", "pairs", RED, "answers are not paired", needs, current.iloc[:0])
    if set(current["side"]) >= {"hr", "manager"} and not _common(asked):
        return _row("Both views of one partnership", "pairs", RED, NOTHING_COMMON, needs, current.iloc[:0])
    sides = current.groupby("partnership_id")["side"].nunique()
    paired = current[current["partnership_id"].isin(sides.index[sides >= 2])]
    counts = people(paired)
    light = GREEN if counts["clusters"] >= FEWEST_CLUSTERS else AMBER if counts["clusters"] >= 10 else RED
    if counts["respondents"] < limits.model:
        light = RED
    answered = limits.told(paired["partnership_id"].nunique())
    note = f"{answered} of {limits.told(len(sides))} partnerships answered by both, {_answers(paired, limits)}"
    return _row("Both views of one partnership", "pairs", light, note, needs, paired)


def _weighting(roster: pd.DataFrame | None, attributes: Sequence[str], wave: str, limits: _Limits) -> dict[str, object]:
    needs = f"a roster with attributes, and {limits.group} or more who answered in every group"
    analysis, about = "Weighting to the roster", "everybody"
    nobody = pd.DataFrame({"respondent_id": []})
    if roster is None or roster.empty:
        return _row(analysis, about, RED, "there is no roster", needs, nobody)
    invited = roster[roster["wave"] == wave]
    answered = invited[invited["responded"].astype(bool)]
    known = [name for name in attributes if name in invited and invited[name].notna().any()]
    if not known:
        return _row(analysis, about, RED, "the roster has no attributes", needs, nobody)
    thin = [
        f"{name} {label}"
        for name in known
        for label in invited[name].dropna().unique()
        if (answered[name] == label).sum() < limits.group
    ]
    light = RED if answered.empty else AMBER if thin else GREEN
    note = f"{limits.told(len(answered))} of {len(invited)} answered; {len(thin)} groups with too few answers"
    return _row(analysis, about, light, note, needs, answered.assign(respondent_id=answered["person_id"]))
