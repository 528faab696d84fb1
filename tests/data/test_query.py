"""What a query can reach: the tables and files handed to it, and nothing else, whatever names these hold."""

import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from helpers.data.query import identifier, query, quoted, write_csv
from helpers.data.tables import repeated

PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO '{folder}/stolen.csv'",
        "SELECT * FROM read_text('{folder}/secret.csv')",
        "SELECT * FROM read_csv('{folder}/secret.csv')",
        "SELECT * FROM '{folder}/secret.csv'",
        "SELECT * FROM glob('{folder}/*')",
        "ATTACH '{folder}/new.db'",
        "EXPORT DATABASE '{folder}/all'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/']",
        "SET temp_directory = '{folder}'",
        "SET python_enable_replacements = true",
        "SELECT * FROM a_variable_of_python",
    ],
)
@pytest.mark.parametrize("files", [False, True], ids=["without files", "with a file"])
def test_a_query_reaches_nothing_that_was_not_handed_to_it(tmp_path, statement, files):
    a_variable_of_python = pd.DataFrame({"secret": [1]})
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    handed = [tmp_path / "handed.csv"] if files else []
    with pytest.raises(duckdb.Error):
        query(statement.format(folder=tmp_path.as_posix()), files=handed)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"] and len(a_variable_of_python)


def test_a_query_reads_and_writes_the_files_handed_to_it(tmp_path):
    given, made = tmp_path / "it's [given].json", tmp_path / "made {x}.csv"
    given.write_text('{"a": 1}\n{"a": 2}\n', encoding="utf-8")
    read = f"SELECT a FROM read_json({quoted(given)}, format = 'newline_delimited', columns = {{a: 'BIGINT'}})"
    query(f"COPY ({read}) TO {quoted(made)} (FORMAT csv, HEADER)", files=[given, made])
    assert made.read_text(encoding="utf-8") == "a\n1\n2\n"


def test_only_one_file_opens_databases_or_writes_names_into_sql():
    opened = re.compile(r"duckdb\.(connect|default_connection|sql|query|execute)\b")
    files = [path for room in ("src", "benchmarks", "notebooks") for path in (PROJECT / room).rglob("*.py")]
    found = {path.name for path in files if opened.search(path.read_text(encoding="utf-8"))}
    assert found == {"query.py"}
    by_hand = re.compile(r"f'\"\{|\\\"\{|\"\\\"\{")  # a name put between quotation marks, instead of identifier(name)
    sql = [path for path in files if "query import" in path.read_text(encoding="utf-8")]
    assert len(sql) > 3 and not [path.name for path in sql if by_hand.search(path.read_text(encoding="utf-8"))]


def test_names_of_columns_are_names_whatever_signs_they_hold(tmp_path):
    names = ["a\") FROM rows; COPY (SELECT 1) TO 'x", "A", "a", '"', "'", ";--", "a b", "", "\\", "sélect", "x" * 300]
    table = pd.DataFrame([[f"{row} {name}" for name in names] for row in (1, 2, 1)], columns=names, dtype="str")
    assert repeated(table).tolist() == [False, False, True]
    table.loc[2, "a"] = "other"  # of two names that differ in case, either counts
    assert repeated(table).tolist() == [False, False, False]
    write_csv(table, tmp_path / "names.csv")
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "names.csv", dtype="str", keep_default_na=False),
        table.rename(columns={"": "Unnamed: 7"}),
    )
    plain = table.drop(columns=["a", ""])
    write_csv(plain, tmp_path / "plain.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "plain.csv", dtype="str"), plain)
    found = query(f"SELECT {', '.join(map(identifier, plain))} FROM rows", rows=plain)
    pd.testing.assert_frame_equal(found, plain, check_dtype=False)


def test_a_full_disk_is_an_error_of_the_system(tmp_path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")
    with pytest.raises(OSError, match="No space left on device") as caught:
        query(f"COPY (SELECT * FROM range(100000)) TO {quoted(full)} (FORMAT csv)", files=[full])
    assert caught.value.filename == str(full)
