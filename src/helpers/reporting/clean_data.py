"""Hands the cleaned answers of a study to whoever goes on with them: SPSS, Parquet or CSV, scored and labelled."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyreadstat

from helpers.analysis.survey import scales
from helpers.data import InputError, Study
from helpers.data.codebook import Item
from helpers.data.problems import errors, input_error

DATA_FORMATS = ("sav", "parquet", "csv")
LABEL_BYTES, NAME_BYTES = 252, 64  # longest variable label and name that SPSS keeps
RESERVED = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}
"""Words that SPSS keeps for itself."""
FIXED = {
    "respondent_id": "Who answered",
    "partnership_id": "Pair the answers are about",
    "wave": "Survey wave",
    "submitted_at": "When the answers were sent",
    "seconds": "How long the whole response took, in seconds",
    "weight": "Sampling weight",
    "side": "Side of the respondent",
    "hr_id": "HR partner of the pair",
    "manager_id": "Manager of the pair",
    "rated_id": "Who was rated",
    "cluster_id": "HR partner, or the respondent where there are no pairs",
}
NOTICE = """\
{title}: answers of single people

These files hold one row per response. Whoever has them can see what one person answered, and department, location and
level often tell who that was, even where ids are hashes. Groups below {minimum} people, which reports hide, are not
hidden here.

- Keep the files where personal data may be kept, and delete them when the work is done.
- Pass them on only to those whom the respondents were told about.
- Publish from reports, or apply the study's smallest group ({minimum}) yourself.

