"""From another spelling into ours: pure, by the table that a dialect is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.model.manifest import Place
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Tree, join, tokens
from reconciler.ports.provider import Dialect

_SAME: Final = {
    at: at for at in ("", "/apiVersion", "/kind", "/metadata", "/metadata/name", "/spec")
}
"""What stands in every document at the same place."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A `spec` in our spelling. `origins` maps each pointer in the document to where it was."""

    spec: Tree
    origins: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class TranslatedPlaces(Mapping[str, Place]):
    """The places of a translated document: those of what was written."""

    places: Mapping[str, Place]
    origins: Mapping[str, str]

    def __getitem__(self, pointer: str) -> Place:
        if pointer in self.origins:
            return self.places[self.origins[pointer]]
        plain = pointer.removesuffix("#")
        return self.places[self.origins[plain] + pointer[len(plain) :]]

    def __iter__(self) -> Iterator[str]:
        for ours, theirs in self.origins.items():
            yield from (f"{ours}{end}" for end in ("", "#") if f"{theirs}{end}" in self.places)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def pattern_of(pointer: str) -> str:
    """A pointer with `*` for every list position."""
    return "".join(f"/{'*' if part.isdecimal() else part}" for part in pointer.split("/")[1:])


def at_path(value: Any, path: str) -> Any:
    """The value at a pointer that leads through mappings only, None where there is none."""
    for token in tokens(path):
        value = value.get(token) if isinstance(value, dict) else None
    return value


def translate(dialect: Dialect, value: Tree) -> Translation:
    """`metadata` and `spec` of a document (checked, references in place) in our spelling."""
    work = _Work(dialect)
    spec = work.members(value["spec"], "/spec", "/spec", "/spec")
    for theirs, ours in dialect.moves.items():
        found = at_path(value, theirs)
        if found is not None:
            work.put(spec, ours, work.value(found, theirs, theirs, ours))
    for theirs, ours in dialect.copies.items():
        found = at_path(value, theirs)
        if found is not None:
            work.put(spec, ours, work.value(found, theirs, theirs, ours))
    for name, constant in dialect.constants.items():
        spec.setdefault(name, constant)
    return Translation(spec, _SAME | work.origins)


@dataclass(frozen=True, slots=True)
class _Work:
    dialect: Dialect
    origins: dict[str, str] = field(default_factory=dict)

    def value(self, value: Any, theirs: str, pattern: str, ours: str) -> Any:
        """A value at `theirs` that comes to stand at `ours`."""
        self.origins[ours] = theirs
        if isinstance(value, dict):
            return self.members(value, theirs, pattern, ours)
        if isinstance(value, list):
            return [
                self.value(item, join(theirs, n), f"{pattern}/*", join(ours, n))
                for n, item in enumerate(value)
            ]
        if isinstance(value, str) and value and pattern in self.dialect.plain_secrets:
            return Sealed(value, "plain text")
        return value

    def members(self, value: Tree, theirs: str, pattern: str, ours: str) -> Tree:
        """The members of a mapping; what says nothing is left out."""
        tree: Tree = {}
        for name, member in value.items():
            where = join(pattern, name)
            if member is None or where in self.dialect.left:
                continue
            if where in self.dialect.blank and member in ([], {}):
                continue
            new = self.dialect.names.get(where, name)
            tree[new] = self.value(member, join(theirs, name), where, join(ours, new))
        return tree

    def put(self, spec: Tree, ours: str, value: Any) -> None:
        """Set a value below `/spec`."""
        *above, last = tokens(ours)[1:]
        for name in above:
            spec = spec.setdefault(name, {})
        spec[last] = value
