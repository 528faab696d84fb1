"""One whole report with everything in it, made once."""

import pytest
from reporting_studies import BROKEN, HOSTILE, NEEDLESS, RICH, SPARSE, notebook, write_study

from helpers.reporting import report


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The report of a hostile study: a rich, a sparse, a failing and a needless notebook."""
    folder = tmp_path_factory.mktemp("built")
    study = write_study(folder / "client", title=" ".join(HOSTILE[:4]), client=HOSTILE[0] + " & Söhne")
    books = folder / "notebooks"
    for name, cells in {
        "02_rich_survey": RICH,
        "03_sparse": SPARSE,
        "04_broken": BROKEN,
        "05_needless": NEEDLESS,
    }.items():
        notebook(books / f"{name}.ipynb", *cells)
    return report(study, out=folder / "out", notebooks=books, full_deck=True)
