"""What a schema says of its fields to people: descriptions, and how long a text usually is."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

USUAL_LENGTH: Final = "usualLength"
"""Member of a field's `json_schema_extra`: the documented length of a text where another one is
odd but not refused."""

_SENTENCE_END: Final = re.compile(r"\. (?=[A-Z])")
"""No abbreviation such as `e.g. auto` ends a sentence."""


def description_of(model: type[BaseModel], path: Sequence[str | int]) -> str:
    """The first sentence that the schema has on the field at `path`, empty where it has none.

    An element of a list is described by what is said of the list.
    """
    described: FieldInfo | None = None
    models: Sequence[type[BaseModel]] = [model]
    for token in path:
        if isinstance(token, int):
            continue
        described = next((info for one in models if (info := _field(one, token))), None)
        if described is None:
            return ""
        models = list(_models(described.annotation))
    if described is None or not described.description:
        return ""
    return _SENTENCE_END.split(described.description, maxsplit=1)[0].rstrip(".")


@cache
def usual_lengths(model: type[BaseModel]) -> tuple[tuple[tuple[str, ...], int], ...]:
    """The fields with a usual length: the path of each through objects, and the length."""
    return tuple(_usual_lengths(model, (), ()))


def _usual_lengths(
    model: type[BaseModel], above: tuple[str, ...], around: tuple[type[BaseModel], ...]
) -> Iterator[tuple[tuple[str, ...], int]]:
    around = (*around, model)
    for name, info in model.model_fields.items():
        path = (*above, info.alias or name)
        extra = info.json_schema_extra
        if isinstance(extra, dict) and isinstance(length := extra.get(USUAL_LENGTH), int):
            yield path, length
        for below in _models(info.annotation):
            if below not in around:
                yield from _usual_lengths(below, path, around)


def _field(model: type[BaseModel], name: str) -> FieldInfo | None:
    return next(
        (info for field, info in model.model_fields.items() if (info.alias or field) == name), None
    )


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a value of this annotation may be an instance of, also inside a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
