"""What the command line loads before it is known what it has to do."""

import subprocess
import sys

import pytest

HEAVY = ("pandas", "numpy", "pydantic", "papermill", "nbformat", "matplotlib")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["import", "--help"], ["report", "--help"]])
def test_help_loads_none_of_the_libraries(arguments):
    code = (
        "import sys\nfrom helpers.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.strip() == "[]", done.stderr


def test_a_report_does_without_the_grammar_of_internet_addresses():
    """It is read by a checker of formats that nothing here asks for, and takes longer than everything else."""
    code = "import sys, helpers.reporting\nprint('rfc3987_syntax.syntax_helpers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
