"""A request as it came off the wire and the answer that goes back. No meaning is given to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

Json = Any
"""None, bool, int, float, str, list or dict with string keys, nested."""

NOT_JSON: Final = object()
"""What `Received.json` is when the body is no JSON document."""

_DEPTH: Final = 100
"""Deeper nesting is not taken: no agent looks like that."""


@dataclass(frozen=True)
class Received:
    """One request. `raw_path` and `query_string` are as sent, still percent-encoded.

    `headers` has lower-case names; a header that came twice is joined with a comma.
    """

    method: str
    raw_path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def path(self) -> str:
        """The decoded path."""
        return unquote(self.raw_path)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The decoded query; of a name that is there twice, the last."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @cached_property
    def json(self) -> Json:
        """The decoded body, None where there is none, `NOT_JSON` where it cannot be decoded."""
        if not self.body.strip():
            return None
        try:
            tree = json.loads(self.body, parse_constant=_refuse_constant)
            json.dumps(tree, ensure_ascii=False).encode()  # refuses half a surrogate pair
        except (ValueError, RecursionError):
            return NOT_JSON
        return NOT_JSON if _deeper(tree, _DEPTH) else tree


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply. `content` is sent as JSON, but bytes as they are."""

    status: int
    content: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300


def encode(content: Json) -> bytes:
    """The bytes of a reply's content."""
    if isinstance(content, bytes):
        return content
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def _deeper(tree: Json, levels: int) -> bool:
    """Whether something is nested more than so many levels deep."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if not isinstance(tree, list):
        return False
    return levels == 0 or any(_deeper(item, levels - 1) for item in tree)


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")
