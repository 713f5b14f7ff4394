"""What installing the program brings along, counted on what is installed here."""

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

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


def test_the_changelog_has_this_version() -> None:
    """What is released is told, what is not stands under Unreleased."""
    from reconciler import __version__

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## Unreleased" in text or f"## {__version__}" in text
