"""What is known of a kind's fields, as data: the walker, the body and the loader read the same.

A provider writes one tree of `Field`s for each kind. There are no functions in it, so a rule can
be printed, compared and cited.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from functools import lru_cache

from reconciler.model.tree import Json


class Shape(Enum):
    """The form of a value in the manifest."""

    OBJECT = "an object"  # members that the schema names; an absent one is not ours
    MAP = "a mapping"  # free keys, held whole
    LIST = "a list"  # held whole
    STRING = "a string"
    NUMBER = "a number"
    BOOLEAN = "a boolean"
    DOCUMENT = "a JSON document"  # a JSON string on the wire, an object to us
    ANY = "any value"  # what the vendor's page does not describe; held whole


class Trait(Flag):
    """What is special about a field. Semantics, section 5."""

    NONE = 0
    SERVER = auto()  # the cloud computes it; never ours, passed back as read where all is sent
    WRITE_ONLY = auto()  # no read shows it: unobservable, never sent alone
    MASKED = auto()  # a read shows a mask: never compared, never sent back
    UNRELIABLE = auto()  # a read may leave it out though it is set; then unobservable
    IMMUTABLE = auto()  # an update cannot change it: a difference blocks
    ACTION = auto()  # asks for something to be done with an update; never compared, never alone
    UNORDERED = auto()  # a list whose order means nothing
    SECRET = auto()  # accepts a secret reference only
    HIDDEN = auto()  # live values are shown as "(hidden)" unless declared in plain text
    TAGS = auto()  # a list of tags; those with our prefix are not the user's
    JSON = auto()  # a string that holds JSON: compared as JSON, sent as it is written


_UNREAD = Trait.WRITE_ONLY | Trait.MASKED


def secret_name(name: str) -> str:
    """The form in which member names are held against `Rules.secret_names`: `api_key`, `apiKey`
    and `API-Key` are all `apikey`.
    """
    return name.replace("-", "").replace("_", "").lower()


def names_secret(name: str, secret_names: AbstractSet[str]) -> bool:
    """Whether a member of this name holds a secret: one of the names, or one that ends in it."""
    return bool(secret_names) and _names_secret(name, frozenset(secret_names))


@lru_cache(maxsize=4096)  # the same few hundred names, for each agent again
def _names_secret(name: str, secret_names: frozenset[str]) -> bool:
    return secret_name(name).endswith(tuple(secret_names))


OWN_TAG_PREFIX = "reconcile-"
"""Tags that begin so are ours: out before comparing, in when something is written anyway."""


@dataclass(frozen=True, slots=True)
class Field:
    """The rules of one field and of what lies below it.

    `members` names the members of an OBJECT or DOCUMENT, `item` the rule of each element of a LIST
    or each value of a MAP. With `open` an OBJECT or DOCUMENT takes members that nothing names.
    `aliases` maps accepted spellings to the one that the cloud shows. `unset` lists what the cloud
    may show where nothing is set, beside absent and null, which always mean that. `key` names the
    member by which the elements of a LIST of objects are told apart.

    Of a member that reads do not show, `implied_by` names a sibling that is set only where this
    one is, and `absent_with` a sibling that is set only where this one is not: an object that goes
    whole must not lose it unseen. `unread` says at a glance that no read shows the value in clear,
    `conceals` that this is so of the field or of one below it, `unread_names` of which members.

    `limit` is the length of a text that the vendor's page names, in characters, for people to read:
    the schema refuses what is too long. A page that says "fewer than 4000" names 4000.
    """

    shape: Shape
    traits: Trait = Trait.NONE
    members: Mapping[str, "Field"] = field(default_factory=dict)
    item: "Field | None" = None
    open: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[Json, ...] = ()
    key: str | None = None
    implied_by: str = ""
    absent_with: str = ""
    limit: int | None = None

    unread: bool = field(init=False, repr=False, compare=False)
    conceals: bool = field(init=False, repr=False, compare=False)
    unread_names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unread", self.has(_UNREAD))
        unread = frozenset(name for name, one in self.members.items() if one.unread)
        object.__setattr__(self, "unread_names", unread)
        below = (*self.members.values(), *filter(None, [self.item]))
        object.__setattr__(self, "conceals", self.unread or any(one.conceals for one in below))

    def has(self, trait: Trait) -> bool:
        """Whether the field has this trait (or one of several joined by `|`)."""
        return bool(self.traits._value_ & trait._value_)  # asked often; `&` of flags takes longer


def _secret_fields(rule: Field) -> Iterator[str]:
    for name, member in rule.members.items():
        if member.has(Trait.SECRET):
            yield secret_name(name)
        yield from _secret_fields(member)


def _unread(rule: Field, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if rule.has(Trait.WRITE_ONLY | Trait.MASKED):
        yield path
    else:
        for name, member in rule.members.items():
            yield from _unread(member, (*path, name))


class BodyStyle(Enum):
    """What an update has to carry. Semantics, section 7."""

    CHANGED = "changed"  # the cloud keeps top-level fields that are left out
    WHOLE = "whole"  # assume that what is left out is gone: read, overlay, send all


class Readiness(Enum):
    """How it shows that an agent is back after a write. Semantics, section 8."""

    STATUS = "status"  # a status word, and a restart in between
    VALUES = "values"  # no status and no restart: the values themselves


@dataclass(frozen=True, slots=True)
class Requirement:
    """A field that creating needs; with `when`, only where another field has that value."""

    name: str
    when: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """All that is known of one kind.

    `always` are top-level fields that every update carries (live values where not declared).
    `parameters` are members of `spec` that name the agent in the path: no part of the body.
    `required` are top-level fields that a `WHOLE` body may not go without. `cannot_create`, where
    set, is why there is no way to create an agent of this kind. `secret_names` are member names, as
    `secret_name` writes them, whose live value is sealed wherever it stands; `refused_names` are
    those of them that a field of the kind has, so no plain text is taken under such a name in a
    manifest (the others only seal: a user's own property may be called `token`). `not_ours` are the
    top-level fields that nobody can declare in a body. `nested_merge` is the user's word that this
    cloud merges nested objects, so masked members may be left out of one that is sent. With
    `secret_tag` the fingerprint of secrets that no read shows is kept in one tag of the agent.
    `unread` are the fields, by the names that lead to them, that reads show as a mask or not at all;
    `tags` is the top-level field that holds tags, empty where the kind has none.
    """

    root: Field
    body: BodyStyle
    readiness: Readiness
    always: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    create_requires: tuple[Requirement, ...] = ()
    cannot_create: str | None = None
    secret_names: frozenset[str] = frozenset()
    nested_merge: bool = False
    secret_tag: bool = False
    refused_names: frozenset[str] = field(init=False, repr=False, compare=False)
    unread: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    not_ours: frozenset[str] = field(init=False, repr=False, compare=False)
    tags: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        server = {name for name, rule in self.root.members.items() if rule.has(Trait.SERVER)}
        object.__setattr__(self, "not_ours", frozenset(server | {*self.parameters}))
        named = frozenset(_secret_fields(self.root)) & self.secret_names
        object.__setattr__(self, "refused_names", named)
        object.__setattr__(self, "unread", tuple(sorted(_unread(self.root, ()))))
        tagged = (name for name, rule in self.root.members.items() if rule.has(Trait.TAGS))
        object.__setattr__(self, "tags", next(tagged, ""))

    @property
    def restarts(self) -> bool:
        """Whether an update restarts the agent."""
        return self.readiness is Readiness.STATUS

    @property
    def restart_reason(self) -> str:
        """Why an update restarts the agent, or does not."""
        return "every update does" if self.restarts else "this cloud has no restart"
