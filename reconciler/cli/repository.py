"""Where files are in the repository, for tools that know them by that."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from reconciler.loader.diagnostics import stands_in_no_file
from reconciler.loader.home import repository_of
from reconciler.model.errors import Problem
from reconciler.report.location import Located


def repository_root(folder: Path) -> Path:
    """The root of the git repository around `folder`, the folder itself outside of one."""
    real = folder.resolve()
    return repository_of(real) or real


def locate(problems: Iterable[Problem], folder: Path) -> tuple[Located, ...]:
    """Each problem with its file's path in the repository; paths start from `folder`."""
    root = repository_root(folder)
    known: dict[str, str] = {}
    located: list[Located] = []
    for problem in problems:
        file = problem.place.file
        if not stands_in_no_file(problem) and file not in known:
            known[file] = _path(file, folder, root)
        located.append(Located(problem, known.get(file)))
    return tuple(located)


def _path(file: str, folder: Path, root: Path) -> str:
    """The path below `root`; the whole one of a file that lies elsewhere.

    The file itself may be a link: it is the link that stands in the repository.
    """
    path = folder / file
    try:
        real = path.parent.resolve() / path.name
    except (OSError, RuntimeError, ValueError):
        real = path.absolute()
    if real.is_relative_to(root):
        return PurePosixPath(real.relative_to(root)).as_posix()
    return real.as_posix()
