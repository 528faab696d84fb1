"""What an audit found."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Leak:
    """One thing that an attacker would learn, said without the value itself.

    Attributes
    ----------
    file : str
        The file, below the report folder.
    place : str
        Exhibit, page or part.
    kind : str
        What kind of leak it is, in two or three words.
    sentence : str
        What could be learned, and from what.
    """

    file: str
    place: str
    kind: str
    sentence: str

    def __str__(self) -> str:
        """Say where and what in one line."""
        where = f"{self.file}, {self.place}" if self.place else self.file
        return f"{where}: {self.kind}. {self.sentence}"


@dataclass
class Verdict:
    """The outcome of an audit.

    Attributes
    ----------
    checked : list of str
        What was looked at, and what could not be, one sentence each.
    found : list of Leak
        What an attacker would learn.
    """

    checked: list[str] = field(default_factory=list)
    found: list[Leak] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.found

    def record(self) -> dict[str, object]:
        """Return what the manifest keeps of it."""
        return {
            "audit": "passed" if self.passed else "failed",
            "checked": self.checked,
            "found": [str(leak) for leak in self.found],
        }

    def text(self, name: str) -> str:
        """Return what the command line prints: one line when nothing was found."""
        if self.passed:
            return f"{name}: nothing found. " + " ".join(self.checked)
        lines = [f"{name}: {len(self.found)} found. Do not pass this report on."]
        lines += [f"  {leak}" for leak in self.found]
        return "\n".join([*lines, *(f"  Checked: {sentence}" for sentence in self.checked)])
