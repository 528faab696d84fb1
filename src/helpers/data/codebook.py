"""The codebook of a study: dimensions, items and response formats, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr, model_validator

from .alike import folded
from .problems import did_you_mean, shown
from .tables import SIDES, TABLES
from .yaml_files import Declared, Mistake, load

RECOMMEND = (0, 10)
"""Range of a question whether one would recommend."""
PROMOTERS_FROM, DETRACTORS_TO = 9, 6
UNKNOWN_SIDE = "respondent"
"""Side of a respondent when a study does not tell sides apart."""


class Instrument(Declared):
    """Where the questionnaire comes from and how far it may be trusted."""

    name: str
    version: str = ""
    status: str = ""
    licence: str = ""
    note: str = ""


class Response(Declared):
    """How an item is answered.

    Parameters
    ----------
    type : {"rating", "text"}
        ``rating`` (whole numbers from low to high) or ``text`` (a comment).
    low, high : int, optional
        Ends of the range, inclusive; for ratings only.
    favourable_from : int, optional
        Smallest favourable answer, after reverse scoring; default: the upper two fifths of the points, of four points
        the upper two.
    labels : dict of int to str or list of str, optional
        Answer to its label, or to a list: the label and other wordings an import accepts.
    """

    type: Literal["rating", "text"]
    low: int | None = None
    high: int | None = None
    favourable_from: int | None = None
    labels: dict[int, str | list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> Response:
        if self.type == "text":
            return self
        if self.low is None or self.high is None or self.low >= self.high:
            raise ValueError("a rating needs low and high, with low below high")
        outside = [answer for answer in self.labels if not self.low <= answer <= self.high]
        if outside:
            raise ValueError(f"label for {outside[0]} lies outside {self.low} to {self.high}")
        if self.favourable_from is not None and not self.low < self.favourable_from <= self.high:
            raise ValueError(f"favourable_from must lie above {self.low} and not above {self.high}")
        return self

    def label(self, answer: int) -> str:
        """Return the label of an answer, or the number as text where there is none."""
        wording = self.labels.get(answer, str(answer))
        return wording if isinstance(wording, str) else wording[0]


class Dimension(Declared):
    """What a set of items measures together, and the playbook that trains it."""

    id: str
    label: str = ""
    description: str = ""
    playbook: str | None = None
    source: str = ""

    @model_validator(mode="before")
    @classmethod
    def _default_label(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("id"), str):
            return {"label": data["id"].replace("_", " ").capitalize(), **data}
        return data


class Item(Declared):
    """One question.

    Parameters
    ----------
    id : str
        Column of the survey table.
    dimension : str, optional
        Id of the dimension; needed for items of a scale.
    response : str
        Name of a response format.
    answered_by : list of {"hr", "manager", "employee"}, optional
        Sides that answer it; empty: everybody.
    reverse : bool, optional
        A high answer means little of the dimension.
    short_form : bool, optional
        Belongs to the short form.
    role : {"scale", "outcome", "comment"}, optional
        ``scale``, ``outcome`` or ``comment``.
    recommend : str, optional
        Of an outcome from 0 to 10 that asks whether one would recommend: what the study calls its net score, such as
        ``eNPS``. 9 and 10 are promoters, 0 to 6 detractors.
    text : str or dict of {"hr", "manager", "employee"} to str
        The wording, or one wording per side.
    source, licence : str, optional
        Where the wording comes from.
    """

    id: str
    dimension: str | None = None
    response: str
    answered_by: list[Literal["hr", "manager", "employee"]] = Field(default_factory=list)
    reverse: bool = False
    short_form: bool = False
    role: Literal["scale", "outcome", "comment"] = "scale"
    recommend: str = ""
    text: str | dict[Literal["hr", "manager", "employee"], str]
    source: str = ""
    licence: str = ""
    _response: Response | None = PrivateAttr(None)

    @property
    def format(self) -> Response:
        """How the item is answered."""
        if self._response is None:
            raise ValueError(f"item {self.id} belongs to no codebook that knows the response {self.response}")
        return self._response

    @property
    def low(self) -> int | None:
        """Smallest possible answer; None for comments."""
        return self.format.low

    @property
    def high(self) -> int | None:
        """Largest possible answer; None for comments."""
        return self.format.high

    @property
    def favourable_from(self) -> int | None:
        """Smallest favourable answer; None for comments.

        As declared; else 9 where ``recommend`` names a net score; else the upper two fifths of the points, rounded
        down but at least one, and two of four, which have no middle.
        """
        low, high = self.low, self.high
        if self.format.type == "text" or low is None or high is None:
            return None
        if self.recommend:
            return PROMOTERS_FROM
        if self.format.favourable_from is not None:
            return self.format.favourable_from
        points = high - low + 1
        return high + 1 - (2 if points == 4 else max(1, 2 * points // 5))

    @property
    def unfavourable_to(self) -> int | None:
        """Largest unfavourable answer, as many points from the bottom as the favourable are from the top; or None.

        Of a question with ``recommend`` 6. Answers between are neutral; where the two would meet there are none.
        """
        low, high, cut = self.low, self.high, self.favourable_from
        if low is None or high is None or cut is None:
            return None
        return DETRACTORS_TO if self.recommend else min(low + high - cut, cut - 1)

    def text_for(self, side: str | None = None) -> str:
        """Return the wording for a side, or the first wording where the side has none."""
        if isinstance(self.text, str):
            return self.text
        return next((text for each, text in self.text.items() if each == side and text), next(iter(self.text.values())))

    def asked_of(self, side: str | None) -> bool:
        """Tell whether a side answers this item; None and the unknown side answer all."""
        return side in (None, UNKNOWN_SIDE) or not self.answered_by or side in self.answered_by


class Codebook(Declared):
    """Dimensions, items and response formats of a study."""

    instrument: Instrument
    responses: dict[str, Response]
    dimensions: list[Dimension] = Field(default_factory=list)
    items: list[Item] = Field(min_length=1)
    themes: dict[str, list[str]] = Field(default_factory=dict)
    """Words by which a comment is counted under a theme; ``listen*`` also finds "listened"."""

    @classmethod
    def load(cls, path: str | Path) -> Codebook:
        """Read a codebook from a YAML file.

        Parameters
        ----------
        path : str or pathlib.Path
            The file.

        Returns
        -------
        Codebook
            The codebook.

        Raises
        ------
        InputError
            With every mistake and its line.
        """
        return load(cls, Path(path))

    def model_post_init(self, _context: object) -> None:
        """Give every item its response format."""
        for item in self.items:
            item._response = self.responses.get(item.response)

    def mistakes(self) -> list[Mistake]:
        """Return what dimensions, responses and items do not agree on, each with its place."""
        dimensions, items = [x.id for x in self.dimensions], [x.id for x in self.items]
        found: list[Mistake] = [
            ((part, place), f"{shown(name)} stands here a second time, or looks as if it did")
            for part, names in (("dimensions", dimensions), ("items", items))
            for place, name in enumerate(names)
            if folded(name) in map(folded, names[:place])
        ]
        found += [
            (("themes", theme), f"theme {shown(theme)} has no words")
            for theme, words in self.themes.items()
            if not [word for word in words if word.strip(" *")]
        ]
        for place, item in enumerate(self.items):
            found += [(("items", place), f"item {item.id}: {words}") for words in self._mistakes(item, dimensions)]
        return found

    def _mistakes(self, item: Item, dimensions: list[str]) -> list[str]:
        found: list[str] = []
        if item.id in TABLES["survey"].columns:
            found.append("this name is a column of the survey table; choose another")
        if item.response not in self.responses:
            hint = did_you_mean(item.response, self.responses)
            found.append(f"there is no response {shown(item.response)} {hint}".rstrip())
        elif (item.role == "comment") != (item.format.type == "text"):
            found.append("a comment, and only a comment, has a response of type text")
        elif item.recommend and (item.role != "outcome" or item.reverse or (item.low, item.high) != RECOMMEND):
            found.append("recommend belongs to an outcome that is answered from 0 to 10 and is not reversed")
        if item.dimension is not None and item.dimension not in dimensions:
            hint = did_you_mean(item.dimension, dimensions)
            found.append(f"there is no dimension {shown(item.dimension)} {hint}".rstrip())
        if item.dimension is None and item.role == "scale":
            found.append("an item of a scale needs a dimension")
        if isinstance(item.text, dict) and (absent := set(item.answered_by or item.text) - set(item.text)):
            found.append(f"no text for {', '.join(sorted(absent))}")
        if not item.text:
            found.append("no text")
        return found

    @property
    def sides(self) -> list[str]:
        """Sides that answer at least one item; ``["respondent"]`` where the items name none."""
        named = {side for item in self.items for side in item.answered_by}
        return [side for side in SIDES if side in named] or [UNKNOWN_SIDE]

    def dimension(self, id: str) -> Dimension:
        """Return a dimension by id; KeyError when there is none."""
        return {dimension.id: dimension for dimension in self.dimensions}[id]

    def item(self, id: str) -> Item:
        """Return an item by id; KeyError when there is none."""
        return {item.id: item for item in self.items}[id]

    def scale_items(
        self, dimension: str | None = None, side: str | None = None, short_form: bool | None = None
    ) -> list[Item]:
        """Return the items of the scales.

        Parameters
        ----------
        dimension : str, optional
            Id of a dimension; None: all.
        side : str, optional
            Only items this side answers; None: all.
        short_form : bool, optional
            True: only the short form; False: only the others; None: all.

        Returns
        -------
        list of Item
            Items in the order of the codebook.
        """
        return [
            item
            for item in self._with_role("scale", side)
            if dimension in (None, item.dimension) and short_form in (None, item.short_form)
        ]

    def outcomes(self, side: str | None = None) -> list[Item]:
        """Return the rated items that stand alone, such as the overall rating."""
        return self._with_role("outcome", side)

    def comments(self, side: str | None = None) -> list[Item]:
        """Return the items answered in words."""
        return self._with_role("comment", side)

    def _with_role(self, role: str, side: str | None) -> list[Item]:
        return [item for item in self.items if item.role == role and item.asked_of(side)]
