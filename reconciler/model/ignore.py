"""What a user does not want compared, and why. Semantics, section 5."""

from dataclasses import dataclass
from typing import TypeAlias

Part: TypeAlias = tuple[str, ...]
"""One token of a pattern, split at its stars: `("cpu",)` is a name, `("FC_", "")` is `FC_*`.

`()` is `**`, any number of tokens.
"""


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore rule of `reconcile.yaml`, without whom it is for.

    `path` is the pattern as it is written, `parts` what it means. `place` is where the rule stands
    (`reconcile.yaml:12:5`).
    """

    path: str
    parts: tuple[Part, ...]
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A field that differs, or cannot be compared, and is left alone because of a rule."""

    path: str
    rule: Ignore
