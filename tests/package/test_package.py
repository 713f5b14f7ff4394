"""What installing the program brings along, counted on what is installed here."""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import click
from packaging.requirements import Requirement

from reconciler import __version__
from reconciler.cli.app import group

ROOT = Path(__file__).parents[2]


def closure() -> set[str]:
    """The distributions that a plain install needs, this one included."""
    found: set[str] = set()
    wanted = ["reconcile-agents"]
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in found:
            continue
        found.add(name)
        for text in metadata.requires(name) or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted.append(requirement.name)
    return found


def size(name: str) -> int:
    """Bytes of an installed distribution's files, compiled caches left out."""
    files = metadata.files(name) or ()
    paths = (Path(str(file.locate())) for file in files if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in paths if path.is_file())


def test_a_plain_install_is_small() -> None:
    """At most 30 distributions and 30 MB (goal E2)."""
    names = closure()
    assert {"pydantic", "jsonpatch", "deepdiff", "httpx", "ruamel-yaml"} <= names
    assert len(names) <= 30, sorted(names)
    own = sum(file.stat().st_size for file in (ROOT / "reconciler").rglob("*.py"))
    total = own + sum(size(name) for name in names - {"reconcile-agents"})
    assert total <= 30_000_000, total


def commands(
    command: click.Command, name: str = "reconcile"
) -> Iterator[tuple[str, click.Command]]:
    """Everything that can be typed, by what is typed."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from commands(found, f"{name} {below}")
    else:
        yield name, command


def test_the_changelog_tells_of_every_command_and_option() -> None:
    """Its newest entry, or what stands under Unreleased, leaves nothing out that can be typed."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = text.split("\n## ")[1]
    assert newest.partition("\n")[0] in ("Unreleased", __version__)
    found = dict(commands(group))
    assert "reconcile sandbox quirk" in found
    words = {
        word
        for command in found.values()
        for one in command.params
        for word in one.opts
        if word.startswith("--")
    }
    assert "--retry-failed" in words
    untold = [typed for typed in (*found, *words) if not re.search(rf"{typed}(?![\w-])", newest)]
    assert not untold
