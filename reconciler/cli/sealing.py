"""A session whose every read teaches the redactor what of it may be secret."""

from collections.abc import Mapping, Sequence

from reconciler.cli.livesecrets import live_secrets, sealed_again
from reconciler.cli.seal import Redactor
from reconciler.model.live import Found, Live
from reconciler.model.manifest import Desired
from reconciler.model.rules import Rules
from reconciler.model.tree import Tree
from reconciler.ports import Session


def learn_live(redactor: Redactor, rules: Rules, desired: Desired, found: Found) -> None:
    """Teach the redactor what of one read may be secret, given what the manifest declares."""
    if isinstance(found, Live):
        for secret in live_secrets(rules.root, desired.spec, found.tree):
            redactor.learn(secret)


class SealingSession:
    """See `Session`. Reads seal their own sentences by what they show; the rest passes through.

    A console user can set a variable between two reads, and the cloud can name its value in the
    reason of the restart that fails for it.
    """

    def __init__(self, inner: Session, rules: Rules, redactor: Redactor) -> None:
        self._inner = inner
        self._rules = rules
        self._redactor = redactor

    @property
    def account(self) -> str:
        """See `Session.account`."""
        return self._inner.account

    @property
    def scope(self) -> Mapping[str, str]:
        """See `Session.scope`."""
        return self._inner.scope

    async def territory(self, wanted: Sequence[Desired]) -> frozenset[str]:
        """See `Session.territory`."""
        return await self._inner.territory(wanted)

    async def fetch(self, wanted: Sequence[Desired]) -> list[Found]:
        """See `Session.fetch`."""
        found = await self._inner.fetch(wanted)
        for desired, one in zip(wanted, found, strict=True):
            learn_live(self._redactor, self._rules, desired, one)
        return [sealed_again(one, self._redactor.seal) for one in found]

    async def read(self, desired: Desired, agent_id: str | None) -> Found:
        """See `Session.read`."""
        found = await self._inner.read(desired, agent_id)
        learn_live(self._redactor, self._rules, desired, found)
        return sealed_again(found, self._redactor.seal)

    async def poll(self, wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
        """See `Session.poll`."""
        found = await self._inner.poll(wanted)
        for (desired, _), one in zip(wanted, found, strict=True):
            learn_live(self._redactor, self._rules, desired, one)
        return [sealed_again(one, self._redactor.seal) for one in found]

    async def update(self, desired: Desired, agent_id: str, body: Tree) -> None:
        """See `Session.update`."""
        await self._inner.update(desired, agent_id, body)

    async def create(self, desired: Desired, body: Tree) -> None:
        """See `Session.create`."""
        await self._inner.create(desired, body)
