"""A target: a name for at most one account and region per cloud, and how careful to be there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model.manifest import Place
from reconciler.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Wait:
    """How long things may take, in seconds. Semantics, sections 3 and 8."""

    timeout_seconds: float = 600.0
    settle_seconds: float = 15.0
    in_doubt_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the selected agents of an account that exist."""

    percent: float


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may happen at once. `max_change_percent` guards against a wrong folder.

    A share that `max_unavailable` is comes to at least one agent. Without `max_restarts` there is
    no bound. The first `canary` writes of each wave are through before its others begin (0: they
    begin together); `wave_pause_seconds` pass between a wave that wrote and the next.
    """

    max_change_percent: float = 30.0
    max_unavailable: int | Share = 5
    max_restarts: int | None = None
    max_failures: int = 1
    canary: int = 0
    wave_pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Overlay:
    """A folder of partial manifests that a target lays over the others, and where it is named.

    `folder` is a path from the working folder.
    """

    folder: str
    place: Place


@dataclass(frozen=True, slots=True)
class Variable:
    """What `${var.NAME}` stands for, and where it says so."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Target:
    """One target with its settings per provider, each checked by that provider's own model.

    `settings` holds, by provider name, an instance of `Provider.settings`. `place` is where
    `reconcile.yaml` names it (None: built in or implied by the environment). `chosen_by` says who
    picked it: `flag`, `file` or `environment`. `overlays` are in the order in which they are merged.
    `policy` are the rules at the top of the file and its own.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    wait: Wait = Wait()
    limits: Limits = Limits()
    sandbox: bool = False
    place: Place | None = None
    chosen_by: str = "file"
    overlays: tuple[Overlay, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
