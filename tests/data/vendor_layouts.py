"""Writes answers in the layouts of survey tools: what the importers must read back unchanged."""

import csv
import datetime
import io
import json

import openpyxl
import pandas as pd
import pyreadstat

GERMAN = {1: "Lehne stark ab", 2: "Lehne eher ab", 3: "Unentschieden", 4: "Stimme eher zu", 5: "Stimme stark zu"}
DAY = datetime.datetime(2026, 5, 14, 9, 0)  # a day that no month has the number of


def answer(item, value, answers):
    """One answer as the tool exports it: a label, a code, a German label, or with a decimal comma."""
    if pd.isna(value):
        return ""
    if answers == "labels":
        return item.format.label(int(value))
    if answers == "german" and item.high == 5:
        return GERMAN[int(value)]
    return f"{int(value)},0" if answers == "comma" else str(int(value))


def submitted(n, pattern="%Y-%m-%d %H:%M:%S"):
    """When the n-th response was sent."""
    return (DAY + datetime.timedelta(days=n % 13, minutes=n)).strftime(pattern)


def save_text(path, rows, encoding="utf-8", delimiter=",", trailing=0):
    """Write rows as a delimited text; ``trailing`` blank columns stand at the end of each."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows([*row, *[""] * trailing] for row in rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def save_workbook(path, rows, merged=(), trailing=0):
    """Write rows as a workbook; ``merged`` are ranges of its header."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([*(None if cell == "" else cell for cell in row), *[None] * trailing])
    for cells in merged:
        book.active.merge_cells(**cells)
    book.save(path)
    return path


def save(path, rows, merged=(), **how):
    """Write rows as what the name of the file says."""
    if path.suffix == ".xlsx":
        return save_workbook(path, rows, merged, how.get("trailing", 0))
    return save_text(path, rows, **how)


def qualtrics(path, frame, items, answers="labels", **how):
    """Three header rows; question texts as statements of a matrix."""
    columns = {
        "StartDate": ("Start Date", "startDate"), "EndDate": ("End Date", "endDate"),
        "Status": ("Response Type", "status"), "Finished": ("Finished", "finished"),
        "RecordedDate": ("Recorded Date", "recordedDate"), "ResponseId": ("Response ID", "_recordId"),
        "ExternalReference": ("External Data Reference", "externalDataReference"),
    }  # fmt: skip
    columns |= {f"Q{n}": (f"How far do you agree? - {i.text_for('manager')}", f"QID{n}") for n, i in enumerate(items)}
    columns["partnership_id"] = ("partnership_id", "partnership_id")
    rows = [list(columns), [text for text, _ in columns.values()]]
    rows.append([json.dumps({"ImportId": i, "timeZone": "UTC"}) for _, i in columns.values()])
    for n, row in frame.iterrows():
        at = submitted(n)
        lead = [at, at, "0", "1", at, f"R_{n}", row["respondent_id"]]
        rows.append([*lead, *(answer(i, row[i.id], answers) for i in items), row["partnership_id"]])
    return save(path, rows, **how)


def qualtrics_sav(path, frame, items, codes=(1, 2, 3, 4, 5), labels=None):
    """Variables with labels; ``codes`` are what Qualtrics stores for the five choices."""
    data = {
        "RecordedDate": [submitted(n) for n in frame.index], "Status": [0.0] * len(frame),
        "Finished": [1.0] * len(frame), "ResponseId": [f"R_{n}" for n in frame.index],
        "ExternalReference": list(frame["respondent_id"]), "partnership_id": list(frame["partnership_id"]),
    }  # fmt: skip
    values, texts = {"Status": {0.0: "IP Address"}, "Finished": {1.0: "True", 0.0: "False"}}, {}
    for n, item in enumerate(items):
        five = item.high == 5
        data[f"Q{n}"] = [codes[int(v) - 1] if five and v == v else v for v in frame[item.id]]
        texts[f"Q{n}"] = f"How far do you agree? - {item.text_for('manager')}"
        if five:
            wording = labels or {v: item.format.label(v) for v in range(1, 6)}
            values[f"Q{n}"] = {float(code): wording[v] for v, code in enumerate(codes, 1)}
    data = pd.DataFrame(data)
    pyreadstat.write_sav(data, path, column_labels=texts, variable_value_labels=values)
    return path


