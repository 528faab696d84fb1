"""How a finding and page one stand in a notebook: for the screen, and as data for a report."""

from __future__ import annotations

import jinja2

from helpers.published import MIME, Finding, PageOne, Point, dump

_templates = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_FINDING = _templates.from_string(
    """<div style="border-left:4px solid {{ accent }};padding:.3em .8em;margin:.8em 0"><strong>{{ finding.sentence }}\
</strong>
<br><span style="color:#52606d">{{ line }}</span>
{% for caveat in finding.caveats %}<br><span style="color:#52606d">{{ caveat }}</span>{% endfor %}</div>"""
)
_PAGE = _templates.from_string(
    """<p style="font-size:120%"><strong>{{ page.headline }}</strong></p>
{% for score in page.scores %}<p>{{ score.side }}: {{ score.words }}</p>
{% endfor %}
{% for words in page.compared %}<p>{{ words }}</p>
{% endfor %}
<table><thead><tr>{% for name in heads %}<th style="text-align:left">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for point in page.points %}
<tr>{% for words in point.cells %}<td style="text-align:left">{{ words }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table>
{% for title, sentences in page.beside %}<p><strong>{{ title }}</strong></p>
<ul>{% for words in sentences %}<li>{{ words }}</li>{% endfor %}</ul>
{% endfor %}"""
)


def page_html(page: PageOne) -> str:
    """Return page one for the screen; its charts stand in outputs of their own."""
    return _PAGE.render(page=page, heads=Point.HEADS)


def finding_data(finding: Finding, accent: str) -> dict[str, object]:
    """Return a finding in every form that a notebook displays.

    Parameters
    ----------
    finding : Finding
        What is displayed.
    accent : str
        The study's colour.

    Returns
    -------
    dict
        HTML, plain text and the contract's data, by MIME type.
    """
    html = _FINDING.render(accent=accent, finding=finding, line=" · ".join(facts(finding)))
    return {"text/html": html, "text/plain": finding.sentence, MIME: dump(finding)}


def facts(finding: Finding) -> list[str]:
    """Return what stands below a finding on the screen: evidence beside how many comparisons, people, method."""
    beside = f", beside {finding.compared} comparisons" if (finding.compared or 0) > 1 else ""
    evidence = f"Evidence: {finding.grade}{beside}" if finding.grade else ""
    return [text for text in (evidence, f"n = {finding.n}", finding.method) if text]
