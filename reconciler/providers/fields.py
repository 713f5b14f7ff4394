"""What the schemas of all clouds have in common: strict models that refuse what they don't know.

A schema is written for what a person types into `spec`: wire spelling, the vendor's limits, every
field optional (an absent field is not ours) and nullable (null asks for it to be cleared). Secret
references never reach these models: the loader checks with a stand-in text in their place and
leaves out complaints about that text.
"""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """An object that the vendor's page describes. Unknown members are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OpenSpec(BaseModel):
    """An object that may hold members which no page describes. Unknown members pass."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


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
