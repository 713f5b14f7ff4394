"""The first line of a YAML file that this program writes: it tells editors which schema holds.

`yaml-language-server`, which VS Code, Neovim, Emacs and others use, takes the path relative to the
file. `reconcile schema --write` puts the schemas there.
"""

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

from reconciler.loader.home import find_config

SCHEMAS: Final = Path(".reconcile", "schemas")
"""Where the schemas lie, below `home_of` a file."""


def modeline(schema: str, *, file: Path, home: Path) -> str:
    """The comment that leads from `file` to the schema of this name below `home`; no line end.

    `schema` is a name that `reconcile schema` lists, such as `AgentRuntime`. Neither path need
    exist.
    """
    target = home.resolve() / SCHEMAS / f"{schema}.json"
    relative = Path(os.path.relpath(target, file.parent.resolve())).as_posix()
    return f"# yaml-language-server: $schema={_one_word(relative)}"


def home_of(path: Path, cwd: Path) -> Path:
    """The folder that `.reconcile` belongs into, for a file or a folder of manifests.

    That of their `reconcile.yaml`, else `cwd`. Raises InputError as `find_config` does.
    """
    config = find_config([path], cwd)
    return (config.parent if config is not None else cwd).resolve()


def _one_word(path: str) -> str:
    """The path on one line and without a space, which would end it."""
    return "".join(
        char if char.isprintable() and not char.isspace() else quote(char, errors="surrogateescape")
        for char in path
    )
