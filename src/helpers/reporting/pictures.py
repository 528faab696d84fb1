"""Pictures, as vectors or as pixels, in the form a format needs them."""

from __future__ import annotations

import base64
import functools
import io
from dataclasses import dataclass

import typst
from PIL import Image


@dataclass(frozen=True)
class Drawing:
    """What a picture shows: as vectors (``svg``), as pixels (``png``), or both."""

    svg: str = ""
    png: bytes = b""

    def __bool__(self) -> bool:
        """Tell whether there is anything to show."""
        return bool(self.svg or self.png)

    def as_svg(self) -> str:
        """Return vectors, or the pixels wrapped in them."""
        return svg_only(self.svg) if self.svg else png_as_svg(self.png)

    def as_png(self) -> bytes:
        """Return pixels, sharp enough for print."""
        return rasterized(self.svg) if self.svg else self.png


def data_uri(content: bytes, mime: str) -> str:
    """Embed a file's content in an address."""
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"


def svg_only(svg: str) -> str:
    """Return an SVG without the XML header and the document type that drawing programs put before it."""
    return svg[max(svg.find("<svg"), 0) :]


def png_as_svg(png: bytes) -> str:
    """Wrap a PNG in an SVG, so that a page has to deal with one kind of picture."""
    width, height = Image.open(io.BytesIO(png)).size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="{data_uri(png, "image/png")}"/></svg>'
    )


@functools.lru_cache(maxsize=128)  # a picture stands in a chapter's file and in that of the whole report
def rasterized(svg: str, width_cm: float = 16.0, dots_per_inch: int = 220) -> bytes:
    """Draw an SVG as PNG, as wide as it will be printed, for the formats that take no vectors."""
    source = (
        "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n"
        f'#image(bytes(sys.inputs.svg), format: "svg", width: {width_cm}cm)'
    )
    return typst.compile(source.encode(), format="png", ppi=dots_per_inch, sys_inputs={"svg": svg_only(svg)})
