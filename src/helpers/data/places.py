"""Where the files of a study may lie: below its folder, or below a folder that its holder has declared."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .problems import Problem, input_error, shown

VARIABLE = "HR_PARTNERSHIP_DATA_ROOT"
"""Environment variable with the folders from which every study may read; a study cannot set it."""


@dataclass(frozen=True)
class Places:
    """The folders that hold the files of one study.

    Parameters
    ----------
    study : pathlib.Path
        The study's folder, resolved.
    root : pathlib.Path, optional
        The declared folder outside it, resolved.
    """

    study: Path
    root: Path | None = None

    @classmethod
    def of(cls, study: Path, data_root: Path | None) -> Places:
        """Return the places of a study.

        Parameters
        ----------
        study : pathlib.Path
            The study's folder.
        data_root : pathlib.Path or None
            The folder that study.yaml declares, relative to the study's. It lies beside the study or below that, or
            in a folder that the variable ``HR_PARTNERSHIP_DATA_ROOT`` of this machine names: a study that comes from
            somebody else cannot open the whole disk to itself.

        Raises
        ------
        InputError
            When the folder is not there, or lies elsewhere.
        """
        study = study.resolve()
        if data_root is None:
            return cls(study)
        root = _resolved(study / data_root)
        if root is None or not root.is_dir():
            fix = "Correct the path, or remove the line"
            raise input_error("study.yaml", f"there is no folder {shown(data_root)}", "", fix, column="data_root")
        near = [study.parent] if study.parent != Path(study.anchor) else [study]
        far = [Path(folder).resolve() for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder]
        if not any(root.is_relative_to(folder) for folder in [*near, *far]):
            found = f"{shown(data_root)} leads to {root}, away from the study"
            fix = f"Set the environment variable {VARIABLE} to that folder, if you want studies to read from it"
            raise input_error("study.yaml", found, f"a folder below {near[0]}", fix, column="data_root")
        return cls(study, root)

    def problem(self, path: Path, file: str, key: str = "", given: object = None) -> Problem | None:
        """Tell what is wrong with the place of a file, symbolic links followed.

        Parameters
        ----------
        path : pathlib.Path
            The file; it need not exist.
        file, key : str
            What names it, for the message.
        given : object, optional
            How it is named there.

        Returns
        -------
        Problem or None
            Why it is not read; None when it may be.
        """
        named, place = shown(path.name if given is None else given), _resolved(path)
        if place is None:
            found, expected = f"{named} cannot be the name of a file", "the name of a file in the study's folder"
            return Problem("error", file, found, expected, "Correct it", "", key)
        if place.exists() and not (place.is_file() or place.is_dir()):
            return Problem("error", file, f"{named} is a device, not a file", "a file", "Correct the path", "", key)
        if not any(place.is_relative_to(folder) for folder in self._folders):
            expected = f"a file below {' or '.join(map(str, self._folders))}"
            fix = "Move it into the study, or declare data_root in study.yaml: the folder that holds both"
            return Problem("error", file, f"{named} leads out of the study, to {place}", expected, fix, "", key)
        if other := self._other_study(place):
            found, fix = f"{named} lies in another study, {other}", "Copy into this study what belongs to it"
            return Problem("error", file, found, "a file of this study", fix, "", key)
        return None

    @property
    def _folders(self) -> list[Path]:
        return [self.study, self.root] if self.root else [self.study]

    def _other_study(self, place: Path) -> Path | None:
        if place.is_relative_to(self.study):
            return None
        above = [folder for folder in place.parents if not self.study.is_relative_to(folder)]
        return next((folder for folder in above if (folder / "study.yaml").is_file()), None)


def _resolved(path: Path) -> Path | None:
    """Return where a path leads; None when nothing can be there."""
    try:
        place = path.resolve()
        place.exists()  # a name that is too long shows here
        return place
    except (OSError, ValueError, RuntimeError):  # a zero byte; links that lead in a circle
        return None
