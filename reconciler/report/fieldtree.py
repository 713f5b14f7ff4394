"""The fields of a published JSON Schema as a tree that can be searched by name.

The schema says what a value may be, the kind's rules how it compares: nothing here knows a field.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from reconciler.model.rules import Field
from reconciler.report.schema_fields import VARIABLE

Schema: TypeAlias = Mapping[str, Any]

ANY: Final = "*"
"""What stands for any name in the path of a mapping with free keys."""

_COMBINED: Final = ("anyOf", "oneOf")
_INDEX: Final = re.compile(r"\[[^\]]*\]")
_MAX_DEPTH: Final = 12


@dataclass(frozen=True, slots=True)
class Node:
    """One field: where it stands, what the schema says of it, and its rule, if it has one."""

    path: tuple[str, ...]
    schema: Schema
    rule: Field | None = None

    @property
    def name(self) -> str:
        """How it is asked for: `AgentRuntime.spec.cpu`."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Tree:
    """The fields of one kind of document.

    `title` is its first word (`AgentRuntime`). `rules` are those of its `spec`, where it has one.
    """

    title: str
    schema: Schema
    rules: Field | None = None

    @property
    def root(self) -> Node:
        """The document itself."""
        return Node((self.title,), self.schema)

    def branches(self, schema: Schema) -> Iterator[Schema]:
        """What a value may be: each alternative, references followed.

        Null and variables are left out: every field takes those.
        """
        schema = self._resolved(schema)
        inner = [part for word in _COMBINED for part in schema.get(word, ())]
        if not inner:
            kinds = schema.get("type")
            if isinstance(kinds, list):
                yield from ({**schema, "type": kind} for kind in kinds if kind != "null")
            elif kinds != "null" and VARIABLE["pattern"] not in schema.get("pattern", ""):
                yield schema
            return
        beside = {key: value for key, value in schema.items() if key not in _COMBINED}
        for part in inner:
            for branch in self.branches(part):
                yield {**beside, **branch}

    def _resolved(self, schema: Any) -> Schema:
        if not isinstance(schema, Mapping):
            return {}  # true: any value
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
            return schema
        name = reference.removeprefix("#/$defs/")
        found = self.schema.get("$defs", {}).get(name, {})
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {**found, **beside, "x-name": name}

    def members(self, node: Node) -> list[Node]:
        """The fields directly below, in the schema's order; of a list those of its elements."""
        found: dict[str, Node] = {}
        for branch in self.branches(node.schema):
            if branch.get("x-name") == "SecretReference":
                continue
            for name, schema in branch.get("properties", {}).items():
                found.setdefault(name, Node((*node.path, name), schema, self._rule(node, name)))
            for word in ("items", "additionalProperties"):
                if isinstance(inner := branch.get(word), Mapping):
                    below = node.rule.item if node.rule else None
                    at = node.path if word == "items" else (*node.path, ANY)
                    element = Node(at, inner, below)
                    if word == "additionalProperties" and self.members(element):
                        found.setdefault(ANY, element)
                    elif word == "items":
                        found |= {one.path[-1]: one for one in self.members(element)}
        return list(found.values())

    def _rule(self, node: Node, name: str) -> Field | None:
        if node.path == (self.title,):
            return self.rules if name == "spec" else None
        return node.rule.members.get(name) if node.rule is not None else None

    def walk(self) -> Iterator[Node]:
        """Every field, the near ones first."""
        level = [self.root]
        for _ in range(_MAX_DEPTH):
            yield from level
            level = [below for node in level for below in self.members(node)]

    def find(self, tokens: Sequence[str]) -> list[Node]:
        """The fields whose path is, or else ends in, these words.

        Upper and lower case don't count. In a whole path any word stands for a free key.
        """
        every = list(self.walk())
        exact = [node for node in every if _same(node.path[1:], tokens, free=ANY)]
        if exact:
            return exact[-1:] if exact[-1].path[1:] == tuple(tokens) else exact[:1]
        near = [node for node in every if _same(node.path[-len(tokens) :], tokens)]
        paths = {node.path for node in near}
        return [node for node in near if not _is_one_of_free(node.path, paths)]


def tokens_of(text: str) -> list[str]:
    """The words of a path. Positions in lists don't count, and a JSON Pointer is a path too:
    `mountPoints[0].mountDir`, `mountPoints.mountDir`, `/mountPoints/0/mountDir`.
    """
    words = _INDEX.sub("", text).replace("/", ".").split(".")
    return [word for word in words if word and not word.isdecimal()]


def _same(path: Sequence[str], tokens: Sequence[str], *, free: str = "") -> bool:
    return len(path) == len(tokens) > 0 and all(
        name in {free, word} or name.casefold() == word.casefold()
        for name, word in zip(path, tokens, strict=True)
    )


def _is_one_of_free(path: tuple[str, ...], paths: set[tuple[str, ...]]) -> bool:
    """Whether the same field is among `paths` with a free key in the place of a name."""
    return any((*path[:n], ANY, *path[n + 1 :]) in paths - {path} for n in range(len(path)))