{comments}
{scoring}
"""


@dataclass(frozen=True)
class CleanData:
    """What was written.

    Attributes
    ----------
    files : list of pathlib.Path
        The data files, then variables.csv and NOTICE.txt.
    rows : int
        Responses in each data file.
    notice : str
        What the holder of the files must know.
    """

    files: list[Path]
    rows: int
    notice: str


def export_study(study: Study, formats: Sequence[str], out: str | Path, respondent_level: bool = False) -> CleanData:
    """Write the validated, scored answers of a study, one row per response, with labels.

    Parameters
    ----------
    study : Study
        The study.
    formats : sequence of str
        Any of ``sav`` (SPSS, with variable and value labels), ``parquet`` and ``csv``.
    out : str or Path
        Folder to write into; made if it is not there. Files of an earlier export are replaced.
    respondent_level : bool
        Must be True: that answers of single people are wanted has to be said.

    Returns
    -------
    CleanData
        The files: ``responses.<format>``; ``variables.csv``, one row per variable with its label, the labels of its
        values and its unit; and ``NOTICE.txt``.

    Raises
    ------
    InputError
        Without ``respondent_level``, for an unknown format, or with every error of the study.

    Notes
    -----
    Items stand as they were answered, not reversed. ``score_<dimension>`` is the mean of the answered items of a
    dimension, reverse-scored ones turned round, in points of their range (0 to 100 where ranges differ), where at
    least half were answered: :func:`helpers.analysis.survey.scales.scores`. Comments are left out unless the study's
    privacy settings allow verbatims.
    """
    unknown = [name for name in formats if name not in DATA_FORMATS]
    if unknown or not formats:
        raise input_error(
            "export", f"no format {', '.join(unknown) or 'is named'}", f"any of {', '.join(DATA_FORMATS)}"
        )
    if not respondent_level:
        raise input_error(
            "export",
            "these files would hold the answers of single people, which reports never show",
            fix="If you may have them, say so with --respondent-level; otherwise use the tables of a report",
        )
    if problems := errors(study.check()):
        raise InputError(problems)
    data = _data(study)
    variables = _variables(study, data)
    notice = _notice(study)
    out = Path(out)
    with tempfile.TemporaryDirectory() as place:
        written = [_write(data, variables, Path(place) / f"responses.{name}") for name in dict.fromkeys(formats)]
        table, told = Path(place) / "variables.csv", Path(place) / "NOTICE.txt"
        variables.drop(columns=["item", "spss"]).to_csv(table, index=False, lineterminator="\n", encoding="utf-8")
        told.write_text(notice, encoding="utf-8", newline="\n")
        out.mkdir(parents=True, exist_ok=True)
        files = [Path(shutil.copyfile(path, out / path.name)) for path in [*written, table, told]]
    return CleanData(files, len(data), notice)


def _data(study: Study) -> pd.DataFrame:
    """Return the responses with a score per dimension; comments only where they may be quoted."""
    responses = study.responses()
    rated = [item.id for item in study.codebook.items if item.role != "comment"]
    comments = [item.id for item in study.codebook.comments()]
    known = scales.scores(responses.drop(columns=comments).assign(row=range(len(responses))), study.codebook)
    responses[rated] = responses[rated].astype("Int64")
    for dimension in study.codebook.dimensions:
        scored = known[known["dimension"] == dimension.id].set_index("row")
        if len(scored):
            points = "score" if scored["score"].notna().any() else "score_100"
            responses[f"score_{dimension.id}"] = scored[points].reindex(range(len(responses))).astype("float64")
    return responses if study.privacy.verbatims else responses.drop(columns=comments)


def _variables(study: Study, data: pd.DataFrame) -> pd.DataFrame:
    """Return one row per variable: name, label, labels of its values, unit; its item and its name in SPSS."""
    items = {item.id: item for item in study.codebook.items}
    dimensions = {f"score_{dimension.id}": dimension for dimension in study.codebook.dimensions}
    rows: list[list[object]] = []
    names: list[str] = []
    for name in data:
        item = items.get(name)
        if item is not None:
            label, unit = _wording(item), f"points ({item.low}-{item.high})" if item.low is not None else ""
        elif name in dimensions:
            ranges = {(i.low, i.high) for i in study.codebook.scale_items(dimensions[name].id)}
            low, high = ranges.pop() if len(ranges) == 1 else (0, 100)
            label, unit = f"{dimensions[name].label}: mean of the answered items", f"points ({low}-{high})"
        else:
            label, unit = FIXED.get(name, name), ""
        names.append(_spss_name(name, names))
        values = "; ".join(f"{value} = {text}" for value, text in _values(item).items())
        rows.append([name, label, values, unit, item, names[-1]])
    return pd.DataFrame(rows, columns=["variable", "label", "values", "unit", "item", "spss"])


def _wording(item: Item) -> str:
    """Return the text of an item, the wordings of the sides beside each other; whether it is reverse-scored."""
    text = (
        item.text if isinstance(item.text, str) else " | ".join(f"{side}: {said}" for side, said in item.text.items())
    )
    return f"{text} (reverse-scored)" if item.reverse else text


def _values(item: Item | None) -> dict[int, str]:
    return {} if item is None else {value: item.format.label(value) for value in item.format.labels}


def _notice(study: Study) -> str:
    comments = "Comments are included." if study.privacy.verbatims else "Comments are left out."
    scoring = "Items stand as they were answered; scores have reverse-scored items turned round. See variables.csv."
    return NOTICE.format(title=study.title, minimum=study.privacy.min_group, comments=comments, scoring=scoring)


def _write(data: pd.DataFrame, variables: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".csv":
        data.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    elif path.suffix == ".parquet":
        data.to_parquet(path, index=False)
    else:
        _write_sav(data, variables, path)
    return path


def _write_sav(data: pd.DataFrame, variables: pd.DataFrame, path: Path) -> None:
    names = dict(zip(variables["variable"], variables["spss"]))
    items = {names[name]: item for name, item in zip(variables["variable"], variables["item"]) if item is not None}
    whole = [name for name in data if pd.api.types.is_integer_dtype(data[name])]
    frame = data.astype(dict.fromkeys(whole, "float64")).rename(columns=names)
    texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    texts = [name for name in texts if not pd.api.types.is_datetime64_any_dtype(frame[name])]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    rated = {name for name, item in items.items() if item.role != "comment"}
    pyreadstat.write_sav(
        frame,
        path,
        column_labels=[_cut(label, LABEL_BYTES) for label in variables["label"]],
        variable_value_labels={
            name: {float(value): _cut(text, 120) for value, text in _values(items[name]).items()}
            for name in rated
            if items[name].format.labels
        },
        variable_format=dict.fromkeys(rated, "F8.0"),
        variable_measure={
            name: "ordinal" if name in rated else "nominal" if name in texts else "scale" for name in frame
        },
    )


def _spss_name(name: str, taken: list[str]) -> str:
    """Return a name that SPSS accepts and no other variable has: letters, digits and underscores, a letter first."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    plain = plain if plain[:1].isalpha() else f"v{plain}"
    plain = f"{plain}_" if plain.upper() in RESERVED else plain
    candidate, number = plain[:NAME_BYTES], 1
    while candidate.lower() in (other.lower() for other in taken):
        number += 1
        candidate = f"{plain[: NAME_BYTES - 5]}_{number}"
    return candidate


def _cut(text: str, limit: int) -> str:
    """Return a text of at most so many bytes, whole letters only."""
    return text.encode("utf-8")[:limit].decode("utf-8", "ignore")
