"""What a row of the corpus is."""

from dataclasses import dataclass, field
from typing import Any

from reconciler.model.sealed import Sealed

SAME: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A manifest's spec and the wire object that a read showed, and what is to be said of them.

    `reason` is why they are equal or not, `source` the part of the vendor's page that it rests on.
    `spec` and `live` are laid over what the agent of the corpus has anyway. `paths` are the
    differences: none, where the two are equal. `blocked`: nothing may be sent for them.
    """

    reason: str
    source: str
    spec: dict[str, Any]
    live: dict[str, Any]
    paths: tuple[str, ...] = SAME
    blocked: bool = False
    unobservable: tuple[str, ...] = field(default=())


def secret(text: str) -> Sealed:
    """A declared secret with this value."""
    return Sealed(text, "env:SECRET")
