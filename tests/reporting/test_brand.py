"""The look that several studies of one firm share, and what a study says over it."""

import pytest
from reporting_studies import write_study

from helpers.data import InputError, Study


def branded(folder, brand, firm=None):
    """A study with this ``brand:``, beside a firm.yaml."""
    study = write_study(folder / "client", logo=False)
    settings = (study / "study.yaml").read_text(encoding="utf-8").splitlines()
    lines = [f"brand: {brand}" if line.startswith("brand:") else line for line in settings]
    (study / "study.yaml").write_text("\n".join([*lines, "data_root: .."]) + "\n", encoding="utf-8")
    if firm is not None:
        (folder / "firm").mkdir()
        (folder / "firm" / "firm.yaml").write_text(firm, encoding="utf-8")
    return study


def test_a_firm_file_is_the_brand_and_its_paths_are_its_own(tmp_path):
    study = branded(tmp_path, "../firm/firm.yaml", 'accent: "#123456"\nfooter: Shared\ndocx: letter.docx\n')
    (tmp_path / "firm" / "letter.docx").write_bytes(b"not looked into here")
    made = Study.load(study)
    assert (made.brand.accent, made.brand.footer, made.brand.pptx) == ("#123456", "Shared", None)
    assert made.brand.docx.resolve() == tmp_path / "firm" / "letter.docx"
    assert {path.name for path in made.inputs()} >= {"firm.yaml", "letter.docx", "study.yaml"}


def test_what_a_study_says_comes_before_what_its_firm_says(tmp_path):
    study = branded(
        tmp_path, "{firm: ../firm/firm.yaml, footer: Own, logo: logo.svg}", "footer: Shared\naccent: '#123456'"
    )
    (study / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    brand = Study.load(study).brand
    assert (brand.accent, brand.footer, brand.logo) == ("#123456", "Own", study / "logo.svg")


def test_a_study_without_brand_has_the_usual_one(tmp_path):
    brand = Study.load(branded(tmp_path, "{}")).brand
    assert (brand.accent, brand.footer, brand.files) == ("#0b5c6b", "", [])


@pytest.mark.parametrize(
    ("brand", "firm", "words"),
    [
        ("../firm.yml", None, r"(?s)firm\.yml.*there is no file"),
        ("../firm/firm.yaml", "colour: red", r'(?s)firm\.yaml.*unknown key "colour"'),
        ("../firm/firm.yaml", "accent: red", r"(?s)firm\.yaml.*line 1.*a colour"),
        ("../firm/firm.yaml", "firm: ../other.yaml", r'(?s)firm\.yaml.*unknown key "firm"'),
        ("../firm/firm.yaml", "pptx: deck.pptx", r"(?s)firm\.yaml.*pptx: there is no file deck\.pptx"),
        ("{docx: letter.docx}", None, r"(?s)study\.yaml.*brand\.docx: there is no file letter\.docx"),
        ("{word: letter.docx}", None, r'(?s)study\.yaml.*unknown key "word".*docx'),
    ],
)
def test_a_look_that_cannot_be_read_is_refused_with_its_place(tmp_path, brand, firm, words):
    with pytest.raises(InputError, match=words):
        Study.load(branded(tmp_path, brand, firm))
