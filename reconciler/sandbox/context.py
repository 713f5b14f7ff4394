"""What one request is answered with: the store, the moment, the switches. Pure plumbing."""

from dataclasses import dataclass, field

from reconciler.sandbox.agents import READY, READY_REASON, Agent, Image, Phase
from reconciler.sandbox.quirks import Quirks
from reconciler.sandbox.store import Store


@dataclass(slots=True)
class Context:
    """The surroundings of one request. `now` is seconds since the epoch.

    `agent` and `notes` are filled by whoever answers, for the request log.
    """

    store: Store
    now: float
    quirks: Quirks
    agent: str = ""
    notes: list[str] = field(default_factory=list)

    def take(self, switch: str) -> bool:
        """Whether a switch that counts down had something left; takes one."""
        left: int = getattr(self.quirks, switch)
        if left <= 0:
            return False
        self.store.set_quirk(switch, left - 1)
        self.quirks = self.store.quirks()
        return True

    def find(self, cloud: str, agent_id: str) -> Agent | None:
        """An agent that exists now."""
        agent = self.store.agent(cloud, agent_id)
        return agent if agent is not None and agent.exists(self.now) else None

    def seen(self, agent: Agent, *, listing: bool = False) -> Image | None:
        """The image that a read of now shows, with the lag of reads or of lists."""
        lag = self.quirks.list_lag_seconds if listing else self.quirks.read_lag_seconds
        return agent.seen(self.now - lag)

    def restart(self, agent_id: str, name: str, before: Phase | None) -> Phase:
        """The phase of a restart (`before` given) or of a creation that begins now."""
        quirks = self.quirks
        names = {agent_id, name}
        stuck = bool(names & set(quirks.restart_stuck)) or self.take("restart_stuck_next")
        fails = bool(names & set(quirks.restart_fails)) or self.take("restart_fails_next")
        ends = self.now + quirks.restart_seconds_for(names)
        failure = quirks.restart_failure
        if before is None:
            failure = failure.replace("UPDATE_", "CREATE_")
        old = before.status(self.now) if before else ("", "")
        heals = ends + quirks.failed_heals_seconds if quirks.failed_heals_seconds else None
        return Phase(
            word=quirks.busy_word or ("UPDATING" if before else "CREATING"),
            began=self.now,
            ends=None if stuck else ends,
            then=failure if fails else READY,
            reason=quirks.restart_failure_reason if fails else READY_REASON,
            before=old[0],
            before_reason=old[1],
            heals=heals if fails else None,
        )
