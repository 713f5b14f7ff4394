"""Places by JSON Pointer, worked out when they are asked for: most never are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.loader.lines import Lines
from reconciler.loader.source import Span
from reconciler.model.manifest import Place


@dataclass(frozen=True, slots=True, eq=False)
class Places(Mapping[str, Place]):
    """The place of every value of a document, and under `pointer#` of every key."""

    lines: Lines
    spans: Mapping[str, Span]

    def __getitem__(self, pointer: str) -> Place:
        return self.lines.place(self.spans[pointer][0])

    def __iter__(self) -> Iterator[str]:
        return iter(self.spans)

    def __len__(self) -> int:
        return len(self.spans)


@dataclass(frozen=True, slots=True, eq=False)
class PlacesBelow(Mapping[str, Place]):
    """The places below `prefix`, with pointers that begin there."""

    places: Mapping[str, Place]
    prefix: str

    def __getitem__(self, pointer: str) -> Place:
        if pointer and not pointer.startswith("/"):
            raise KeyError(pointer)
        return self.places[self.prefix + pointer]

    def __iter__(self) -> Iterator[str]:
        below = f"{self.prefix}/"
        for pointer in self.places:
            if pointer == self.prefix or pointer.startswith(below):
                yield pointer.removeprefix(self.prefix)

    def __len__(self) -> int:
        return sum(1 for _ in self)
