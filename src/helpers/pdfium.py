"""Opens PDF files with PDFium, one at a time: it was not made for the several threads that make a batch of reports."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2

_ALONE = threading.Lock()


@contextmanager
def opened(source: bytes | Path) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF file; no other is open in this process meanwhile, so read all of it before you leave."""
    with _ALONE:
        document = pypdfium2.PdfDocument(source)
        try:
            yield document
        finally:
            document.close()
