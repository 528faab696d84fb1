"""The report folder: takes an earlier one's place once it is whole, and keeps in it what people changed or added.

Logs stand in a folder beside it, since they may hold answers of people and the report is passed on. They take the place
of the earlier report's logs together with it.
"""

from __future__ import annotations

import glob
import json
import re
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from helpers.data.lock import locked
from helpers.data.problems import input_error
from helpers.data.writing import BESIDE, FULL, Writer, put

from .manifest import KIND, LOG_FILE, MANIFEST, sha256

OFFICE = (".docx", ".pptx", ".xlsx")
LOG = ".log"


@dataclass
class Draft:
    """A report in the making, in a folder beside the one it will become.

    Attributes
    ----------
    target : pathlib.Path
        Where the report will stand.
    folder : pathlib.Path
        Where it is made.
    logs : pathlib.Path
        Where its logs are collected.
    renamed : dict
        New files that stand beside the ones they would have replaced: wanted name and actual name.
    kept : set of str
        Files of the earlier report, or put into it, that are carried over.
    messages : list of str
        What to tell the user about them, one sentence each.
    """

    target: Path
    folder: Path
    logs: Path
    renamed: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)
    _unmovable: bool = False

    @property
    def built(self) -> list[str]:
        """Names of the new files, below the folder."""
        return [name for name in _files(self.folder) if name not in self.kept]

    def keep(self, now: datetime) -> None:
        """Carry over what must not be lost from the earlier report.

        Word, PowerPoint and Excel files that were edited since they were built or are open in another program stay,
        and the new one gets a name of its own; so do files that the report did not write. The rest is replaced.
        """
        recorded = _manifest(self.target).get("files", {})
        new = set(_files(self.folder))
        for name in _files(self.target):
            path, replaced = self.target / name, name in new
            office = path.suffix.lower() in OFFICE and not path.name.startswith("~$")  # the latter marks an open file
            reason = (_why_open(path) or _why_edited(path, recorded.get(name), replaced)) if office else ""
            added = name not in recorded and bool(recorded or office)
            if name in (MANIFEST, LOG_FILE) or not (reason or (added and not replaced)):
                continue
            words = f"{name} {reason} and stays as it is"
            if replaced:
                self.renamed[name] = self._beside(name, now)
                (self.folder / name).rename(self.folder / self.renamed[name])
                words += f"; the new one is {self.renamed[name]}"
            if reason:
                self.messages.append(words + ".")
            self._carry_over(name)

    def _carry_over(self, name: str) -> None:
        self.kept.add(name)
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(self.target / name, self.folder / name)
        except PermissionError:  # it has to stay where it is
            self._unmovable = True

    def write_log(self, name: str, text: str) -> None:
        """Add to the log of a chapter or a file."""
        self.logs.mkdir(exist_ok=True)
        with (self.logs / f"{name}{LOG}").open("a", encoding="utf-8", newline="\n") as file:
            file.write(text.rstrip() + "\n")

    def take_place(self) -> None:
        """Put the finished folder where the report belongs, and its logs beside it.

        The logs first: a run that is killed between the two has not made its report, and is resumed.
        """
        self._place_logs()
        self._place_report()

    def _place_logs(self) -> None:
        """Let the logs take the place of the earlier ones; those of a report without any are gone."""
        place = log_folder(self.target)
        previous = place.with_name(f".{place.name}.previous-{secrets.token_hex(4)}")
        try:
            if place.exists():
                place.rename(previous)
        except PermissionError:  # so says Windows while a program holds one of them open
            for path in self.logs.glob("*"):
                with suppress(PermissionError):
                    path.replace(place / path.name)
            return
        if self.logs.exists():
            self.logs.rename(place)
        shutil.rmtree(previous, ignore_errors=True)

    def _place_report(self) -> None:
        previous = self.target.parent / f".{self.target.name}.previous-{secrets.token_hex(4)}"
        if self.target.exists() and not self._set_aside(previous):
            self._take_place_file_by_file()
            return
        try:
            self.folder.rename(self.target)
        except BaseException:
            if previous.exists():
                previous.rename(self.target)
            raise
        shutil.rmtree(previous, ignore_errors=True)

    def _set_aside(self, previous: Path) -> bool:
        try:
            if not self._unmovable:
                self.target.rename(previous)
            return not self._unmovable
        except PermissionError:  # so says Windows while a program holds a file of the folder open
            return False

    def _take_place_file_by_file(self) -> None:
        stays = {*_files(self.folder), *self.kept}
        for name in self.built:
            (self.target / name).parent.mkdir(parents=True, exist_ok=True)
            try:
                (self.folder / name).replace(self.target / name)
            except PermissionError:
                beside = self._beside(name, datetime.now())
                (self.folder / name).replace(self.target / beside)
                stays.add(beside)
                self.messages.append(f"{name} is open in another program and stays as it is; the new one is {beside}.")
        for name in set(_files(self.target)) - stays:
            with suppress(PermissionError):
                (self.target / name).unlink()

    def _beside(self, name: str, now: datetime) -> str:
        """Return a name that nothing has, for instance ``report (new 2026-11-22 1405).docx``."""
        path = Path(name)
        stem, count = f"{path.stem} (new {now:%Y-%m-%d %H%M}", 1
        while True:
            beside = path.with_name(f"{stem}{f' {count}' * (count > 1)}){path.suffix}").as_posix()
            if not (self.folder / beside).exists() and not (self.target / beside).exists():
                return beside
            count += 1


