"""The sandbox's own table of what may not stand in its request log.

Bodies are masked before they are stored, so that the log cannot give away what it never had.
A secret in a field that the table does not know (a prompt, a description) is not recognised: the
table goes by names, not by looks.
"""

import json
import re
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

Json = Any

MASK: Final = "(masked)"

_WHOLE: Final = frozenset({"environmentvariables", "headers", "env", "x-auth-token"})
"""Members whose every value is masked, whatever its name."""

_SECRET: Final = re.compile(
    r"pass(word|wd|phrase)|secret|(^|_|[a-z])token$|api_?key|license_?key|private_?key|access_?key"
    r"|zip_?file|authorization|cookie|signature",
    re.IGNORECASE,
)
"""Names of members that hold a secret."""


def mask_body(body: bytes) -> str:
    """A request body as the log may show it: JSON with its secrets masked, else only its size."""
    if not body.strip():
        return ""
    try:
        return _dump(mask(json.loads(body)))
    except (ValueError, RecursionError):
        return f"(not JSON, {len(body)} bytes)"


def mask(tree: Json) -> Json:
    """A copy of a JSON tree in which secrets are masked, those inside JSON strings included."""
    if isinstance(tree, dict):
        return {name: _member(name, value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [mask(item) for item in tree]
    if isinstance(tree, str):
        return _text(tree)
    return tree


def mask_query(query: str) -> str:
    """A query string whose secret values are masked."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, MASK if _is_secret(name) else value) for name, value in pairs])


def _member(name: str, value: Json) -> Json:
    if name.lower() in _WHOLE or _is_secret(name):
        return _blank(value)
    if name.lower().endswith("url") and isinstance(value, str):
        return re.sub(r"//[^/@]*@", f"//{MASK}@", value.partition("?")[0])
    return mask(value)


def _is_secret(name: str) -> bool:
    return _SECRET.search(name) is not None


def _blank(value: Json) -> Json:
    """The same shape with every value masked; null, booleans and empty values tell nothing."""
    if isinstance(value, dict):
        return {name: _blank(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_blank(item) for item in value]
    if isinstance(value, bool) or value in (None, ""):
        return value
    return MASK


def _text(text: str) -> str:
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return text
    masked = mask(inner)
    return text if masked == inner else _dump(masked)


def _dump(tree: Json) -> str:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
