"""What a practice is meant to change, as its playbook declares it, and what people noted of that themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from helpers.analysis.methods.counts import because
from helpers.analysis.practice.behaviour import AFTER, BEFORE, RECORDS
from helpers.analysis.practice.design import Design
from helpers.analysis.survey.answers import Answers
from helpers.columns import side_label
from helpers.data.practices import Capture, CaptureField, most_recorded

if TYPE_CHECKING:
    from helpers.data import Study

_COLUMNS = ["partnership_id", "respondent_id", "wave", "dimension", "score"]
_RECORDED = {"feedback": "feedback in hiring", "promises": "promises kept", "teams": "what is recorded of teams"}
NOBODY_NOTED = "No outcome of this practice is noted by people both where it had begun and where it had not."


@dataclass(frozen=True)
class Meant:
    """What a practice is meant to change.

    Attributes
    ----------
    dimensions : list of str
        Ids of dimensions of the survey.
    fields : list of CaptureField
        What people note.
    records : list of str
        See :class:`helpers.data.practices.Changes`.
    words : str
        Whence this is known, for readers.
    """

    dimensions: list[str]
    fields: list[CaptureField]
    records: list[str]
    words: str

    def names(self, labels: dict[str, str]) -> list[str]:
        """Name the outcomes in words, as a pre-registration lists them; ``labels`` are those of the dimensions."""
        noted = [field.told for field in self.fields]
        return [*(labels[name] for name in self.dimensions), *noted, *(_RECORDED[name] for name in self.records)]


def possible(capture: Capture, dimensions: Sequence[str]) -> list[str]:
    """Return what may be named as an outcome: dimensions of the survey, fields that are outcomes, and records."""
    return [*dimensions, *(field.field for field in capture.fields if field.outcome), *RECORDS]


def meant(capture: Capture, labels: dict[str, str], chosen: Sequence[str] = ()) -> Meant:
    """Return what a practice is meant to change.

    Parameters
    ----------
    capture : helpers.data.practices.Capture
        What its playbook declares.
    labels : dict of str to str
        The dimensions that the study asks, by id, in words.
    chosen : sequence of str
        Outcomes decided beforehand, by the names of :func:`possible`; empty for those of the playbook.

    Returns
    -------
    Meant
        Of a playbook that declares no outcome: all dimensions and records; where a questionnaire of one's own asks for
        none of the dimensions named, all of its own.
    """
    fields = [field for field in capture.fields if field.outcome]
    declared = capture.changes
    if chosen:
        return Meant(
            [name for name in labels if name in chosen],
            [field for field in fields if field.field in chosen],
            [name for name in RECORDS if name in chosen],
            "Outcomes are those that were named for this chapter; p-values are adjusted over them.",
        )
    if not (fields or declared.dimensions or declared.records):
        words = "The playbook does not say what the practice is meant to change, so all dimensions and records count."
        return Meant(list(labels), [], list(RECORDS), words)
    known = [name for name in labels if name in declared.dimensions]
    words = (
        "Outcomes are those that the playbook says the practice is meant to change; p-values are adjusted over them."
    )
    absent = [name.replace("_", " ") for name in declared.dimensions if name not in labels]
    if labels and declared.dimensions and not known:
        known = list(labels)
        words = (
            "The questions of this study ask for none of the dimensions that the playbook names, so all of them count."
        )
    elif labels and absent:
        words += f" Not asked in this study: {', '.join(absent)}."
    return Meant(known, fields, list(declared.records), words)


def noted(study: Study, how: Design, fields: Sequence[CaptureField]) -> pd.DataFrame:
    """Put together what people noted of outcomes: those who had begun, and the others before they took part.

    Parameters
    ----------
    study : helpers.data.Study
        With practice_answers and practice_sessions; else there are no rows.
    how : Design
        How the practice was allotted.
    fields : sequence of CaptureField
        Outcomes.

    Returns
    -------
    pandas.DataFrame
        Rows as :func:`helpers.analysis.practice.behaviour.recorded` gives them: one per pair, outcome (of a field about
        persons one for each side) and wave. ``attrs["left_out"]`` tells what only one side of the comparison noted, and
        which answers about a unit belong to none.

    Notes
    -----
    Of pairs that had begun, the last answer counts. Of the others, the first since the first start in the field that
    asks the same before people take part (``same_as``): in a wait list, what they note when their turn comes, before
    anything took place. Answers of ``same_as`` from before the first start are the baseline. Where an answer names a
    pair, it counts for that pair alone: in other sessions people guess about others. Yes is 100 and no 0. An answer
    about a unit counts for that one of the units allotted whose people were in the session, once for each of its pairs
    (intervals go by unit); with people of several units in it, nobody knows which it is about, and it counts for none.
    """
    empty = pd.DataFrame(columns=_COLUMNS)
    if not how.starts or how.kind == "none":
        return _told(empty, "It is not recorded who began when, so what people noted cannot be compared.")
    if not (study.has("practice_answers") and study.has("practice_sessions")):
        return _told(empty, "Nobody noted anything in sessions.")
    sessions = study.table("practice_sessions")
    day = sessions[sessions["practice"] == how.practice].set_index("session_id")["date"]
    answers = study.table("practice_answers")
    answers = answers[answers["session_id"].isin(day.index)]
    answers = answers.assign(day=pd.to_datetime(answers["session_id"].map(day))).sort_values("day", kind="stable")
    answers["unit"] = answers["session_id"].map(_units(study, how))
    parts = [part for field in fields for part in _of_field(answers, how, field)]
    found, others = how.comparable(pd.concat(parts, ignore_index=True) if parts else empty, BEFORE, AFTER)
    left_out = [f"“{name}” is noted only where people took part, so it is not compared." for name in others]
    of_units = answers["field"].isin([field.field for field in fields if field.level == "unit"])
    if answers.loc[of_units, "unit"].isna().any():
        left_out.append(f"Answers about one of the {how.unit} count only where people of that one alone took part.")
    return _told(found, NOBODY_NOTED, " ".join(left_out))


def measured_in(names: Iterable[str], fields: Sequence[CaptureField]) -> list[str]:
    """Say in what each outcome that people noted is counted.

    Parameters
    ----------
    names : iterable of str
        Outcomes as :func:`noted` calls them.
    fields : sequence of CaptureField
        The fields that were noted.

    Returns
    -------
    list of str
        "of 3" for a count up to three, "points of 100" for yes or no.
    """
    units = {field.told: "points of 100" if field.type == "yes_no" else f"of {field.most}" for field in fields}
    return [next((unit for told, unit in units.items() if name.startswith(told)), "points") for name in names]


def _told(frame: pd.DataFrame, absent: str, left_out: str = "") -> pd.DataFrame:
    found = because(frame, absent)
    found.attrs["left_out"] = left_out
    return found


def _units(study: Study, how: Design) -> pd.Series:
    """Return the unit whose people were in a session, by its id; of a session with people of several there is none."""
    log = study.table("practice_log") if study.has("practice_log") else pd.DataFrame(columns=["practice"])
    log = log[log["practice"] == how.practice].reindex(columns=["session_id", "partnership_id", "person_id"])
    known = set(how.pairs["manager_id"]) | set(how.pairs["hr_id"])
    parts = [log[~log["person_id"].isin(known)].assign(unit="none of those allotted")]
    for name, own in (("partnership_id", "partnership_id"), ("manager_id", "person_id"), ("hr_id", "person_id")):
        # Who has pairs in several units, such as an HR partner where teams were allotted, does not tell which it was.
        units = how.pairs.groupby(name)["unit"]
        parts.append(log.assign(unit=log[own].map(units.first().where(units.nunique() == 1))))
    told = pd.concat(parts).dropna(subset=["unit"]).groupby("session_id")["unit"]
    return told.first().where(told.nunique() == 1)


def _of_field(answers: pd.DataFrame, how: Design, field: CaptureField) -> list[pd.DataFrame]:
    """Rows of one field: of each side that it asks, or of pairs."""
    label = field.told
    own, same = (_numbers(answers, name, field) for name in (field.field, field.same_as or field.field))
    pairs = how.pairs.assign(begun=how.pairs["starts_on"] == how.starts[0])
    if field.level in ("pair", "unit"):
        rows, key = pairs.rename(columns={"manager_id": "respondent_id"}), {"pair": "partnership_id"}
        found = _waves(rows, own, same, [key.get(field.level, "unit")], how.starts[0])
        return [found.assign(dimension=label)[_COLUMNS]]
    keys = ["respondent_id"]
    if pd.concat([own, same])["partnership_id"].notna().any():
        keys.append("partnership_id")
    found = []
    for side in ("manager", "hr"):
        rows = pairs.rename(columns={f"{side}_id": "respondent_id"})
        words = f"{label}, {side_label(side, within=True)}"
        found.append(_waves(rows, own, same, keys, how.starts[0]).assign(dimension=words)[_COLUMNS])
    return found


def _numbers(answers: pd.DataFrame, name: str, field: CaptureField) -> pd.DataFrame:
    rows = answers[answers["field"] == name].rename(columns={"person_id": "respondent_id"})
    told = 100.0 * rows["value"].eq("yes") if field.type == "yes_no" else pd.to_numeric(rows["value"], errors="coerce")
    return rows.assign(score=told.astype(float)).dropna(subset=["score"])


def _waves(
    pairs: pd.DataFrame, own: pd.DataFrame, same: pd.DataFrame, keys: list[str], start: pd.Timestamp
) -> pd.DataFrame:
    """Beside each pair the answer that counts after the start, and before it."""
    own, same = own.dropna(subset=keys), same.dropna(subset=keys)
    since, earlier = same[same["day"] >= start], same[same["day"] < start]
    columns = list(dict.fromkeys(["partnership_id", "respondent_id", *keys]))
    parts = [
        (pairs[pairs["begun"]], own[own["day"] >= start].drop_duplicates(keys, keep="last"), AFTER),
        (pairs[~pairs["begun"]], since.drop_duplicates(keys), AFTER),
        (pairs, earlier.drop_duplicates(keys, keep="last"), BEFORE),
    ]
    return pd.concat(
        [rows[columns].merge(said[[*keys, "score"]], on=keys).assign(wave=wave) for rows, said, wave in parts],
        ignore_index=True,
    )


def sheets(study: Study, answers: Answers | None) -> pd.DataFrame:
    """Return the answer sheets of all waves; without a survey a table of the same kind that holds none.

    Parameters
    ----------
    study : helpers.data.Study
        With a survey or not.
    answers : Answers, optional
        The answers that a chapter speaks of.

    Returns
    -------
    pandas.DataFrame
        One row per sheet, with partnership_id, respondent_id, hr_id, side, wave, submitted_at and the answers.
    """
    if answers is not None:
        return answers.everything
    items = {item.id: pd.Series(dtype="float64") for item in study.codebook.items}
    known = ("partnership_id", "respondent_id", "rated_id", "cluster_id", "hr_id", "manager_id", "side", "wave")
    empty = {name: pd.Series(dtype="str") for name in known} | {"submitted_at": pd.Series(dtype="datetime64[ns]")}
    return pd.DataFrame(empty | items | {"weight": pd.Series(dtype="float64")})


def recorded(study: Study) -> str:
    """Return the declared practice with most entries in the log; empty where there is none."""
    return most_recorded(study.table("practice_log"), study.practices)
