"""Chooses what the short deck says: at most twelve slides, each with one message and the one chart that carries it.

A slide finds its chart among what the run published: by what the chart shows (a heatmap of dimensions, dimensions by
side), by the name of an exhibit or a finding that means the same in every notebook (``course``, ``response-…``,
``change-…``, ``effect-…``), or by the weightiest finding of a chapter that no other slide is about. What a study has no
data for has no slide, and no chart stands on two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from helpers.columns import end_of
from helpers.present import theme
from helpers.present.headlines import MOST_WORDS, headline, words
from helpers.present.page_one import sentence as without_interval
from helpers.present.plots import value_label
from helpers.published import Chart, Claim, Finding

from .document import Chapter, Placed
from .layers import by_weight, chart_of, is_told, weight
from .report import Report
from .wording import estimate_words, how_sure

#: Most slides, with title, summary and what the consultant did not write.
MOST_SLIDES = 12
#: A deck of a study without a survey of two sides is filled up to so many with further findings of its chapters.
FILLED, MOST_OF_CHAPTER = 8, 3
#: Most bars of a chart that is made of a table, and of strengths or focus areas.
MOST_BARS, MOST_RANKED = 12, 5
#: Charts that PowerPoint draws itself.
NATIVE = ("bar", "dot", "line", "heatmap")
_ASKED = ("dimension", "question", "item", "wording")
_SCORES = ("favourable", "score_100", "estimate", "mean")


@dataclass(frozen=True)
class Slide:
    """What one slide says.

    Attributes
    ----------
    title : str
        The message, in at most fourteen words.
    below : str
        How sure that is, or what the chart shows.
    drawn : Placed or None
        What is drawn; without it stands the number of the finding.
    marked : set of str
        The categories the slide speaks of.
    finding : Finding or None
        The one that is the message.
    beside : dict of str to list of str
        What else is to be said, under its heading.
    """

    title: str
    below: str = ""
    drawn: Placed | None = None
    marked: set[str] = field(default_factory=set)
    finding: Finding | None = None
    beside: dict[str, list[str]] = field(default_factory=dict)


def chosen(report: Report) -> list[Slide]:
    """Return the slides between the summary and what to do.

    Parameters
    ----------
    report : Report
        Its chapters opened and numbered.

    Returns
    -------
    list of Slide
        As many as :data:`MOST_SLIDES` leaves room for beside title, summary, what to do and how to read.
    """
    choice = _Choice(report)
    front = report.summary.front
    others = 2 + bool(front) + bool(front and front.page.points)
    told = [choice.overall(), choice.groups(), *choice.ranked(), choice.sides(), choice.change()]
    topics = [slide for slide in told if slide]
    effect = choice.effect()
    room = MOST_SLIDES - others - len(topics) - bool(effect)
    slides = [*topics, *choice.chapters(room, FILLED - others - len(topics) - bool(effect))]
    return [*slides, *([effect] if effect else [])][: MOST_SLIDES - others]


class _Choice:
    """Takes charts and findings from a report, each once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        exhibits = [placed for chapter in report.chapters for placed in chapter.exhibits]
        alone = bool(report.cover.reader)  # what is for one person alone stands in that person's report
        self.exhibits = [placed for placed in exhibits if alone or not placed.exhibit.audience]
        self.found = [finding for finding in by_weight(report.findings) if alone or not finding.audience]
        self.used: set[str] = set()
        self.said: set[str] = set()

    def overall(self) -> Slide | None:
        """All in all, and who answered."""
        rates = [finding for finding in self.found if finding.id.startswith("response-") and is_told(finding)]
        scores = self.report.summary.front.page.scores if self.report.summary.front else []
        levels = [finding for finding in self.found if finding.id.startswith("overall-") and is_told(finding)]
        named = ("course", "overall-score", "overall-question", "response-rates")
        placed = self._first(lambda one: one.exhibit.id in named, order=named)
        if placed is None or not (rates or scores or levels):
            return None
        title, words = "", [f"{score.side}: {score.words}" for score in scores]
        if scores:
            of_side = next((rate for rate in rates if rate.about.get("side") == scores[0].side), None)
            title = f"{scores[0].side} rate the partnership {scores[0].score} of 100"
            title += f"; {of_side.estimate:.0f} per cent answered" if of_side else ""
        lead = next(iter([*levels, *rates]), None)
        self.said |= {one.key for one in [*rates, *levels[:1]]}
        title = _short([title, headline(lead) if lead else "", placed.exhibit.title, "Overall score and participation"])
        beside = {"Who answered": [rate.sentence for rate in rates], "All in all": words[1:]}
        return Slide(title, words[0] if words else estimate_words(lead) if lead else "", placed, beside=_filled(beside))

    def groups(self) -> Slide | None:
        """Which group stands out, on a heatmap."""
        maps = [one for one in self.exhibits if chart_type(one) == "heatmap" and _keys(one) & set(_ASKED)]
        maps.sort(key=lambda one: "dimension" not in _keys(one))
        groups = [finding for finding in self.found if "compared" in finding.about and is_told(finding)]
        for lead in groups:
            for placed in maps:
                if lead.about["compared"] in _texts(placed):
                    rest = [one for one in groups if one is not lead and one.about["compared"] in _texts(placed)]
                    return self._slide(placed, lead, {lead.about["compared"]}, "How groups score each dimension", rest)
        if not maps:
            return None
        return self._slide(maps[0], None, set(), "How groups score each dimension")

    def ranked(self) -> Iterator[Slide | None]:
        """Strengths, and focus areas: the highest and the lowest scores of the side that is asked first."""
        if (scores := self._scores()) is None:
            return
        placed, how, asked = scores
        self.used.add(placed.anchor)
        order = sorted(placed.exhibit.rows, key=lambda row: -float(row[_place(placed, how.value)] or 0))
        half = min(len(order) // 2, MOST_RANKED)
        of = f"{asked}, " if asked else ""
        for place, title, rows in (("highest", "Strengths", order[:half]), ("lowest", "Focus areas", order[-half:])):
            ranks = [one for one in self.found if one.claim == Claim.RANK and one.id.startswith(place)]
            ranks = [one for one in ranks if not asked or one.about.get("side") in (asked, None)]
            names = [str(row[_place(placed, how.category)]) for row in rows]
            names = names if place == "highest" else names[::-1]
            rank = next(
                (one for one in ranks if names[0] in one.candidates and set(one.candidates) <= set(names)), None
            )
            marked = {name for name in names if rank and name in rank.candidates} or set(names[:2])
            said = headline(rank) if rank else ""
            observed = [
                f"{of}{place} scores: “{names[0]}” and “{names[1]}”",
                f"{of}{place} score: “{names[0]}”",
            ]
            observed = [said[:1].upper() + said[1:] for said in observed]
            about = [one for one in self.found if one.about.get("dimension") in marked and weight(one)]
            also = [line for one in about if one.key not in self.said and (line := headline(one))][:3]
            self.said |= {rank.key} if rank else set()
            below = f"{title}: {how.value_label}" + ("" if rank else ". The order is the one observed.")
            drawn = _rows(placed, rows, how, title)
            yield Slide(_short([said, *observed, title]), below, drawn, marked, rank, _filled({"Also": also}))

    def sides(self) -> Slide | None:
        """Where the two sides see things differently."""

        def both(one: Placed) -> bool:
            return chart_type(one) in ("dot", "bar") and {"dimension", "side"} <= _keys(one) and _sides(one) > 1

        return self._carried(both, "How the two sides see it")

    def change(self) -> Slide | None:
        """What has changed since an earlier wave."""
        leads = [finding for finding in self.found if finding.id.startswith("change-")]
        shown = {one.anchor for finding in leads if (one := self._chart(finding))}
        return self._carried(
            lambda one: one.anchor in shown or one.exhibit.id.startswith("change-chart"), "What has changed"
        )

    def effect(self) -> Slide | None:
        """What a practice changed, where lots decided who began."""
        leads = [one for one in self.found if one.id.startswith("effect-") and is_told(one)]
        placed = self._chart(leads[0]) if leads else None
        if placed is None:
            return None
        return self._slide(placed, leads[0], _about(leads[0], placed), "What the practice changed", leads[1:])

    def chapters(self, room: int, further: int) -> list[Slide]:
        """Return the weightiest finding of each chapter that no slide is about, the weightiest chapters first."""
        waiting = {chapter.name: self._waiting(chapter) for chapter in self.report.chapters}
        shown = {anchor.partition("--")[0] for anchor in self.used}
        taken: list[tuple[str, Slide]] = []
        for turn in range(MOST_OF_CHAPTER):
            names = [name for name in waiting if waiting[name] and (turn or name not in shown)]
            names.sort(key=lambda name: -sum(map(weight, waiting[name])))
            for name in names:
                if len(taken) < (room if not turn else min(room, further)) and (slide := self._next(waiting[name])):
                    taken.append((name, slide))
        order = [chapter.name for chapter in self.report.chapters]
        return [slide for _, slide in sorted(taken, key=lambda one: order.index(one[0]))]

    def _waiting(self, chapter: Chapter) -> list[Finding]:
        """Return what a chapter found, first what has a short form, a chart, and a bar on it."""
        ready = [one for one in self.found if one.notebook == chapter.name and is_told(one)]

        def lacks(finding: Finding) -> tuple[bool, bool, bool]:
            placed = self._drawn(finding)
            return not headline(finding), placed is None, placed is not None and not _about(finding, placed)

        return sorted(ready, key=lacks)

    def _next(self, waiting: list[Finding]) -> Slide | None:
        while waiting:
            lead = waiting.pop(0)
            placed = self._drawn(lead)
            if lead.key in self.said or (placed is not None and placed.anchor in self.used):
                continue
            rest = [one for one in waiting if one.exhibit == lead.exhibit]
            return self._slide(placed, lead, _about(lead, placed) if placed else set(), "", rest)
        return None

    def _carried(self, fits: Callable[[Placed], bool], fallback: str) -> Slide | None:
        """Return the slide of the first chart that fits, about the weightiest finding on it."""
        placed = self._first(fits)
        if placed is None:
            return None
        leads = [one for one in self.found if (shown := self._chart(one)) and shown.anchor == placed.anchor]
        leads = [one for one in leads if headline(one)]
        lead = next((one for one in leads if is_told(one)), leads[0] if leads else None)
        rest = [one for one in leads if one is not lead and is_told(one)]
        return self._slide(placed, lead, _about(lead, placed) if lead else set(), fallback, rest)

    def _slide(
        self, placed: Placed | None, lead: Finding | None, marked: set[str], fallback: str, rest: Sequence[Finding] = ()
    ) -> Slide:
        if placed is not None:
            self.used.add(placed.anchor)
        also = [line for one in rest if (line := headline(one))][:3]
        self.said |= {one.key for one in [*([lead] if lead else []), *rest[:3]]}
        facts = self.report.facts(lead) if lead else []
        whole = [without_interval(lead)] if lead and not headline(lead) else []
        beside = _filled(
            {
                "What was found": whole,
                "What to try": [words for name, words in facts if name == "What to try"],
                "Also": also,
            }
        )
        shown = placed.exhibit.title if placed else ""
        if placed and not beside:
            beside = _filled({"How to read it": list(filter(None, [placed.exhibit.message]))})
        chapter = self.report.title_of(lead.notebook) if lead else ""
        title = _short([headline(lead) if lead else "", shown, fallback, chapter, "What was found"])
        return Slide(title, how_sure(lead) if lead else "", placed, marked, lead, beside)

    def _first(self, fits: Callable[[Placed], bool], order: Sequence[str] = ()) -> Placed | None:
        """Take the first chart that fits and that no slide has; ``order`` ranks exhibits by id."""
        found = [one for one in self.exhibits if fits(one) and one.anchor not in self.used]
        found.sort(key=lambda one: order.index(one.exhibit.id) if one.exhibit.id in order else 0)
        drawn = next((made for one in found if (made := as_chart(one))), None)
        if drawn is not None:
            self.used.add(drawn.anchor)
        return drawn

    def _chart(self, finding: Finding) -> Placed | None:
        return chart_of(finding, [one for one in self.exhibits if one.exhibit.notebook == finding.notebook])

    def _drawn(self, finding: Finding) -> Placed | None:
        """Return what shows a finding as a chart: one of the run, or one made of the table that it names."""
        placed = self._chart(finding) or self.report.exhibit_of(finding)
        return as_chart(placed) if placed else None

    def _scores(self) -> tuple[Placed, Chart, str] | None:
        """Return the scores that can be ranked: of dimensions, else of questions, of the first side that has four."""
        for key in _ASKED:
            for value in _SCORES:
                for placed in sorted(self.exhibits, key=lambda one: one.exhibit.kind == "chart"):
                    names = [column.name for column in placed.exhibit.columns]
                    fits = {key, value} <= set(names) and _keys(placed) <= {key, "side"} and _is_score(placed, value)
                    if fits and (made := _of_one_side(placed, key, value)):
                        return made
        return None


def as_chart(placed: Placed) -> Placed | None:
    """Return an exhibit that PowerPoint can draw: a chart as it is, a table of few estimates as bars.

    Parameters
    ----------
    placed : Placed
        An exhibit.

    Returns
    -------
    Placed or None
        ``None`` where it is a picture alone, or a table of anything else than one estimate for each of few rows.
    """
    exhibit = placed.exhibit
    if exhibit.chart:
        return placed if exhibit.chart.type in NATIVE and _known(placed, exhibit.chart.value) else None
    names = [column.name for column in exhibit.columns]
    value = next((names[place - 1] for place, name in enumerate(names) if place and end_of(name) == "low"), None)
    keys = [column.name for column in exhibit.columns[: names.index(value)]] if value else []
    keys = [name for name in keys if not exhibit.columns[names.index(name)].is_number]
    rows = [row for row in exhibit.rows if value and isinstance(row[names.index(value)], int | float)]
    if value is None or not 1 <= len(keys) <= 2 or not 1 < len(rows) <= MOST_BARS * len(keys):
        return None
    keys.sort(key=lambda name: -len({row[names.index(name)] for row in rows}))
    if len({tuple(row[names.index(name)] for name in keys) for row in rows}) < len(rows):
        return None
    return _rows(placed, rows, _bars(placed, value, keys[0], keys[1] if len(keys) > 1 else None), placed.exhibit.title)


def _bars(placed: Placed, value: str, category: str, series: str | None) -> Chart:
    columns = {column.name: column for column in placed.exhibit.columns}
    names = list(columns)
    ends = names[names.index(value) + 1 : names.index(value) + 3]
    has_ends = [end_of(name) for name in ends] == ["low", "high"]
    labels = [texts[_place(placed, series)] for texts in placed.exhibit.texts] if series else []
    return Chart(
        type="bar", category=category, series=series, value=value, low=ends[0] if has_ends else None,
        high=ends[1] if has_ends else None, value_label=value_label(columns[value]), decimals=columns[value].decimals,
        horizontal=True, colours=theme.colours(list(dict.fromkeys(labels))),
    )  # fmt: skip


def _rows(placed: Placed, rows: Sequence[Sequence[object]], how: Chart, title: str) -> Placed:
    """Return an exhibit with these of its rows, drawn so."""
    every = placed.exhibit.rows
    places = [every.index(row) for row in rows]  # type: ignore[arg-type]  # they are rows of it
    made = placed.exhibit.model_copy(
        update={
            "rows": [every[place] for place in places],
            "texts": [placed.exhibit.texts[place] for place in places],
            "chart": how,
            "alt": f"Bars with intervals: {title}. {placed.exhibit.title}",
        }
    )
    return replace(placed, exhibit=made)


def _of_one_side(placed: Placed, key: str, value: str) -> tuple[Placed, Chart, str] | None:
    names = [column.name for column in placed.exhibit.columns]
    rows = [row for row in placed.exhibit.rows if isinstance(row[names.index(value)], int | float)]
    sides = list(dict.fromkeys(str(row[names.index("side")]) for row in rows)) if "side" in names else [""]
    for side in sides:
        mine = [row for row in rows if not side or row[names.index("side")] == side]
        mine = [row for row in mine if row[names.index(key)]]
        if len(mine) >= 4 and len({row[names.index(key)] for row in mine}) == len(mine):
            how = _bars(placed, value, key, None)
            return _rows(placed, mine, how, placed.exhibit.title), how, side
    return None


def _short(titles: Sequence[str]) -> str:
    """Return the first title that is short enough, as the last one is."""
    return next((title for title in titles if title and words(title) <= MOST_WORDS), titles[-1])


def _filled(beside: dict[str, list[str]]) -> dict[str, list[str]]:
    return {heading: said for heading, said in beside.items() if said}


def _about(finding: Finding, placed: Placed) -> set[str]:
    """Return the categories of a chart that a finding is about: those it names, else those with its number."""
    exhibit = placed.exhibit
    if exhibit.chart is None:
        return set()
    names = [column.name for column in exhibit.columns]
    place, value = names.index(exhibit.chart.category), names.index(exhibit.chart.value)
    every = {row[place] for row in exhibit.texts}
    named = every & {*finding.about.values(), *finding.candidates}
    same = {
        texts[place]
        for row, texts in zip(exhibit.rows, exhibit.texts, strict=True)
        if finding.estimate is not None and row[value] == finding.estimate
    }
    quoted = {text for text in every if f"“{text}”" in finding.sentence}
    said = {text for text in every if len(text) > 3 and text in finding.sentence}
    return named or quoted or (same if len(same) == 1 else said)


def _is_score(placed: Placed, value: str) -> bool:
    column = next(column for column in placed.exhibit.columns if column.name == value)
    return value in ("favourable", "score_100") or column.unit.startswith("points (")


def chart_type(placed: Placed | None) -> str:
    """Return how a chart is drawn; empty for a table, or nothing."""
    return placed.exhibit.chart.type if placed and placed.exhibit.chart else ""


def _keys(placed: Placed) -> set[str]:
    """Return the columns of words that say what a row is about."""
    return {column.name for column in placed.exhibit.columns if not column.is_number and column.name not in _RESULTS}


#: Columns of words that are a result.
_RESULTS = ("averaging", "note", "method", "supported", "scale", "respondents")


def _sides(placed: Placed) -> int:
    place = _place(placed, "side")
    return len({row[place] for row in placed.exhibit.texts})


def _place(placed: Placed, name: str) -> int:
    return [column.name for column in placed.exhibit.columns].index(name)


def _texts(placed: Placed) -> set[str]:
    return {text for row in placed.exhibit.texts for text in row}


def _known(placed: Placed, value: str) -> bool:
    place = _place(placed, value)
    return any(isinstance(row[place], int | float) for row in placed.exhibit.rows)
