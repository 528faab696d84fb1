"""The mapping of a survey export: what becomes of its columns and answers, and whether it fits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..problems import InputError, Problem, did_you_mean, shown
from ..study import USUAL_ATTRIBUTES, Study
from ..tables import TABLES
from ..yaml_files import Declared
from .answers import UNSURE
from .export import PARTNER, PERSONAL, REASONS, RESPONSE, SKIP, Export, Reason


class SurveyMapping(Declared):
    """What becomes of the columns and rows of an export; saved in the study and edited by hand.

    Parameters
    ----------
    columns : dict of str to str
        Column of the export to an item, a survey column, an attribute, ``response_id`` (tells responses apart, not
        people), ``skip`` or ``personal``. Several columns may lead to one item. ``UNSURE`` is a line to be settled:
        nothing is imported before.
    answers : dict of str to dict of str to int, optional
        Response format to further wordings or codes: ``{agreement: {"Stimme zu": 4}}``.
    several : {"refuse", "first", "last"}, optional
        What counts where a response answers two columns of one item differently; default: nothing is imported.
    anonymous : bool, optional
        Where nothing in a row names a person or a response, it is a response of its own.
    loops : dict of str to dict of str to str, optional
        Survey column to the number of each loop and what it stands for: ``{manager_id: {1: m7, 2: m9}}``.
    exclude : list of Reason, optional
        Reasons for which responses are left out; see ``REASONS``.
    missing : list of str, optional
        Texts and codes that stand for no answer.
    dates : {"day-first", "month-first"}, optional
        Order of day and month: ``day-first`` or ``month-first``.
    """

    columns: dict[str, str]
    answers: dict[str, dict[str, int | Literal["UNSURE"]]] = Field(default_factory=dict)
    several: Literal["refuse", "first", "last"] = "refuse"
    anonymous: bool = False
    loops: dict[str, dict[str, str]] = Field(default_factory=dict)
    exclude: list[Reason] = Field(default_factory=lambda: [*REASONS])
    missing: list[str] = Field(default_factory=lambda: ["-99"])
    dates: Literal["day-first", "month-first"] | None = None


def open_lines(mapping: SurveyMapping, name: str) -> list[Problem]:
    """Return the lines of a mapping that are still to be settled: they never count as settled.

    Parameters
    ----------
    mapping : SurveyMapping
        The mapping.
    name : str
        Name of its file.

    Returns
    -------
    list of Problem
        One error for each line that says ``UNSURE``.
    """
    columns = [f"columns.{column}" for column, target in mapping.columns.items() if target == UNSURE]
    answers = [
        f"answers.{response}.{wording}"
        for response, wordings in mapping.answers.items()
        for wording, answer in wordings.items()
        if answer == UNSURE
    ]
    fixes = {"columns": "Write what the column holds, or skip", "answers": "Write the number that it means"}
    return [
        Problem("error", name, f"{UNSURE}: the line is not settled", "", fixes[key.split(".")[0]], "", key)
        for key in [*columns, *answers]
    ]


def check(mapping: SurveyMapping, name: str, export: Export, study: Study) -> None:
    """Refuse a mapping that does not fit the export or the study.

    Parameters
    ----------
    mapping : SurveyMapping
        The mapping.
    name : str
        Name of its file.
    export : Export
        What it is for.
    study : Study
        Where the answers go.

    Raises
    ------
    InputError
        With every mistake.
    """
    problems = open_lines(mapping, name)
    attributes = study.settings.attributes or USUAL_ATTRIBUTES
    known = [
        SKIP,
        PERSONAL,
        RESPONSE,
        UNSURE,
        *TABLES["survey"].columns,
        *attributes,
        *(item.id for item in study.codebook.items),
    ]
    for column, target in mapping.columns.items():
        if column not in export.columns and target not in (SKIP, PERSONAL):
            fix = did_you_mean(column, export.columns) or "Remove the line"
            problems.append(Problem("error", name, "the file has no such column", "", fix, "", f"columns.{column}"))
        if target not in known:
            expected = "an item, a survey column, an attribute of study.yaml, response_id, skip or personal"
            fix = did_you_mean(target, known)
            problems.append(Problem("error", name, shown(target), expected, fix, "", f"columns.{column}"))
    for column in export.columns:
        if column not in mapping.columns:
            fix = f"Add {column}: skip, or what it holds; or name another file with --mapping to get a new proposal"
            problems.append(Problem("error", name, f"nothing is said about column {shown(column)}", "", fix))
    for response in mapping.answers:
        if response not in study.codebook.responses:
            expected = f"one of {', '.join(study.codebook.responses)}"
            problems.append(Problem("error", name, shown(response), expected, "", "", "answers"))
    for target in mapping.loops:
        if target not in TABLES["survey"].columns:
            expected = f"a column of the survey table, such as {', '.join(PARTNER)}"
            problems.append(Problem("error", name, shown(target), expected, "", "", "loops"))
    items = {item.id for item in study.codebook.items}
    targets = [*mapping.columns.values(), *mapping.loops]
    used = [target for target in targets if target not in (SKIP, PERSONAL, UNSURE) and target not in items]
    problems += [
        Problem("error", name, f"{target} is the target of several columns", fix="Keep one; set the others to skip")
        for target in dict.fromkeys(used)
        if used.count(target) > 1
    ]
    asked = any(mapping.columns.get(loop) in items for loop in export.loops)
    named = {mapping.columns.get(loop) for loop in export.loops} | set(mapping.loops)
    if asked and not named & set(PARTNER):
        fix = "Map a looped column to partnership_id or manager_id, or add loops: {manager_id: {1: m7, 2: m9}}"
        problems.append(Problem("error", name, "nothing tells whom the loops are about", "", fix, "", "loops"))
    if not ({"respondent_id", RESPONSE} & set(used) or mapping.anonymous or export.response):
        fix = (
            "Write respondent_id behind the column that says who answered, or response_id behind the one that tells "
            "the responses apart; if the file holds neither, add the line anonymous: true"
        )
        problems.append(Problem("error", name, "no column becomes respondent_id or response_id", fix=fix))
    if not items & set(targets):
        fix = "Write the id of an item of the codebook behind each column that answers it"
        problems.append(Problem("error", name, "no column is an item of the codebook", fix=fix))
    if problems:
        raise InputError(problems)
