"""JSON inside strings: how this cloud writes it, and how to look into it without trusting it."""

import json
from typing import Any, Final

from reconciler.model.tree import Json

NOT_JSON: Final = object()
"""What `decode` returns for a text that is no JSON container."""


def compact(value: Json) -> str:
    """A JSON value as the vendor's example writes it: no blanks, Chinese as itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Any:
    """The object or list that `text` encodes, or `NOT_JSON`.

    Raises RecursionError for a text that is nested too deeply to look into.
    """
    if not text.lstrip().startswith(("{", "[")):
        return NOT_JSON
    try:
        return json.loads(text)
    except ValueError:
        return NOT_JSON
