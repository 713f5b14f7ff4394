"""The plan: what differs and what would be done, as data that can be saved and reviewed.

Everything in it may be shown: sealed and hidden values were replaced when it was made. What is
sent is never taken from here but built again from the read just before the write.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from reconciler.model.ignore import Ignored
from reconciler.model.ledger import Ledger, Refusal
from reconciler.model.manifest import Address, Place
from reconciler.model.outcome import Cause
from reconciler.model.policy import Judgement
from reconciler.model.tree import Json, Tree


class _Nothing:
    """The absent side of a change: no value, not even null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "(absent)"


NOTHING = _Nothing()


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. `before` and `after` are public values, or `NOTHING`.

    `limit` is how many characters a text may have, where the vendor's page says so.
    """

    path: str
    before: Json
    after: Json
    place: Place
    note: str = ""
    limit: int | None = None


class About(NamedTuple):
    """What every entry of a plan says of its agent. A tuple, since one is made for every agent.

    `unobservable` are declared fields that this read cannot show, each with its reason;
    `not_managed` are live fields that the manifest does not declare; `ignored` what differs and is
    left alone by a rule of `reconcile.yaml`; `unchanged` how many declared fields are equal beside
    those that differ (0 where nothing differs); `proved` are declared
    fields that no read shows and that are as declared by their fingerprint; `notes` are findings,
    `left_alone` what differs and no reviewed plan changes (`apply --plan`),
    and `asides` what is told of an agent wherever it is shown, but is no reason to show it.
    `wave` is when its turn comes (None: all agents of the plan are in one wave), `leads`: it is a
    canary, written before the others of its wave.
    """

    address: Address
    place: Place
    id: str | None = None
    status: str = ""
    unobservable: tuple[tuple[str, str], ...] = ()
    not_managed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    proved: tuple[str, ...] = ()
    unchanged: int = 0
    left_alone: tuple[str, ...] = ()
    wave: int | None = None
    leads: bool = False


@dataclass(frozen=True, slots=True)
class InSync:
    """Nothing that the manifest declares differs."""

    about: About


@dataclass(frozen=True, slots=True)
class Create:
    """The agent does not exist and can be made. `body` is public."""

    about: About
    changes: tuple[Change, ...]
    patch: tuple[Tree, ...]
    body: Tree


@dataclass(frozen=True, slots=True)
class Update:
    """Something differs. `body` and `patch` are public; `restarts`: the agent will restart.

    `restart_reason` is why it does or does not.
    """

    about: About
    changes: tuple[Change, ...]
    patch: tuple[Tree, ...]
    body: Tree
    restarts: bool
    restart_reason: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """The agent exists, is owned, and no manifest declares it."""

    about: About


@dataclass(frozen=True, slots=True)
class Unhealthy:
    """Nothing differs, and the agent is in a failed state."""

    about: About
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """Something differs that we refuse or cannot bring about; `changes` are what differs."""

    about: About
    reason: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The agent could not be read, so nothing is known."""

    about: About
    reason: str
    cause: Cause


AgentPlan: TypeAlias = InSync | Create | Update | Delete | Unhealthy | Blocked | Unreadable


@dataclass(frozen=True, slots=True)
class Plan:
    """The plans of all selected agents, in the order of their manifests.

    `policy` is what the rules of the target say of them. `ledger` is how long carrying it out is
    expected to take (None: nobody asked), `refusals` are the limits that it goes beyond.
    """

    target: str
    agents: tuple[AgentPlan, ...]
    policy: Judgement = field(default_factory=Judgement)
    ledger: Ledger | None = None
    refusals: tuple[Refusal, ...] = ()
