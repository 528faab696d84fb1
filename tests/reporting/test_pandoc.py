"""Pandoc converts the same text once, and one that the system ended is started anew."""

import os

import pypandoc
import pytest

from helpers.reporting import pandoc

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a program is ended as POSIX systems do")
#: Counts how often it runs; the system ends it the first few times.
PROGRAM = """#!/bin/sh
echo x >> "{count}"
[ $(wc -l < "{count}") -gt {ended} ] || kill -9 $$
cat
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    def write(ended):
        path, count = tmp_path / "pandoc", tmp_path / "count"
        path.write_text(PROGRAM.format(count=count, ended=ended))
        path.chmod(0o755)
        monkeypatch.setattr(pypandoc, "get_pandoc_path", lambda: str(path))
        return count

    return write


def test_one_that_the_system_ended_is_run_once_more(program):
    count = program(ended=1)
    assert pandoc.run([], "words") == b"words" and count.read_text() == "x\nx\n"


def test_one_that_is_ended_again_is_a_failure_in_words(program):
    program(ended=9)
    with pytest.raises(RuntimeError, match="pandoc ended with -9"):
        pandoc.run([])


def test_the_same_text_is_converted_once(program):
    count = program(ended=0)
    words = "words of a report that no other test converts"
    assert {pandoc.converted(words, "html", "gfm") for _ in range(3)} == {words} and count.read_text() == "x\n"


def test_what_pandoc_refuses_is_not_tried_again():
    with pytest.raises(RuntimeError, match=r"pandoc ended with 22: .*nowhere"):
        pandoc.converted("words", "nowhere", "gfm")
