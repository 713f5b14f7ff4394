"""Which files are manifests: those named, and those found in folders.

A pull request decides what lies in a folder, so a link in it may not lead outside: an error message
with an excerpt would otherwise show any file of the machine. Nor may it make the walk long: each
folder is entered once, however many links lead to it, and files and complaints have a bound.
"""

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.loader.source import reason, shown
from reconciler.model.errors import GuardError, InputError, Problem
from reconciler.model.manifest import Place

CONFIG_NAME: Final = "reconcile.yaml"
CONFIG_MISSPELT: Final = "reconcile.yml"
MISSPELT: Final = (
    "is neither a manifest nor read as the configuration",
    f"did you mean {CONFIG_NAME}? Rename it",
)
"""What to say of a file of that name, and the way out."""

SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})
MAX_FILES: Final = 50_000
"""How many manifest files one run takes."""

MAX_REFUSED: Final = 1000
"""How many paths are told; one more problem says how many there were."""

_MAX_FOLDER_DEPTH: Final = 64
_MISSING: Final = "does not exist"
_NO_FILE: Final = "is neither a file nor a folder"
_OVERLAY: Final = (
    "belongs to an overlay, it is not a manifest of its own",
    "name the folder of the manifests; the overlays of the target are merged over them",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to load.

    `root` is the folder, links resolved, that its references and links may not leave: that of the
    configuration, so that a file means the same alone and with all others; for what lies outside
    of that the folder that was named, or the file's own.
    """

    path: Path
    root: Path


def find(
    paths: Sequence[Path], *, config: Path | None, overlays: Collection[Path] = ()
) -> list[Path]:
    """The manifest files of these files and folders, sorted, each once.

    Raises InputError for paths that cannot be walked, GuardError when no manifest is there.
    """
    found = find_candidates(paths, config=config, overlays=overlays)
    return [candidate.path for candidate in found]


def find_candidates(
    paths: Sequence[Path], *, config: Path | None, overlays: Collection[Path] = ()
) -> list[Candidate]:
    """See `find`; with the root of each file. The folders `overlays` are passed over."""
    walk = _Walk(
        config.resolve() if config is not None else None,
        frozenset(path.resolve() for path in overlays),
        config.parent.resolve() if config is not None else None,
    )
    for path in paths:
        walk.take(path)
    problems = walk.problems()
    if problems:
        text = "; ".join(f"{problem.place.file}: {problem.text}" for problem in problems)
        raise InputError(text, problems)
    if not walk.found:
        raise no_manifest(paths)
    return sorted(walk.found.values(), key=lambda candidate: str(candidate.path))


def require(paths: Sequence[Path]) -> None:
    """Raise InputError where one of these paths does not exist."""
    missing = [path for path in paths if not _exists(path)]
    if missing:
        problems = [Problem(Place(shown(path), 1, 1), "path", _MISSING) for path in missing]
        text = "; ".join(f"{problem.place.file}: {problem.text}" for problem in problems)
        raise InputError(text, problems)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # what the matter is with it is told by the walk
        return True


def no_manifest(paths: Sequence[Path]) -> GuardError:
    """What to say when there is nothing to do: an empty folder is more likely a mistake."""
    where = ", ".join(shown(path) for path in paths)
    return GuardError(
        f"{where}: the folder holds no manifest; "
        "manifests are .yaml, .yml or .json files that are not hidden"
    )


@dataclass(slots=True)
class _Walk:
    """What was found below the paths that were named. `above` is the way down from one of them."""

    config: Path | None
    overlays: frozenset[Path]
    home: Path | None = None
    found: dict[Path, Candidate] = field(default_factory=dict)
    refused: list[Problem] = field(default_factory=list)
    more_refused: int = 0
    entered: set[Path] = field(default_factory=set)
    full: bool = False

    def take(self, path: Path) -> None:
        """A file or a folder that was named on the command line."""
        try:
            real = path.resolve(strict=True)
            mode = real.stat().st_mode
        except (OSError, RuntimeError, ValueError) as error:
            self._refuse(path, _why(error))
            return
        if self._in_overlay(real):
            self._refuse(path, *_OVERLAY)
        elif stat.S_ISDIR(mode):
            self._folder(path, real, self._root(real), ())
        elif not stat.S_ISREG(mode):
            self._refuse(path, _NO_FILE)
        elif path.name == CONFIG_NAME or real == self.config:
            self._refuse(path, "is the configuration, not a manifest")
        elif path.suffix not in SUFFIXES:
            self._refuse(path, "is not a manifest by its name", "use .yaml, .yml or .json")
        else:
            self._file(path, real, self._root(real.parent))

    def _root(self, folder: Path) -> Path:
        inside = self.home is not None and folder.is_relative_to(self.home)
        return self.home if inside and self.home is not None else folder

    def problems(self) -> list[Problem]:
        """Why the walk failed, sorted; empty where it did not."""
        problems = sorted(self.refused)
        if self.more_refused:
            text = f"{self.more_refused:,} more paths are refused that are not listed"
            problems.append(Problem(problems[-1].place, "too-many", text))
        return problems

    def _folder(self, path: Path, real: Path, root: Path, above: tuple[Path, ...]) -> None:
        if real in above:
            self._refuse(path, "a symbolic link leads back to a folder above it")
            return
        if len(above) >= _MAX_FOLDER_DEPTH:
            self._refuse(path, f"folders are nested more than {_MAX_FOLDER_DEPTH} deep")
            return
        if real in self.entered or real in self.overlays:
            return
        self.entered.add(real)
        try:
            with os.scandir(real) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            self._refuse(path, _why(error))
            return
        for entry in entries:
            if self.full:
                return
            if not entry.name.startswith("."):
                self._entry(entry, path, real, root, (*above, real))

    def _entry(
        self,
        entry: "os.DirEntry[str]",
        folder: Path,
        real: Path,
        root: Path,
        above: tuple[Path, ...],
    ) -> None:
        """What stands in a folder; the folder's list says what it is without another look."""
        name = entry.name
        if entry.is_symlink():
            self._link(folder / name, root, above)
        elif entry.is_dir(follow_symlinks=False):
            self._folder(folder / name, real / name, root, above)
        elif not _is_manifest(name):
            return
        elif not entry.is_file(follow_symlinks=False):
            self._refuse(folder / name, _NO_FILE)
        else:
            self._file(folder / name, real / name, root)

    def _link(self, path: Path, root: Path, above: tuple[Path, ...]) -> None:
        wanted = _is_manifest(path.name)
        try:
            real = path.resolve(strict=True)
            mode = real.stat().st_mode
        except (OSError, RuntimeError) as error:
            if wanted or not isinstance(error, FileNotFoundError):
                self._refuse(path, _why(error))
            return
        if not wanted and not stat.S_ISDIR(mode):
            return
        if real in self.overlays:
            return
        if not real.is_relative_to(root):
            self._refuse(path, "a symbolic link leads outside the folder")
        elif self._in_overlay(real):
            self._refuse(path, "a symbolic link leads into an overlay")
        elif stat.S_ISDIR(mode):
            self._folder(path, real, root, above)
        elif not stat.S_ISREG(mode):
            self._refuse(path, _NO_FILE)
        else:
            self._file(path, real, root)

    def _file(self, path: Path, real: Path, root: Path) -> None:
        if path.name == CONFIG_MISSPELT:
            self._refuse(path, *MISSPELT)
        elif real != self.config and real not in self.found:
            self.full = self.full or len(self.found) >= MAX_FILES
            if self.full:
                text = f"this is one manifest too many: a run takes {MAX_FILES:,} files"
                self._refuse(path, text, "run for a folder at a time, or put several into one file")
            else:
                self.found[real] = Candidate(path, root)

    def _in_overlay(self, real: Path) -> bool:
        return any(real.is_relative_to(overlay) for overlay in self.overlays)

    def _refuse(self, path: Path, text: str, help_text: str = "") -> None:
        if len(self.refused) < MAX_REFUSED:
            self.refused.append(Problem(Place(shown(path), 1, 1), "path", text, help_text))
        else:
            self.more_refused += 1


def _is_manifest(name: str) -> bool:
    return name != CONFIG_NAME and name[name.rfind(".") :] in SUFFIXES


def _why(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return _MISSING
        case RuntimeError():  # how pathlib called a loop of links before Python 3.13
            return "a symbolic link leads back to itself"
        case OSError():
            return reason(error)
        case _:
            return "is not a path"


def named_folders(paths: Sequence[Path]) -> Iterator[Path]:
    """The folders that these paths stand for: themselves, or where the file lies or would lie."""
    for path in paths:
        yield next((above for above in (path, *path.parents) if _is_folder(above)), Path())


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, a folder that may not be looked into
        return False
