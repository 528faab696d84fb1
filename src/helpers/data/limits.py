"""How large an input may be: what exceeds a limit is refused before it takes time and memory."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from .problems import InputError, input_error
from .yaml_files import Declared

MEGABYTE = 1_000_000
SMALL_WORKBOOK = 20 * MEGABYTE
"""Unpacked size below which the ratio does not matter: small sheets of equal cells pack very well."""


class Limits(Declared):
    """Largest sizes of a table, under ``limits`` in study.yaml; what is larger is refused.

    Parameters
    ----------
    rows, columns, cells : int, optional
        Of one table.
    cell_length : int, optional
        Characters in one cell, or in one name of a column.
    file_megabytes : int, optional
        Of one file.
    workbook_megabytes : int, optional
        Of one workbook, SPSS or Parquet file once it is unpacked.
    workbook_ratio : int, optional
        Times that a workbook grows when it is unpacked, if that makes it larger than 20 megabytes.
    """

    rows: int = Field(default=20_000_000, gt=0)
    columns: int = Field(default=5_000, gt=0)
    cells: int = Field(default=200_000_000, gt=0)
    cell_length: int = Field(default=100_000, gt=0)
    file_megabytes: int = Field(default=2_000, gt=0)
    workbook_megabytes: int = Field(default=500, gt=0)
    workbook_ratio: int = Field(default=200, gt=0)

    def check_file(self, path: Path, file: str, table: str) -> None:
        """Refuse a file that is too large."""
        self._check("file_megabytes", path.stat().st_size, MEGABYTE, "the file has {} megabytes", file, table)

    def check_shape(self, shape: tuple[int, int], file: str, table: str) -> None:
        """Refuse a table with too many rows, columns or cells, given the first two of these."""
        rows, columns = shape
        self._check("columns", columns, 1, "there are {} columns", file, table)
        self._check("rows", rows, 1, "there are {} rows", file, table)
        self._check("cells", rows * columns, 1, "there are {} cells", file, table)

    def check_cells(self, frame: pd.DataFrame, file: str, table: str) -> None:
        """Refuse a table that holds a text that is too long."""
        for name in frame:
            self.check_length(len(str(name)), file, table)
            if frame[name].dtype == "str":
                self.check_text(pa.array(frame[name], pa.large_string(), from_pandas=True), file, table)

    def check_text(self, texts: pa.Array | pa.ChunkedArray, file: str, table: str) -> None:
        """Refuse a column that holds a text that is too long."""
        if (pc.max(pc.binary_length(texts)).as_py() or 0) > self.cell_length:  # bytes are counted at once
            self.check_length(pc.max(pc.utf8_length(texts)).as_py(), file, table)

    def check_length(self, length: int, file: str, table: str) -> None:
        """Refuse a text that is too long."""
        self._check("cell_length", length, 1, "a cell holds {} characters", file, table)

    def check_unpacked(self, size: int, file: str, table: str) -> None:
        """Refuse what is too large once it is unpacked."""
        self._check("workbook_megabytes", size, MEGABYTE, "unpacked, it has {} megabytes", file, table)

    def check_workbook(self, path: Path, file: str, table: str) -> None:
        """Refuse a workbook that unpacks to too much, by its directory and then by its parts.

        Raises
        ------
        InputError
            When it is too large.
        zipfile.BadZipFile
            When it is no workbook, or a part of it is not what the directory says.
        """
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
            self.check_unpacked(size, file, table)
            if size > SMALL_WORKBOOK:
                ratio = size // max(path.stat().st_size, 1)
                self._check("workbook_ratio", ratio, 1, "unpacked, it is {} times as large", file, table)
            if archive.testzip():  # reads piece by piece no more of a part than the directory says
                raise zipfile.BadZipFile

    def _check(self, key: str, size: int, unit: int, found: str, file: str, table: str) -> None:
        allowed = getattr(self, key)
        if size > allowed * unit:
            told = f"{size / unit:,.0f}" if size / unit >= allowed + 0.5 else f"more than {allowed:,}"
            raise self._too_large(key, found.format(told), file, table)

    def _too_large(self, key: str, found: str, file: str, table: str) -> InputError:
        fix = f"Look whether it is the right file; if so, raise limits.{key} in study.yaml"
        return input_error(file, found, f"at most {getattr(self, key):,}", fix, table=table)
