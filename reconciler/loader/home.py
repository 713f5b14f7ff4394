"""Where `reconcile.yaml` is looked for, and the git repository that a folder lies in."""

import os
from collections.abc import Sequence
from pathlib import Path

from reconciler.loader.find import CONFIG_MISSPELT, CONFIG_NAME, MISSPELT, named_folders
from reconciler.loader.source import shown
from reconciler.loader.words import listed
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Place


def find_config(paths: Sequence[Path], cwd: Path) -> Path | None:
    """The `reconcile.yaml` of these manifests, None where there is none.

    Looked for in the manifests' folder, then upwards to the root of its git repository; outside of
    one in `cwd`. Raises InputError when the paths lead to different files, or the file is a link
    that leads out of where it was looked for.
    """
    found: dict[Path, Path] = {}
    for folder in named_folders(paths):
        path = _config_of(folder, cwd)
        if path is not None:
            found.setdefault(path.resolve(), path)
    if len(found) > 1:
        names = listed((shown(path) for path in found.values()), last="and")
        text = f"these manifests belong to different configurations: {names}"
        place = Place(shown(next(iter(found.values()))), 1, 1)
        raise InputError(text, [Problem(place, "config", text, "run once for each of them")])
    return next(iter(found.values()), None)


def _config_of(folder: Path, cwd: Path) -> Path | None:
    real = folder.resolve()
    repository = repository_of(real)
    candidates = [folder]
    if repository is None:
        candidates.append(cwd)
    else:
        above = [one for one in real.parents if one.is_relative_to(repository)]
        candidates += above if folder.is_absolute() else [_seen_from(cwd, one) for one in above]
    for candidate in candidates:
        path = candidate / CONFIG_NAME
        misspelt = candidate / CONFIG_MISSPELT
        if misspelt.exists() and not path.exists():
            raise refused(misspelt, *MISSPELT)
        if path.is_symlink() or path.exists():
            home = repository or candidate.resolve()
            if not _resolved(path).is_relative_to(home):
                raise refused(path, "a symbolic link leads outside")
            return path
    return None


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError as error:  # how pathlib called a loop of links before Python 3.13
        raise refused(path, "a symbolic link leads back to itself") from error


def _seen_from(cwd: Path, folder: Path) -> Path:
    """The folder as somebody in `cwd` would type it, for messages."""
    return Path(os.path.relpath(folder, cwd.resolve()))


def repository_of(real: Path) -> Path | None:
    """The git repository that a folder lies in, None where there is none.

    Its mark is a folder, or in a worktree a file.
    """
    return next((above for above in (real, *real.parents) if (above / ".git").exists()), None)


def refused(path: Path, text: str, help_text: str = "") -> InputError:
    """The error about a path, named as messages show it."""
    problem = Problem(Place(shown(path), 1, 1), "path", text, help_text)
    return InputError(f"{shown(path)}: {text}", [problem])
