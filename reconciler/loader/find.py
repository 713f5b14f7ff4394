"""Which files are manifests: those named, and those found in folders.

A pull request decides what lies in a folder, so a link in it may not lead outside: an error message
with an excerpt would otherwise show any file of the machine.
"""

import stat
from collections.abc import Iterator, Sequence
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
_MAX_FOLDER_DEPTH: Final = 64
_MISSING: Final = "does not exist"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to load. `root` is the folder, links resolved, that its references may not leave."""

    path: Path
    root: Path


def find(paths: Sequence[Path], *, config: Path | None) -> list[Path]:
    """The manifest files of these files and folders, sorted, each once.

    Raises InputError for paths that cannot be walked, GuardError when no manifest is there.
    """
    return [candidate.path for candidate in find_candidates(paths, config=config)]


def find_candidates(paths: Sequence[Path], *, config: Path | None) -> list[Candidate]:
    """See `find`; with the root of each file."""
    walk = _Walk(config.resolve() if config is not None else None)
    for path in paths:
        walk.take(path)
    if walk.problems:
        raise InputError(
            "; ".join(f"{problem.place.file}: {problem.text}" for problem in walk.problems),
            sorted(walk.problems),
        )
    if not walk.found:
        raise no_manifest(paths)
    return sorted(walk.found.values(), key=lambda candidate: str(candidate.path))


def require(paths: Sequence[Path]) -> None:
    """Raise InputError where one of these paths does not exist."""
    missing = [path for path in paths if not path.exists()]
    if missing:
        problems = [Problem(Place(shown(path), 1, 1), "path", _MISSING) for path in missing]
        text = "; ".join(f"{problem.place.file}: {problem.text}" for problem in problems)
        raise InputError(text, problems)


def no_manifest(paths: Sequence[Path]) -> GuardError:
    """What to say when there is nothing to do: an empty folder is more likely a mistake."""
    where = ", ".join(shown(path) for path in paths)
    return GuardError(
        f"{where}: the folder holds no manifest; "
        "manifests are .yaml, .yml or .json files that are not hidden"
    )


@dataclass(slots=True)
class _Walk:
    config: Path | None
    found: dict[Path, Candidate] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, path: Path) -> None:
        """A file or a folder that was named on the command line."""
        try:
            real = path.resolve(strict=True)
            mode = real.stat().st_mode
        except (OSError, RuntimeError, ValueError) as error:
            self._refuse(path, _why(error))
            return
        if stat.S_ISDIR(mode):
            self._folder(path, real, real, ())
        elif not stat.S_ISREG(mode):
            self._refuse(path, "is neither a file nor a folder")
        elif path.name == CONFIG_MISSPELT:
            self._refuse(path, *MISSPELT)
        elif path.name == CONFIG_NAME or real == self.config:
            self._refuse(path, "is the configuration, not a manifest")
        elif path.suffix not in SUFFIXES:
            self._refuse(path, "is not a manifest by its name", "use .yaml, .yml or .json")
        else:
            self.found.setdefault(real, Candidate(path, real.parent))

    def _folder(self, path: Path, real: Path, root: Path, above: tuple[Path, ...]) -> None:
        if real in above:
            self._refuse(path, "a symbolic link leads back to a folder above it")
            return
        if len(above) >= _MAX_FOLDER_DEPTH:
            self._refuse(path, f"folders are nested more than {_MAX_FOLDER_DEPTH} deep")
            return
        try:
            entries = sorted(path.iterdir())
        except OSError as error:
            self._refuse(path, _why(error))
            return
        for entry in entries:
            if not entry.name.startswith("."):
                self._entry(entry, root, (*above, real))

    def _entry(self, path: Path, root: Path, above: tuple[Path, ...]) -> None:
        wanted = path.suffix in SUFFIXES and path.name != CONFIG_NAME
        try:
            if not wanted and not path.is_symlink() and not path.is_dir():
                return
            real = path.resolve(strict=True)
            mode = real.stat().st_mode
        except (OSError, RuntimeError) as error:
            if wanted or not isinstance(error, FileNotFoundError):
                self._refuse(path, _why(error))
            return
        if not wanted and not stat.S_ISDIR(mode):
            return
        if not real.is_relative_to(root):
            self._refuse(path, "a symbolic link leads outside the folder")
        elif stat.S_ISDIR(mode):
            self._folder(path, real, root, above)
        elif not stat.S_ISREG(mode):
            self._refuse(path, "is neither a file nor a folder")
        elif path.name == CONFIG_MISSPELT:
            self._refuse(path, *MISSPELT)
        elif real != self.config:
            self.found.setdefault(real, Candidate(path, root))

    def _refuse(self, path: Path, text: str, help_text: str = "") -> None:
        self.problems.append(Problem(Place(shown(path), 1, 1), "path", text, help_text))


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
    """The folders that these paths stand for: themselves, or where the file lies."""
    for path in paths:
        yield path if path.is_dir() else path.parent
