"""An agent with its memory: what it held when, and what its status is at any moment.

Restarts are deadlines, not tasks: the status is worked out from them at each read, so the same
state gives the same answer under a real clock and a virtual one. Times are seconds since the
epoch. Nothing here knows a vendor's fields.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

Json = Any

READY: Final = "READY"
READY_REASON: Final = "Runtime is ready for use"

_KEEP_SECONDS: Final = 600.0
_KEEP_IMAGES: Final = 16
"""Older images than so many, or than that, are forgotten: no replica lags further behind."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One restart: `word` from `began` to `ends` (None: for ever), `then` afterwards.

    `before` is the status from before, which stale reads show (empty: there was none). A failed
    restart shows READY from `heals` on.
    """

    word: str
    began: float
    ends: float | None
    then: str
    reason: str
    before: str = ""
    before_reason: str = ""
    heals: float | None = None

    def busy(self, now: float) -> bool:
        """Whether the restart is still going on."""
        return self.ends is None or now < self.ends

    def status(self, now: float, stale_seconds: float = 0.0) -> tuple[str, str]:
        """Status and statusReason at a moment."""
        if self.before and now < self.began + stale_seconds:
            return self.before, self.before_reason
        if self.busy(now):
            return self.word, ""
        if self.heals is not None and now >= self.heals:
            return READY, READY_REASON
        return self.then, self.reason


def settled(at: float, status: str = READY, reason: str = READY_REASON) -> Phase:
    """A phase that is over: the status simply is this."""
    return Phase(status, at, at, status, reason)


@dataclass(frozen=True, slots=True)
class Image:
    """What an agent held from `at` on. `stamp` is its time of last update."""

    at: float
    stamp: float
    body: dict[str, Json]
    phase: Phase
    version: int = 1


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent of one cloud. `images` has the newest last and is never empty.

    `gone` is when a deleted agent is gone for good. `name` is what people call it; `group` is the
    workspace where the cloud has such.
    """

    cloud: str
    id: str
    name: str
    group: str
    created: float
    images: tuple[Image, ...]
    gone: float | None = None
    restarts: int = 0
    writes: int = 0

    @property
    def now(self) -> Image:
        """The newest image: the truth."""
        return self.images[-1]

    def exists(self, moment: float) -> bool:
        """Whether the agent was there at a moment."""
        return self.created <= moment and (self.gone is None or moment < self.gone)

    def seen(self, moment: float) -> Image | None:
        """The image that a replica as old as `moment` shows; None where the agent was not there."""
        if not self.exists(moment):
            return None
        return next(
            (image for image in reversed(self.images) if image.at <= moment), self.images[0]
        )

    def written(
        self, image: Image, *, restarts: int = 0, writes: int = 0, name: str = "", group: str = ""
    ) -> "Agent":
        """The agent with one more image."""
        kept = [old for old in self.images[-_KEEP_IMAGES:-1] if old.at > image.at - _KEEP_SECONDS]
        return replace(
            self,
            images=(*kept, self.images[-1], image),
            restarts=self.restarts + restarts,
            writes=self.writes + writes,
            name=name or self.name,
            group=group or self.group,
        )


def next_stamp(agent: Agent, now: float, step: float) -> float:
    """The stamp of a write at `now`: later than the last by at least `step` seconds."""
    return max(now, agent.now.stamp + step)


def dump_images(images: tuple[Image, ...]) -> Json:
    """The images as a JSON tree."""
    return [
        {
            "at": image.at,
            "stamp": image.stamp,
            "body": image.body,
            "phase": asdict(image.phase),
            "version": image.version,
        }
        for image in images
    ]


def load_images(tree: Json) -> tuple[Image, ...]:
    """The images back from their JSON tree."""
    return tuple(Image(**{**item, "phase": Phase(**item["phase"])}) for item in tree)
