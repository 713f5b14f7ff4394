"""What a cloud has to bring: kinds with rules, settings, credentials, and a session of calls."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from reconciler.model.live import Found
from reconciler.model.manifest import Desired
from reconciler.model.policy import Facts
from reconciler.model.rules import Field, Rules
from reconciler.model.tree import Tree
from reconciler.ports.clock import Clock


class Access(Enum):
    """What a call does to the cloud. Reading verbs run where WRITE is refused."""

    READ = "read"
    AUTHENTICATE = "authenticate"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Dialect:
    """Another spelling of a kind: the YAML of the vendor's own tool, `tool`. Data, no functions.

    Documents of `api_version` and `name` are checked against `metadata` and `model` (pydantic
    models of `metadata` and `spec` in that spelling) and `root` (its rules), and then translated.
    Pointers begin at the document and have `*` for the elements of a list. `null` says in such a
    document what absence says.

    `names` are the members that we call otherwise, by their pointer; `moves` those that stand
    elsewhere with us, pointer to pointer; `copies` those that rule another one too, pointer to
    pointer. `left` are members that are checked and not used, each with what is said about it.
    `blank` are members whose empty list or mapping says nothing. `texts` are free mappings in
    which a whole number is sent as its text. `plain_secrets` are secrets that may stand there in
    plain text, each with the end of the name of the variable that is to hold it. `hints` are the
    ways out for members that this spelling does not have.

    `constants` are part of every translated `spec`. `create_defaults` are values that the tool
    has where the document has none, `member_defaults` those in objects that the document has.
    """

    api_version: str
    name: str
    tool: str
    metadata: type[Any]
    model: type[Any]
    root: Field
    names: Mapping[str, str]
    moves: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    plain_secrets: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    constants: Tree = field(default_factory=dict)
    create_defaults: Tree = field(default_factory=dict)
    member_defaults: Tree = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of manifest.

    `model` is a pydantic model of `spec` (typed loosely here: ports import nothing). `rules` say
    how its fields compare. `not_yet` are members of `spec` that a later version will take.
    `dialects` are other spellings of the same kind. `facts` say where it keeps what policy asks for.
    `locators` are members of `spec` that say where the agent is found, `version` is the member of
    what is live that names its version (empty: none does).
    """

    api_version: str
    name: str
    model: type[Any]
    rules: Rules
    not_yet: tuple[str, ...] = ()
    dialects: tuple[Dialect, ...] = ()
    facts: Facts = field(default_factory=Facts)
    locators: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What the roof hands to a session.

    `environ` is where credentials are looked up. `transport` replaces the network (an
    `httpx.AsyncBaseTransport`, None: real sockets). With `writable` false every call declared as
    WRITE is refused before it leaves. `seal` takes a text that the cloud sent and replaces known
    secrets in it. `learn_secret` teaches `seal` one more. `log` gets a line for each request,
    without headers or bodies. `jitter` returns a number in [0, 1). `warn` gets what people should
    know though the calls succeed, a line each.
    """

    environ: Mapping[str, str]
    clock: Clock
    writable: bool
    seal: Callable[[str], str]
    learn_secret: Callable[[str], None]
    log: Callable[[str], None]
    jitter: Callable[[], float]
    transport: Any = None
    allowed_hosts: frozenset[str] = field(default_factory=frozenset)
    warn: Callable[[str], None] = lambda _line: None


class Session(Protocol):
    """A connection to one account of one cloud. All methods but `account` and `scope` do I/O.

    Reads are retried inside; a write is sent once per call, and again only when it is certain that
    it had no effect (throttled, never sent, token expired). What a cloud answers is returned as a
    value where the plan has a word for it, and raised as a `CloudError` otherwise.
    """

    @property
    def account(self) -> str:
        """Where this session works, for the first line of every command. No secret in it."""
        ...

    @property
    def scope(self) -> Mapping[str, str]:
        """Where this session works, by what each part is called (`region`), whoever signs in.

        Only parts that are known; a saved plan is held against those that both sides know.
        """
        ...

    async def territory(self, wanted: Sequence[Desired]) -> frozenset[str]:
        """Where these agents may be written, for locks: whoever writes one of them shares a name.

        The same whoever signs in and however a setting is spelt, as far as that can be known. No
        secret in it. May ask the cloud; raises CloudError or CredentialsMissing.
        """
        ...

    async def fetch(self, wanted: Sequence[Desired]) -> list[Found]:
        """The live state of each, in the same order. Must prove absence by exact lookup.

        Never raises for a single agent (`Unread`); raises CloudError or CredentialsMissing when
        nothing at all can be read.
        """
        ...

    async def read(self, desired: Desired, agent_id: str | None) -> Found:
        """One agent, fresh: by id where known, else by its exact name. Never a cached answer.

        Never raises CloudError: that is `Unread`.
        """
        ...

    async def poll(self, wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
        """Each of these agents, with its id where known, as `read` would: fresh, in this order.

        For as few requests as the cloud allows: what one request shows may serve several of them.
        Never raises CloudError for what `read` has a value for.
        """
        ...

    async def update(self, desired: Desired, agent_id: str, body: Tree) -> None:
        """Send one update. `body` is the wire body and may hold `Sealed` leaves.

        Returns when the cloud answered with success: the reply proves nothing more. A request that
        is under way when the caller is cancelled is finished and its reply read; what comes before
        it (waiting for a turn, backing off) ends at once, and nothing is sent then.
        """
        ...

    async def create(self, desired: Desired, body: Tree) -> None:
        """Create the agent. Raises AlreadyExists, or Refused where the kind has no such call."""
        ...


class Provider(Protocol):
    """One cloud. `reconciler.providers.discover()` finds every one of them."""

    @property
    def name(self) -> str:
        """The key below `targets.NAME` (`agentrun`)."""
        ...

    @property
    def title(self) -> str:
        """How people call it (`Alibaba Cloud AgentRun`)."""
        ...

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of manifest that belong to this cloud."""
        ...

    @property
    def settings(self) -> type[Any]:
        """The pydantic model of `targets.NAME.<name>`; every field has a default."""
        ...

    @property
    def calls(self) -> Mapping[str, Access]:
        """Every call that a session may make, by operation name, and what it does."""
        ...

    @property
    def credentials(self) -> tuple[tuple[str, ...], ...]:
        """Sets of environment variables, each of which is enough to sign in, best first."""
        ...

    def rules(self, kind: Kind, settings: Any) -> Rules:
        """The rules of a kind under these settings (`nested: merge` changes one)."""
        ...

    def implied_settings(self, environ: Mapping[str, str]) -> Any:
        """The settings where no `reconcile.yaml` says anything (regions from the environment)."""
        ...

    def sandbox_settings(self, base_url: str) -> tuple[Any, Mapping[str, str]]:
        """Settings and credential variables that reach an emulator served at `base_url`."""
        ...

    def connect(self, settings: Any, context: Context) -> AbstractAsyncContextManager[Session]:
        """Open a session. Raises CredentialsMissing before anything is sent."""
        ...
