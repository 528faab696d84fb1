"""Names in scripts that the shipped font lacks are drawn by a font of the machine, or it is said that none can."""

import matplotlib as mpl
import pytest
from matplotlib import font_manager

from helpers.present import plots, scripts, theme


def figure_of(label):
    return plots.painted(None, lambda _, axes: axes.set_title(label))


@pytest.fixture(autouse=True)
def fresh():
    scripts.fallbacks.cache_clear()
    yield
    scripts.fallbacks.cache_clear()


@pytest.mark.parametrize("label", ["Vertrieb – Süd", "Отдел", "Ventes …"])
def test_what_the_shipped_font_draws_needs_no_word(label):
    assert plots.undrawn(figure_of(label)) == ""


def test_signs_that_no_font_has_are_named(monkeypatch):
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: [])
    assert "can draw: 부업영 (HANGUL)." in plots.undrawn(figure_of("영업부"))


def test_a_font_of_the_machine_stands_in(monkeypatch):
    with mpl.rc_context(theme.settings()):
        own = font_manager.findfont(mpl.rcParams["font.family"][0])
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: [own, "/nowhere/NotoSansCJK-Regular.ttc"])
    monkeypatch.setattr(scripts, "FILES", ("NotoSansCJK", own.rsplit("/", 1)[-1][:6]))
    scripts.fallbacks.cache_clear()
    assert scripts.fallbacks() == (font_manager.FontProperties(fname=own).get_name(),)  # a broken one is passed by
    assert theme.settings()["font.family"][-1] == scripts.fallbacks()[-1]


@pytest.mark.skipif(not any("Droid" in path or "CJK" in path for path in font_manager.findSystemFonts()),
                    reason="no font with Chinese signs is installed")  # fmt: skip
def test_chinese_is_drawn_where_a_font_has_it(recwarn):
    figure = figure_of("财务部")
    assert plots.undrawn(figure) == "" and plots.render(figure, "png")
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


def test_texts_look_for_their_letters_in_other_fonts_only_where_the_first_lacks_them():
    figure = figure_of("Vertrieb")
    figure.axes[0].set_xlabel("财务部")
    families = theme.families()
    assert scripts.narrowed(figure, families) == families[:1]
    assert figure.axes[0].title.get_fontfamily() == families[:1]
    assert figure.axes[0].xaxis.label.get_fontfamily() == families


@pytest.mark.parametrize("name", ["人力资源部", "인사팀"])
def test_letters_of_a_typeset_text_that_no_font_has_are_named(name):
    own = [str(path) for path in theme.FONT_FOLDER.glob("*.otf")]
    said = scripts.unprinted(["Sales", f"The department {name} scores higher ≥ 3 → 4."], [*own, "/nowhere/broken.ttf"])
    assert said.startswith("Boxes in the text stand for") and all(letter in said for letter in name)
    assert scripts.unprinted(["Vertrieb – Süd", "Отдел", "≥ 3 → 4 …"], own) == ""