def surveymonkey(path, frame, items, answers="labels", **how):
    """Two header rows; one matrix, then single questions, then a multiple choice with one column per choice."""
    first = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address"]
    matrix, single = items[:4], items[4:]
    top = [*first, "Please rate.", *[""] * (len(matrix) - 1), *(i.text_for("manager") for i in single)]
    below = [*[""] * len(first), *(i.text_for("manager") for i in matrix), *["Response"] * len(single)]
    top += ["Personnel number", "partnership_id", "Which topics?", "", "", ""]
    below += ["Open-Ended Response", "Open-Ended Response", "Hiring", "Pay", "Law", "Other (please specify)"]
    rows = [top, below]
    for n, row in frame.iterrows():
        at = submitted(n, "%m/%d/%Y %I:%M:%S %p")
        topics = ["Hiring" if n % 2 else "", "" if n % 2 else "Pay", "", "cake" if n == 3 else ""]
        lead = [f"{11200000000 + n}", "400", at, at, "192.0.2.7", ""]
        told = [answer(i, row[i.id], answers) for i in items]
        rows.append([*lead, *told, row["respondent_id"], row["partnership_id"], *topics])
    start = len(first) + 1
    merged = [{"start_row": 1, "end_row": 1, "start_column": start, "end_column": start + len(matrix) - 1}]
    return save(path, rows, merged, **how)


def msforms(path, frame, items, answers="labels", heads=None, **how):
    """One header row, real times in a workbook, a choice that ends in a semicolon."""
    heads = heads or ["ID", "Start time", "Completion time", "Email", "Name"]
    rows = [[*heads, *(i.text_for("manager") for i in items), "respondent_id", "partnership_id", "Department"]]
    for n, row in frame.iterrows():
        at = DAY + datetime.timedelta(minutes=n) if path.suffix == ".xlsx" else submitted(n, "%d.%m.%Y %H:%M")
        told = [answer(i, row[i.id], answers) for i in items]
        rows.append([n + 1, at, at, "anonymous", "", *told, row["respondent_id"], row["partnership_id"], "Sales;Pay;"])
    return save(path, rows, **how)


def googleforms(path, frame, items, answers="labels", head="Timestamp", **how):
    """One header row; a grid, then single questions."""
    texts = [i.text_for("manager") for i in items]
    rows = [[head, "respondent_id", *(f"Please rate. [{t}]" for t in texts[:4]), *texts[4:], "partnership_id"]]
    for n, row in frame.iterrows():
        told = [answer(i, row[i.id], answers) for i in items]
        at = submitted(n, "%Y/%m/%d ") + f"{9 + n // 60}:{n % 60:02d}:00 AM GMT+2"
        rows.append([at, row["respondent_id"], *told, row["partnership_id"]])
    return save(path, rows, **how)


def glint(path, frame, items, answers="codes", **how):
    """Item blocks with comment, topics and flag; then the standard columns."""
    header, rows = [], []
    for item in items:
        text = item.text_for("manager")
        header += [text, f"{text}_COMMENT", f"{text}_COMMENT_TOPICS", f"{text}_SENSITIVE_COMMENT_FLAG"]
    header += ["First Name", "Last Name", "Email", "Status", "EXID", "Manager ID", "Survey Cycle Completion Date"]
    header += ["Survey Cycle Sent Date", "partnership_id"]
    for n, row in frame.iterrows():
        told = [cell for i in items for cell in (answer(i, row[i.id], answers), "said" if n == 1 else "", "", "")]
        person = ["Jo", "Doe", f"jo{n}@example.com", "ACTIVE", row["respondent_id"], "boss"]
        rows.append([*told, *person, submitted(n, "%d-%m-%Y %H:%M"), "01-05-2026 08:00", row["partnership_id"]])
    return save(path, [header, *rows], **how)


def limesurvey(path, frame, items, answers="labels", headings="code", **how):
    """One header row of codes, codes with texts, or texts."""
    lead = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token"]
    texts = [f"Please rate. [{i.text_for('manager')}]" for i in items]
    names = {"code": [f"G1[{i.id}]" for i in items], "both": [f"G1[{i.id}]. {t}" for i, t in zip(items, texts)]}
    if headings == "full":
        lead = ["Response ID", "Date submitted", "Last page", "Start language", "Seed", "Access code"]
    rows = [[*lead, *names.get(headings, texts), "partnership_id", "interviewtime"]]
    for n, row in frame.iterrows():
        told = [answer(i, row[i.id], answers) for i in items]
        rows.append([n, submitted(n), 3, "en", "77", row["respondent_id"], *told, row["partnership_id"], "61.2"])
    return save(path, rows, **how)
