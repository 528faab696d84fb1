"""The release plan in words: for whoever holds the data, and for the readers of a report."""

from __future__ import annotations

import pandas as pd

from helpers.columns import side_label, told_of

from .plan import OPENINGS, AttributePlan, Plan, SidePlan, too_few
from .rated import DOMINANT

NOT_BROKEN_DOWN = "Results are not broken down: the study has no attributes, or none with groups that are large enough."


def explain(plan: Plan) -> list[str]:
    """Say which groups are merged, why, and what share of respondents keeps its own label.

    Parameters
    ----------
    plan : Plan
        From :func:`helpers.privacy.plan.release_plan`.

    Returns
    -------
    list of str
        Lines to print for whoever holds the data. They give no number of people below ``min_group``, but say of which
        groups fewer answered: no report says that.
    """
    lines = [f"Nothing published singles out fewer than {plan.min_group} people."]
    for side, part in plan.sides.items():
        who = side_label(side) if side != OPENINGS else "Openings"
        if part.too_few:
            lines.append(f"{who}: {part.too_few}; nothing is published of this side alone.")
            continue
        proof = "no safe plan keeps more" if part.bound == part.objective else f"at most {part.gap:.1%} below the best"
        waves = f" ({', '.join(part.waves)})" if part.waves else ""
        lines.append(f"{who}{waves}: {_share(part, side)}, over all attributes ({proof}).")
        lines += _about(part, told_of(side))
        for name, attribute in part.attributes.items():
            if attribute.left_out:
                lines.append(f"  {name}: left out. {attribute.left_out}")
            else:
                groups = f"{len(attribute.groups)} group{'s' if len(attribute.groups) != 1 else ''}"
                lines.append(f"  {name}: {groups}; {_share(attribute, side)}")
            for merged in attribute.merged:
                lines.append(f"    {merged.label}:")
                lines += [f"      {label}: {reason}" for label, reason in merged.reasons.items()]
            lines += [f"    {note}" for note in attribute.notes]
    return lines


def breakdowns(plan: Plan) -> pd.DataFrame:
    """List what people are divided by and how, for the readers of a report.

    Parameters
    ----------
    plan : Plan
        From :func:`helpers.privacy.plan.release_plan`.

    Returns
    -------
    pandas.DataFrame
        One row per side of people and attribute that is published: side, attribute, groups (number of groups with
        answers) and merged (which labels are in which merged group, in words; "–" where none are). ``attrs["absent"]``
        says what it means that there are no rows. How many keep their own label is not in it: from that the number of
        people in a merged group would follow, which no report gives exactly.
    """
    rows = [
        {
            "side": side,
            "attribute": name,
            "groups": len(attribute.groups),
            "merged": _merged(attribute) or "–",
        }
        for side, part in plan.sides.items()
        for name, attribute in part.attributes.items()
        if side != OPENINGS and not attribute.left_out
    ]
    frame = pd.DataFrame(rows, columns=["side", "attribute", "groups", "merged"])
    frame.attrs["absent"] = NOT_BROKEN_DOWN
    return frame


def remarks(plan: Plan, openings: bool = False) -> list[str]:
    """Say which attributes are left out, and of openings which groups are merged, for the readers of a report.

    Parameters
    ----------
    plan : Plan
        From :func:`helpers.privacy.plan.release_plan`.
    openings : bool
        Whether to speak of openings; else of people.

    Returns
    -------
    list of str
        Sentences; none where nothing is left out or merged. An attribute that nobody of a side has is not named.
    """
    said = []
    for side, part in plan.sides.items():
        if (side == OPENINGS) != openings:
            continue
        who = side_label(side, within=True)
        if part.too_few:
            said.append(f"Nothing is published of {who} alone: {part.too_few}.")
            continue
        if left_out := [name for name, item in part.attributes.items() if item.left_out and item.recorded]:
            few = f"the groups would {too_few(plan.min_group, part.min_rated, told_of(side))}"
            said.append(f"{who[:1].upper()}{who[1:]} are not divided by {' and '.join(left_out)}: {few}.")
        merged = [words for item in part.attributes.values() if (words := _merged(item))]
        if openings and merged:
            said.append(f"Openings of too few hiring managers are taken together: {'; '.join(merged)}.")
    return said


def _about(part: SidePlan, whom: str) -> list[str]:
    """Say how many people the groups of a side tell of, and of which waves even all of it tells of too few."""
    if part.min_rated < 2:
        return []
    share = f"over {100 * DOMINANT:.0f} %"
    lines = [f"  Each group is about at least {part.min_rated} {whom}, and not {share} about one of them."]
    if part.about_few:
        waves = ", ".join(part.about_few)
        lines.append(
            f"  Not in {waves}: even all answers are about fewer than {part.min_rated} {whom}, or {share} about one; "
            "reports hide what that makes tell of too few."
        )
    return lines


def _merged(attribute: AttributePlan) -> str:
    return "; ".join(f"{group.label}: {', '.join(group.reasons)}" for group in attribute.merged)


def _share(part: SidePlan | AttributePlan, side: str) -> str:
    return f"{100 * part.share_kept:.0f} % of {'openings' if side == OPENINGS else 'respondents'} keep their own label"
