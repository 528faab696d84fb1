"""Brand colours stay readable, logos work or are refused in words."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reporting_studies import write_study

from helpers.data import InputError, Study
from helpers.reporting.cover import Cover, contrast_with_white, in_words, readable
from helpers.reporting.pictures import rasterized


@pytest.mark.parametrize(
    ("colour", "ratio"), [("#000000", 21.0), ("#ffffff", 1.0), ("#767676", 4.54), ("#ff0000", 4.0)]
)
def test_contrast_agrees_with_published_values(colour, ratio):
    # 21, 1 and 4.54 (#767676, the lightest grey that passes) are the values WCAG's documents give.
    assert contrast_with_white(colour) == pytest.approx(ratio, abs=0.005)


@given(st.integers(0, 0xFFFFFF))
def test_every_accent_ends_readable_and_a_readable_one_stays(number):
    colour = f"#{number:06x}"
    assert contrast_with_white(readable(colour)) >= 4.5
    if contrast_with_white(colour) >= 4.5:
        assert readable(colour) == colour


def test_date_cannot_be_misread():
    assert in_words(datetime.date(2026, 3, 4)) == "4 March 2026"


def test_cover_reads_the_study(tmp_path):
    cover = Cover.of(Study.load(write_study(tmp_path / "s", accent="#ffee00")))
    assert (cover.client, cover.date, cover.footer) == ("Fictional Foods", "30 June 2026", "Confidential")
    assert contrast_with_white(cover.accent) >= 4.5
    assert cover.logo_uri.startswith("data:image/png;base64,")


def test_vector_logo_serves_formats_without_vectors(tmp_path):
    folder = write_study(tmp_path / "s", logo=False)
    svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 10'><rect width='20' height='10' fill='red'/></svg>"
    (folder / "logo.svg").write_text(svg, encoding="utf-8")
    settings = folder / "study.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("Confidential}", "Confidential, logo: logo.svg}"), encoding="utf-8"
    )
    assert Cover.of(Study.load(folder)).logo_png().startswith(b"\x89PNG")


def test_a_logo_that_is_no_picture_is_refused(tmp_path):
    folder = write_study(tmp_path / "s")
    (folder / "logo.png").write_text("not a picture", encoding="utf-8")
    with pytest.raises(InputError, match=r"logo\.png"):
        Cover.of(Study.load(folder))


def test_vectors_are_drawn_at_print_resolution(tmp_path):
    svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 10'><rect width='20' height='10'/></svg>"
    (tmp_path / "x.png").write_bytes(rasterized(svg, width_cm=16))
    width, _ = Image.open(tmp_path / "x.png").size
    assert width / (16 / 2.54) >= 200
