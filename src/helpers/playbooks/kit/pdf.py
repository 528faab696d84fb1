"""Writes the PDF files of a kit with Typst. Everything from a playbook reaches the template as data, not as markup."""

from __future__ import annotations

from helpers.present.paper.typeset import typeset

from ..session import PAPERS, Session
from .pages import Page


def pdf(session: Session, pages: list[Page], title: str, landscape: bool = False) -> bytes:
    """Typeset pages.

    Parameters
    ----------
    session : Session
        Names the paper and the footer.
    pages : list of dict
        What stands on them.
    title : str
        What the file is.
    landscape : bool
        Whether the paper lies on its side.

    Returns
    -------
    bytes
        A PDF file; the same pages give the same bytes.
    """
    front, edition = session.book.front, session.edition.title.lower()
    document = {
        "title": title,
        "name": front.title if front.form == "card" else f"{front.title}, {edition}",  # its edition is the card
        "status": session.status,
        "paper": PAPERS[session.paper],
        "landscape": landscape,
        "pages": pages,
    }
    return typeset(document)