@contextmanager
def draft(target: Path) -> Iterator[Draft]:
    """Offer an unfinished folder beside the target; whatever happens, nothing of it stays there.

    What a killed run left there is put in order first. While somebody else makes the report of this folder, it waits,
    then refuses.
    """
    lock = f".{target.name}.lock"
    with ExitStack() as held:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(
                locked(target.parent, "partnership report", alone=True, file=lock, what=f"the report {target}")
            )
        except OSError as error:
            if error.errno in FULL:
                raise
            raise input_error("--out", f"{target.parent} cannot be written to", fix="Choose another folder") from error
        yield from _draft(target)


def _draft(target: Path) -> Iterator[Draft]:
    said = _put_in_order(target)
    if target.exists() and not _replaceable(target):
        raise input_error(
            "--out",
            f"{target} exists and is not a report",
            expected="a new folder, an empty one, or an earlier report",
            fix="Choose another folder with --out",
        )
    if (logs := log_folder(target)).exists() and not _holds_only_logs(logs):
        raise input_error(
            "--out",
            f"{logs}, where the logs of this report go, exists and holds something else",
            fix="Move it away, or choose another folder with --out",
        )
    folder = target.parent / f".{target.name}.partial-{secrets.token_hex(4)}"
    new_logs = folder.with_name(f"{folder.name}-log")
    folder.mkdir()
    try:
        yield Draft(target, folder, new_logs, messages=said)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(new_logs, ignore_errors=True)


def _put_in_order(target: Path) -> list[str]:
    """Remove what killed runs left beside a report, bring back what they had set aside, and say so."""
    said = []
    for place in (target, log_folder(target)):
        for left in sorted(target.parent.glob(f".{glob.escape(place.name)}.p*-*")):
            if re.fullmatch(r"partial-[0-9a-f]{8}(-log)?", kind := left.name.removeprefix(f".{place.name}.")):
                shutil.rmtree(left)
                said.append("An earlier run was stopped; its unfinished report is removed.")
            elif re.fullmatch(r"previous-[0-9a-f]{8}", kind):
                if not place.exists():
                    left.rename(place)
                    said.append(f"An earlier run was stopped while it replaced {place}; what was there is back.")
                else:
                    said += _bring_back_edited(left, place)
                    shutil.rmtree(left)
    return list(dict.fromkeys(said))


