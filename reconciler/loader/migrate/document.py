"""One document: the edits that make it one of ours, and what its owner has to know."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.loader.migrate.edits import Edit, Stuck
from reconciler.loader.migrate.layout import Layout, members
from reconciler.loader.migrate.removal import remove
from reconciler.loader.oddities import VARIABLE, dotted_path
from reconciler.loader.translate import at_path, pattern_of
from reconciler.model.rules import Field, Shape
from reconciler.model.tree import Json, join, tokens
from reconciler.ports.provider import Dialect, Kind

_SPEC: Final = "/spec"
_HEADER: Final = re.compile("[|>][-+0-9]*[ \t]+(#[^\r\n]*)")
"""The first line of a text block with a comment on it."""


@dataclass(slots=True)
class Rewrite:
    """The edits of one document.

    `variables` are those that now hold what stood in plain text, each with the member that it is;
    `left` is what became a comment because our spelling has no word for it.
    """

    layout: Layout
    kind: Kind
    dialect: Dialect
    edits: list[Edit] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    _inner: list[Edit] = field(default_factory=list)

    def run(self) -> None:
        """Collect the edits. Raises Stuck."""
        layout = self.layout
        if layout.is_alias(_SPEC) or layout.is_alias("/metadata"):
            raise Stuck(layout.document.spans[_SPEC], "write this out: it repeats another value")
        self._word("/apiVersion", self.dialect.api_version, self.kind.api_version)
        self._word("/kind", self.dialect.name, self.kind.name)
        self._secrets()
        self._texts()
        self._mapping("/metadata", layout.value("/metadata"), Field(Shape.ANY))
        self._mapping(_SPEC, layout.value(_SPEC), self.dialect.root)
        self._into_spec(list(self._added()))

    @property
    def partial(self) -> bool:
        """Whether this is an overlay: it lacks what every whole document has."""
        required = (
            name for name, info in self.dialect.model.model_fields.items() if info.is_required()
        )
        spec = self.layout.value(_SPEC)
        return any(name not in spec for name in required)

    def _word(self, pointer: str, theirs: str, ours: str) -> None:
        if theirs != ours:
            self._scalar(pointer, ours)

    def _scalar(self, pointer: str, text: str) -> None:
        """Put `text` in the place of a scalar, in its quotes."""
        start, end = self.layout.scalar(pointer)
        written = self.layout.text[start:end]
        self.edits.append(Edit(start, end, _quoted_like(written, text)))

    def _secrets(self) -> None:
        """Secrets in plain text become references; nothing of them is kept."""
        name = str(self.layout.value("/metadata/name"))
        for pointer, ending in self.dialect.plain_secrets.items():
            value = at_path(self.layout.document.value, pointer)
            if not isinstance(value, str) or not value:
                continue
            shell = VARIABLE.fullmatch(value)
            variable = shell[1] if shell else _variable(f"{name}_{ending}")
            if not any(pointer.startswith(f"{left}/") for left in self.dialect.left):
                self.variables[variable] = dotted_path(pointer)
            start, end = self.layout.scalar(pointer)
            member = '"secret"' if self._is_json else "secret"
            header = _HEADER.match(self.layout.text, start)
            comment = f"  {header[1]}" if header else ""
            text = f'{{{member}: "env:{variable}"}}{comment}'
            self._inner.append(Edit(start, end, text))

    def _texts(self) -> None:
        """Whole numbers that are sent as text become text."""
        for pointer in self.dialect.texts:
            for name, value in (at_path(self.layout.document.value, pointer) or {}).items():
                if isinstance(value, int) and not isinstance(value, bool):
                    self._put(self.layout.scalar(join(pointer, name)), f'"{value}"')

    def _put(self, span: tuple[int, int], text: str) -> None:
        self.edits.append(Edit(*span, text))

    @property
    def _is_json(self) -> bool:
        return self.layout.document.source.file.endswith(".json")

    def _mapping(self, pointer: str, value: Json, rule: Field) -> None:
        """Rename the members of a mapping and of what lies below; take out what says nothing."""
        if rule.shape is Shape.MAP or not isinstance(value, dict):
            return
        notes: dict[str, str] = {}
        moved: list[str] = []
        for below, inner in members(pointer, value):
            pattern = pattern_of(below)
            if pattern in self.dialect.left:
                notes[below] = f"{self.dialect.left[pattern]}:"
                self.left.append(dotted_path(below))
            elif inner is None or (pattern in self.dialect.blank and inner in ([], {})):
                notes[below] = ""
            elif pattern in self.dialect.moves:
                moved.append(below)
            else:
                self._member(below, pattern, inner, rule)
        gone = [below for below, _ in members(pointer, value) if below in notes or below in moved]
        self.edits += remove(self.layout, pointer, gone, notes, self._inner)

    def _member(self, pointer: str, pattern: str, value: Json, above: Field) -> None:
        name = tokens(pointer)[-1]
        self._rename(pointer, name, self.dialect.names.get(pattern, name))
        rule = above.members.get(name, Field(Shape.ANY))
        if pattern in self.dialect.plain_secrets:
            start = self.layout.scalar(pointer)[0]
            self.edits += [edit for edit in self._inner if edit.start == start]
        elif isinstance(value, list) and rule.item is not None:
            for below, item in members(pointer, value):
                self._mapping(below, item, rule.item)
        else:
            self._mapping(pointer, value, rule)

    def _rename(self, pointer: str, name: str, new: str) -> None:
        if name == new:
            return
        span = self.layout.key(pointer)
        written = self.layout.text[slice(*span)]
        if written not in {name, f'"{name}"', f"'{name}'"}:
            raise Stuck(span, f"write this key as plain {name}")
        self._put(span, _quoted_like(written, new))

    def _added(self) -> Iterator[tuple[str, str | None, Any]]:
        """What comes into `spec`: name, the pointer that it comes from, its value."""
        document = self.layout.document.value
        for theirs, ours in self.dialect.moves.items():
            if (value := at_path(document, theirs)) is not None:
                yield tokens(ours)[-1], theirs, value
        if not self.partial:
            yield from ((name, None, value) for name, value in self.dialect.constants.items())
        for winner, loser in self.dialect.copies.items():
            value, there = at_path(document, winner), at_path(document, loser)
            if value is not None and there is None:
                yield tokens(loser)[-1], None, value
            elif value is not None and value != there:
                self._put(self.layout.scalar(loser), json.dumps(value))

    def _into_spec(self, added: list[tuple[str, str | None, Any]]) -> None:
        layout = self.layout
        if not added:
            return
        if layout.is_flow(_SPEC):
            self._into_flow(added)
            return
        first = next(pointer for pointer, _ in members(_SPEC, layout.value(_SPEC)))
        at = layout.line_end(layout.key(_SPEC)[1])
        start = layout.key(first)[0]
        indent = layout.text[layout.line_start(start) : start]
        if at > start or indent.strip():
            raise Stuck(layout.key(first), "begin the first member of spec on a line of its own")
        lines = [self._line(indent, *one) for one in added]
        self.edits.append(Edit(at, at, "".join(lines)))

    def _line(self, indent: str, name: str, origin: str | None, value: Any) -> str:
        """A member of a block mapping; one that moves keeps its text and its comment."""
        layout = self.layout
        if origin is None or layout.is_flow(origin.rpartition("/")[0]):
            text = json.dumps(value, ensure_ascii=False) if origin else _plain(value)
            return f"{indent}{name}: {text}{layout.newline}"
        span = layout.entry(origin)
        before = len(layout.text[layout.line_start(span[0]) : span[0]])
        lines = [layout.text[slice(*line)] for line in layout.lines(span)]
        shifted = [_shifted(line, before, indent) for line in lines]
        return "".join(shifted) if shifted[-1][-1:] in "\r\n" else "".join(shifted) + layout.newline

    def _into_flow(self, added: list[tuple[str, str | None, Any]]) -> None:
        layout = self.layout
        opening = layout.opening(_SPEC) + 1
        keys = [pointer for pointer, _ in members(_SPEC, layout.value(_SPEC))]
        at = layout.key(keys[0])[0] if keys else opening
        line = layout.text[layout.line_start(at) : at]
        gap = f"{layout.newline}{line}" if not line.strip() else " "
        quote = '"' if self._is_json or layout.text[at : at + 1] == '"' else ""
        parts = [
            f"{quote}{name}{quote}: "
            + (json.dumps(value, ensure_ascii=False) if quote else _flow(value))
            for name, _, value in added
        ]
        self._put((at, at), f",{gap}".join(parts) + (f",{gap}" if keys else ""))


def _quoted_like(written: str, text: str) -> str:
    """`text` in the quotes that the scalar has in the file."""
    quote = written[:1] if written[:1] in {'"', "'"} else ""
    return f"{quote}{text}{quote}"


def _variable(text: str) -> str:
    name = re.sub("[^A-Za-z0-9]+", "_", text).upper()
    return f"_{name}" if name[:1].isdecimal() else name


def _plain(value: Any) -> str:
    """A constant of the table: a number, or a word that needs no quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def _flow(value: Any) -> str:
    plain = isinstance(value, str) and value.isidentifier() and value not in {"null", "true"}
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


def _shifted(line: str, before: int, indent: str) -> str:
    """A line of a block that moves from the column `before` to another indentation."""
    if not line.strip():
        return line
    return indent + (line[before:] if not line[:before].strip() else line.lstrip(" "))
