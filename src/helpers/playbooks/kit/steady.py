"""Office files that are the same whenever they are made: without the time of making."""

from __future__ import annotations

import io
import re
import zipfile

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms)")


def steady(office: bytes) -> bytes:
    """Return an Office file with the times of its parts and of its making set to a fixed day.

    Parameters
    ----------
    office : bytes
        A Word or Excel file.

    Returns
    -------
    bytes
        The same file; what was made from the same input has the same bytes.
    """
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(office)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z\g<2>", content)
            part = zipfile.ZipInfo(name, _EARLIEST)
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(part, content)
    return result.getvalue()