def _bring_back_edited(left: Path, target: Path) -> list[str]:
    """Copy into a report the files of the one it replaced that people had edited or added, if it lacks them."""
    recorded, draft, said = _manifest(left).get("files", {}), Draft(target, left, left), []
    there = {sha256(target / name) for name in _files(target)}
    for name in _files(left):
        is_office = Path(name).suffix.lower() in OFFICE
        if name in (MANIFEST, LOG_FILE) or sha256(left / name) in {recorded.get(name), *there}:
            continue
        if not (recorded or is_office):
            continue
        if (target / name).exists() and not is_office:  # pages and tables are built, not edited
            continue
        place = draft._beside(name, datetime.now()) if (target / name).exists() else name
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(left / name, target / place)
        said.append(f"An earlier run was stopped while it replaced the report; your {name} is back, as {place}.")
    return said


def put_anew(path: Path, write: Writer) -> None:
    """Write a file whole or not at all; what runs left of it that were killed goes. Nobody else may write it then."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.new"):
        if BESIDE.fullmatch(left.name):
            left.unlink(missing_ok=True)
    put({path: write}, path.parent)


def refuse_within_a_report(parent: Path) -> None:
    """Refuse a folder for several reports that is a report, or lies in one that others may read."""
    for folder in (parent.resolve(), *parent.resolve().parents):
        if (folder / MANIFEST).is_file():
            fix = "Choose another folder with --out"
            raise input_error("--out", f"{parent} lies in a report that others may read", fix=fix)


def log_folder(target: Path) -> Path:
    """Return where the logs of a report stand: beside it, so that they are not passed on with it."""
    return target.with_name(f"{target.name}-log")


def _holds_only_logs(folder: Path) -> bool:
    return folder.is_dir() and all(path.is_file() and path.suffix == LOG for path in folder.iterdir())


def complete(target: Path, made_from: str) -> bool:
    """Tell whether a report stands there, whole and as it may be passed on, that was made from just this.

    Every file that was built must hold what was built: a disk that was full, a power cut or somebody may have taken it.
    Word, PowerPoint and Excel files that open and hold something else were edited by people, and stay as they are.
    """
    told = _manifest(target)
    whole = told.get("whole") is True and told.get("privacy", {}).get("audit") == "passed"
    if not whole or told.get("made_from") != made_from or not (target / LOG_FILE).is_file():
        return False
    return all(_stands(target / name, recorded) for name, recorded in told["files"].items())


def _stands(path: Path, recorded: str) -> bool:
    """Tell whether a file is the one that was built, or what somebody made of it."""
    try:
        return sha256(path) == recorded or (path.suffix.lower() in OFFICE and zipfile.is_zipfile(path))
    except OSError:
        return False


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _manifest(target: Path) -> dict[str, Any]:
    try:
        content = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    except (OSError, ValueError):
        return {}


def _replaceable(target: Path) -> bool:
    return target.is_dir() and (not any(target.iterdir()) or _manifest(target).get("kind") == KIND)


def _why_open(path: Path) -> str:
    """Say that another program holds a file: by the lock file such programs put beside it, or by its refusal."""
    # Word drops up to two letters of the name after ~$; PowerPoint and Excel keep it; LibreOffice has its own form.
    locks = [f".~lock.{path.name}#", *(f"~${path.name[dropped:]}" for dropped in range(3))]
    if lock := next((lock for lock in locks if (path.parent / lock).exists()), None):
        return f"is open in another program (beside it lies {lock})"
    try:
        with path.open("r+b"):
            return ""
    except PermissionError:
        return "is open in another program or write-protected"


def _why_edited(path: Path, recorded: str | None, replaced: bool) -> str:
    """Say that a file is no longer what was built, or that a new one would replace one that was never built."""
    if recorded:
        return "" if sha256(path) == recorded else "was edited since it was built"
    return "was not written by a report" if replaced else ""
