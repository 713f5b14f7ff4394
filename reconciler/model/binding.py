"""What binds a saved plan to the manifests, the account and the live state that it was made from.

A saved plan is never carried out as it stands: its manifests are planned again, and these facts say
whether that is still what somebody reviewed. Semantics, section 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.manifest import Address
from reconciler.model.tree import Json, Tree

PLAN_FORMAT: Final = "1"
"""Of the plan document. Fields may be added to it, none is renamed."""

BINDING_VERSION: Final = 1
"""Of how a plan is bound. Another one cannot be held against anything."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A live field that a plan changes, with its raw value. `secret`: it may not be shown."""

    path: str
    before: Json
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What a value was: a digest of it, keyed where it is secret. An empty one binds nothing."""

    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class AgentBinding:
    """What one agent was planned from.

    `manifest` is a digest of its effective manifest, `fields` shorter ones of each part of it, to
    say which one moved. `secrets` are the sealed values in it, `live` the fields that would change.
    """

    address: Address
    manifest: str
    fields: Mapping[str, str]
    secrets: tuple[Fact, ...] = ()
    live: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """What a whole plan was made from.

    `accounts` say by the title of a cloud where was read there: region, workspace, project.
    `options` are the switches and selections that
    decide, by the name of their option. `fingerprint_key` is the id of the key with which secrets
    were compared, empty for none.
    """

    accounts: Mapping[str, Mapping[str, str]]
    options: Mapping[str, Json]
    ignore: str
    policy: str
    fingerprint_key: str
    agents: tuple[AgentBinding, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What somebody reviewed of one agent.

    `id` is the agent's at the cloud, None where it did not exist. `changes` are by path, each with
    `from` and `to` as they were shown, an absent side left out.
    """

    action: str
    reason: str
    id: str | None
    changes: Mapping[str, Tree]
    binding: AgentBinding


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan that was read back. `digest` names the document, `signer` the key that signed it."""

    target: str
    binding: Binding
    agents: Mapping[Address, Reviewed]
    digest: str
    signer: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """One agent of a saved plan, with the keys by which its secrets may be held against it."""

    reviewed: Reviewed
    keys: tuple[Fingerprinter, ...] = field(default=(), repr=False)
