"""What the schemas of all clouds have in common: strict models that refuse what they don't know.

A schema is written for what a person types into `spec`: wire spelling, the vendor's limits, every
field optional (an absent field is not ours) and nullable (null asks for it to be cleared). Secret
references never reach these models: the loader checks with a stand-in text in their place and
leaves out complaints about that text.

Every field is described in English and in Chinese, side by side, with the vendor's page: this is
where the published JSON Schemas, editors and `reconcile explain` have it from. A limit or a unit
that no source establishes is said to be so, in both languages.
"""

import json
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

CHINESE: Final = "x-description-zh"
"""Member of a field's JSON Schema: its description in Chinese."""

PAGE: Final = "x-page"
"""Member of a field's JSON Schema: the address of the page that the field comes from."""


class Spec(BaseModel):
    """An object that the vendor's page describes. Unknown members are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class OpenSpec(BaseModel):
    """An object that may hold members which no page describes. Unknown members pass."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, defer_build=True)


def documented(
    english: str,
    chinese: str,
    *,
    page: str = "",
    default: Any = None,
    deprecated: bool = False,
    **more: Any,
) -> Any:
    """A field that says of itself what it is. Its first sentence must stand alone.

    `page` is empty where the field is this program's own. `deprecated` is what the vendor calls
    it. `more` goes into the field's JSON Schema.
    """
    extra = {CHINESE: chinese, **({PAGE: page} if page else {}), **more}
    if deprecated:
        extra["deprecated"] = True
    return Field(default, description=english, json_schema_extra=extra)


def parse_document(value: Any) -> Any:
    """A JSON document that was written as a string, decoded; anything else as it is.

    For `BeforeValidator` on fields whose wire form is JSON inside a string. An empty string is an
    empty document. Raises ValueError for a string that is not a JSON object.
    """
    if not isinstance(value, str):
        return value
    if not value.strip():
        return {}
    try:
        decoded = json.loads(value)
    except ValueError as error:
        raise ValueError(f"not a JSON document: {error}") from error
    if not isinstance(decoded, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - pydantic collects ValueError only
    return decoded
