"""What stands on every cover: client, title, date and the client's brand, checked so that text stays readable."""

from __future__ import annotations

import colorsys
import io
from dataclasses import dataclass, replace
from datetime import date as date_type
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from helpers.data import Study
from helpers.data.problems import input_error

from .pictures import data_uri, rasterized
from .wording import printable, shortened

_PICTURE_TYPES = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


@dataclass(frozen=True)
class Cover:
    """Client, title, date, brand and the privacy rule of a report.

    Attributes
    ----------
    client, title, footer, language : str
        As in study.yaml; ``footer`` is the line that marks every page, for instance "Confidential".
    as_of : datetime.date
        The study's date, which files carry instead of the machine's clock.
    date : str
        The same in words.
    accent : str
        Brand colour as ``#rrggbb``, darkened where white text on it could not be read.
    min_group, min_rated : int
        Results of fewer people, and about fewer, are not shown.
    reader : str
        Id of the one person it is for; empty for a shared report.
    logo : bytes or None
        The logo's file content, and ``logo_suffix`` its type.
    docx, pptx, typst : pathlib.Path or None
        Templates of the brand; what they must hold stands in ``formats/templates/README.md``.
    """

    client: str
    title: str
    as_of: date_type
    date: str
    footer: str
    language: str
    accent: str
    min_group: int
    min_rated: int = 2
    reader: str = ""
    logo: bytes | None = None
    logo_suffix: str = ""
    docx: Path | None = None
    pptx: Path | None = None
    typst: Path | None = None

    @classmethod
    def of(cls, study: Study, reader: str = "", mark: str = "", group: str = "") -> Cover:
        """Read the cover from a study; a logo that cannot be used is the user's to mend.

        The footer of every page names the one person a report is for, and says what else ``mark`` does: a draft. The
        title names the one group that it is about.
        """
        marks = [mark, study.brand.footer, f"For {reader} alone" if reader else ""]
        cover = cls(
            client=printable(study.client),
            title=printable(": ".join(filter(None, [study.title, group]))),
            as_of=study.as_of,
            date=in_words(study.as_of),
            footer=printable(" · ".join(mark for mark in marks if mark)),
            language=study.language,
            accent=readable(study.brand.accent),
            min_group=study.privacy.min_group,
            min_rated=study.privacy.min_rated,
            reader=reader,
            docx=study.brand.docx,
            pptx=study.brand.pptx,
            typst=study.brand.typst,
        )
        if study.brand.logo is None:
            return cover
        logo = Path(study.brand.logo)
        content = logo.read_bytes() if logo.is_file() else b""
        cover = replace(cover, logo=content, logo_suffix=logo.suffix.lower())
        try:
            cover.logo_png()
        except (KeyError, UnidentifiedImageError, RuntimeError) as error:
            raise input_error(
                "study.yaml",
                f"the logo {logo.name} cannot be read as a picture",
                expected="a .png, .jpg or .svg file",
                fix="Correct it, or remove the line to leave the logo out",
                column="brand.logo",
            ) from error
        return cover

    @property
    def logo_uri(self) -> str:
        """The logo as a data address, so that a page needs no second file."""
        return data_uri(self.logo, _PICTURE_TYPES[self.logo_suffix]) if self.logo else ""

    def line(self, length: int) -> str:
        """Client, title and date on one line, cut before its last part, the footer; the date is whole or left out."""
        room = max(length - len(self.footer) - 3, 8)
        names = " · ".join(filter(None, [self.client, self.title]))
        dated = " · ".join(filter(None, [names, self.date]))
        return " · ".join(filter(None, [dated if len(dated) <= room else shortened(names, room), self.footer]))

    def logo_png(self) -> bytes | None:
        """The logo as PNG for the formats that take no vectors."""
        if self.logo is None:
            return None
        if _PICTURE_TYPES[self.logo_suffix] == "image/svg+xml":
            return rasterized(self.logo.decode("utf-8"), width_cm=6)
        picture = io.BytesIO()
        Image.open(io.BytesIO(self.logo)).convert("RGBA").save(picture, "PNG")
        return picture.getvalue()


def in_words(day: date_type) -> str:
    """Write a date so that no reader mistakes day for month: ``30 June 2026``."""
    return f"{day.day} {day:%B %Y}"


def readable(colour: str) -> str:
    """Darken a colour until white text on it, and it on white, reach the contrast WCAG asks of text (4.5 to 1)."""
    red, green, blue = (int(colour.lstrip("#")[place : place + 2], 16) / 255 for place in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    while contrast_with_white(colour) < 4.5:
        lightness -= 0.01
        parts = colorsys.hls_to_rgb(hue, max(lightness, 0), saturation)
        colour = "#" + "".join(f"{round(part * 255):02x}" for part in parts)
    return colour


def contrast_with_white(colour: str) -> float:
    """Return the WCAG 2.2 contrast ratio of ``#rrggbb`` and white, from 1 to 21.

    References
    ----------
    W3C (2023). Web Content Accessibility Guidelines 2.2, definitions of contrast ratio and relative luminance.
    """
    parts = [int(colour.lstrip("#")[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear)) + 0.05)
