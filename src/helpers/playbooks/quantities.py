"""How many copies of a sheet a session needs."""

from __future__ import annotations

from helpers.data.problems import shown


def copies(formula: str, people: int) -> int:
    """Return how many copies of a sheet a session needs.

    Parameters
    ----------
    formula : str
        Sum of numbers and of N (people), G (pairs: N ÷ 2 rounded down), T (teams: N ÷ 2 rounded up), Q (tables:
        N ÷ 4 rounded up) or O (1 when N is odd, else 0), each with a factor or divided by a number and rounded up:
        ``2 × G + 1``, ``G ÷ 2``. A dash: none.
    people : int
        N, at least 1.

    Returns
    -------
    int
        Number of copies.

    Raises
    ------
    ValueError
        If the formula is none of these.
    """
    if formula == "–":
        return 0
    sizes = {"N": people, "G": people // 2, "T": -(-people // 2), "Q": -(-people // 4), "O": people % 2}
    total = 0
    for term in formula.split(" + "):
        factor, _, rest = term.rpartition(" × ")
        letter, _, divisor = rest.partition(" ÷ ")
        whole = all(part.isdigit() and int(part) for part in (factor or "1", divisor or "1"))
        if (letter not in sizes and not letter.isdigit()) or not whole:
            raise ValueError(f"{shown(formula)} is no formula of N, G, T, Q or O")
        each = sizes[letter] if letter in sizes else int(letter)
        total += int(factor or 1) * -(-each // int(divisor or 1))
    return total
