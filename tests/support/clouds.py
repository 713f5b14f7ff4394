"""A provider's real session on the sandbox, in process and in virtual time."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.cli.emulator import EmulatedTransport
from reconciler.cli.seal import Redactor
from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.model.manifest import Address, Desired, Place
from reconciler.model.outcome import Outcome
from reconciler.model.rules import Rules
from reconciler.model.target import Limits, Wait
from reconciler.ports import Context, Kind, Provider, Session
from reconciler.providers import discover
from reconciler.sandbox import control, seeds
from reconciler.sandbox.store import Store
from tests.support.applying import Applying
from tests.support.virtual import VirtualClock

PROVIDERS = {provider.name: provider for provider in discover()}


@dataclass
class Cloud:
    """One emulated cloud, the session that reaches it, and what was asked of it."""

    provider: Provider
    kind: Kind
    rules: Rules
    store: Store
    clock: VirtualClock
    session: Session
    log: list[str] = field(default_factory=list)

    def desired(self, name: str, spec: dict[str, Any], **more: Any) -> Desired:
        """A desired state of this kind."""
        address = Address(self.kind.api_version, self.kind.name, name)
        return Desired(address, Place(f"{name}.yaml", 1, 1), spec, {}, **more)

    def seed(self, spec: Mapping[str, Any]) -> Desired:
        """A desired state of the agent that a new sandbox holds."""
        if self.provider.name == "appstage":
            return self.desired("seed", {"agentId": seeds.AGENT_ID, **spec})
        return self.desired(seeds.RUNTIME_NAME, dict(spec))

    def quirks(self, **switches: Any) -> None:
        """Set switches of the sandbox."""
        for name, value in switches.items():
            control.set_quirk(self.store, name, value)

    def counts(self) -> tuple[int, int]:
        """(writes, restarts) of all agents of the sandbox."""
        return (
            sum(control.write_counts(self.store).values()),
            sum(control.restart_counts(self.store).values()),
        )

    def applying(self, **more: Any) -> Applying:
        """An applier on this cloud."""
        return Applying(self.clock, self.session, rules=self.rules, **more)

    async def apply(
        self,
        *targets: Desired,
        options: Options | None = None,
        wait: Wait | None = None,
        limits: Limits | None = None,
    ) -> list[Outcome]:
        """Plan and carry out."""
        applying = self.applying(
            options=options or Options(), wait=wait or Wait(), limits=limits or Limits()
        )
        return await applying.carry(list(targets))

    async def plan(self, target: Desired, options: Options | None = None) -> Any:
        """The plan of one agent by a fresh read."""
        (found,) = await self.session.fetch([target])
        return decide(target, found, self.rules, options or Options()).plan


@asynccontextmanager
async def cloud(
    name: str,
    *,
    writable: bool = True,
    path: Path | None = None,
    transport: Callable[[Any], Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[Cloud]:
    """A new sandbox with a session of this provider. `transport` may wrap the way into it."""
    provider = PROVIDERS[name]
    clock = VirtualClock()
    with Store(path) as store:
        defaults, credentials = provider.sandbox_settings("http://127.0.0.1")
        if settings:
            defaults = provider.settings.model_validate(
                {**defaults.model_dump(exclude_none=True), **settings}
            )
        redactor = Redactor()
        log: list[str] = []
        inner: Any = EmulatedTransport(store, clock.wall)
        context = Context(
            environ=credentials if environ is None else environ,
            clock=clock,
            writable=writable,
            seal=redactor.seal,
            learn_secret=redactor.learn,
            log=log.append,
            jitter=lambda: 0.5,
            transport=transport(inner) if transport else inner,
        )
        kind = provider.kinds[0]
        async with provider.connect(defaults, context) as session:
            rules = provider.rules(kind, defaults)
            yield Cloud(provider, kind, rules, store, clock, session, log)
