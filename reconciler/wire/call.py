"""A call and its reply, as the providers see them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import httpx

from reconciler.model.errors import CloudError
from reconciler.model.tree import Json


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `path` is percent-encoded and begins with a slash; `query` is not encoded.

    `operation` must be declared in the provider's `calls`: that declaration, not this value,
    decides whether it counts as a write. Query, headers and body may hold secrets: no repr.
    """

    operation: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that was read whole. `data` is the decoded JSON (None: empty or not JSON).

    `date` is the reply's own `Date` in seconds since the epoch, None where it has none. Headers
    and data may hold secrets (tokens come in headers): no repr.
    """

    status: int
    headers: httpx.Headers = field(repr=False)
    data: Json = field(repr=False)
    date: float | None


Judge: TypeAlias = Callable[[Call, Reply], CloudError | None]
"""What a reply means to this vendor: None for success, the error otherwise. Pure."""
