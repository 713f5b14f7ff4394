"""A small AppStage and IAM with a memory, behind httpx's mock transport, and what a session needs.

Written from the vendor's pages: GET and PUT of one agent, tokens by password and by access key.
"""

import copy
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.lowlevel
import httpx

from reconciler.model.manifest import Address, Desired, Place
from reconciler.ports import Context, Session
from reconciler.providers.appstage.provider import PROVIDER
from reconciler.providers.appstage.settings import AppStageSettings

EXAMPLE: Mapping[str, Any] = json.loads(
    (Path(__file__).parents[1] / "providers" / "appstage" / "update_agent.json").read_text("utf-8")
)
"""Request, response and errors of the vendor's page; the file names its source."""

AGENT = "0123456789abcdef0123456789abcdef"
NOW = 1_763_600_000.0
UPDATED_MS = 1_754_300_000_123

BY_PASSWORD: Mapping[str, str] = {
    "HW_USER_NAME": "deployer",
    "HW_USER_PASSWORD": "canary-password",
    "HW_DOMAIN_NAME": "acme",
}
BY_KEY: Mapping[str, str] = {
    "HUAWEICLOUD_SDK_AK": "AKEXAMPLE",
    "HUAWEICLOUD_SDK_SK": "canary-secret-key",
}

SETTINGS = AppStageSettings()
GIVEN = {"HUAWEICLOUD_AUTH_TOKEN": "canary-given"}
BODY = {**EXAMPLE["request"], "tags": ["团队"]}

T = TypeVar("T")
Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class _Timeout:
    expired: bool = False


@dataclass
class FakeClock:
    """A clock that only moves when somebody sleeps, or when a test says so."""

    elapsed: float = 0.0

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return NOW + self.elapsed

    def monotonic(self) -> float:
        return self.elapsed

    def wall(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.elapsed += max(0.0, seconds)
        await anyio.lowlevel.checkpoint()

    @contextmanager
    def timeout(self, seconds: float) -> Iterator[_Timeout]:
        yield _Timeout()


def reply(status: int, data: Any, **headers: str) -> Answer:
    """An answer that does not depend on the request."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json=data, headers=headers)

    return answer


def lost(request: httpx.Request) -> httpx.Response:
    """The connection breaks before a reply."""
    raise httpx.ReadError("connection reset")


@dataclass
class Cloud:
    """The emulated account. `planned` answers, by `GET`, `PUT` and `token`, come before memory."""

    clock: FakeClock
    shape: str = "top"
    token_seconds: float | None = 86_400.0
    with_date: bool = True
    ahead_seconds: float = 0.0
    agents: dict[str, dict[str, Any]] = field(default_factory=dict)
    planned: dict[str, list[Answer]] = field(default_factory=dict)
    good: set[str] = field(default_factory=set)
    issued: int = 0
    sent: list[httpx.Request] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    learnt: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        request = EXAMPLE["request"]
        self.agents[AGENT] = copy.deepcopy(dict(request)) | {"update_time": UPDATED_MS}

    @property
    def now(self) -> float:
        """What the cloud's own clock says."""
        return self.clock.now + self.ahead_seconds

    def context(self, environ: Mapping[str, str], *, writable: bool = True) -> Context:
        """A context whose network is this cloud."""

        def seal(text: str) -> str:
            for secret in sorted(self.learnt, key=len, reverse=True):
                text = text.replace(secret, "(sealed)")
            return text

        return Context(
            environ=environ,
            clock=self.clock,
            writable=writable,
            seal=seal,
            learn_secret=self.learnt.append,
            log=self.logged.append,
            jitter=lambda: 0.5,
            transport=httpx.MockTransport(self._answer),
        )

    def count(self, method: str) -> int:
        """How many requests of this method went to agents, or to IAM for `token`."""
        return sum(_which(request) == method for request in self.sent)

    def last(self, method: str) -> httpx.Request:
        """The latest of them."""
        return [request for request in self.sent if _which(request) == method][-1]

    def body(self, method: str) -> Any:
        """What the latest of them carried."""
        return json.loads(self.last(method).content)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()  # so that callers at the same time really overlap
        self.sent.append(request)
        which = _which(request)
        if which != "token":
            self.tokens.append(request.headers["x-auth-token"])
        waiting = self.planned.get(which)
        if waiting:
            response = waiting.pop(0)(request)
        elif which == "token":
            response = self._issue()
        elif self.tokens[-1] not in self.good:
            response = httpx.Response(401, json=_error("APIGW.0301", "token expires"))
        else:
            response = self._agent(request, which)
        if self.with_date:
            response.headers["date"] = format_datetime(
                datetime.fromtimestamp(int(self.now), UTC), usegmt=True
            )
        return response

    def _issue(self) -> httpx.Response:
        self.issued += 1
        token = f"canary-token-{self.issued:04d}"
        self.good.add(token)
        body: dict[str, Any] = {"methods": ["password"]}
        if self.token_seconds is not None:
            body["expires_at"] = _iso(self.now + self.token_seconds)
            body["issued_at"] = _iso(self.now)
        return httpx.Response(201, json={"token": body}, headers={"X-Subject-Token": token})

    def _agent(self, request: httpx.Request, which: str) -> httpx.Response:
        identity = request.url.path.removeprefix("/open/user/agent/")
        agent = self.agents.get(identity)
        if agent is None:
            return httpx.Response(400, json=[_error("AIAE.20002023", "Agent不存在")])
        if which == "PUT":
            agent = json.loads(request.content) | {"update_time": int(self.now * 1000)}
            self.agents[identity] = agent
        return httpx.Response(200, json=self._shown(agent))

    def _shown(self, agent: dict[str, Any]) -> dict[str, Any]:
        metadata = {
            "name": agent["properties"]["name"],
            "description": agent["properties"]["description"],
            "asset_id": "a1",
            "update_time": agent["update_time"],
        }
        match self.shape:
            case "metadata":
                return metadata
            case "data":
                return {"data": agent, "error_code": None, "error_msg": None}
            case _:
                return metadata | agent


def _which(request: httpx.Request) -> str:
    return "token" if request.url.path == "/v3/auth/tokens" else request.method


def _error(code: str, text: str) -> dict[str, str]:
    return {"error_code": code, "error_msg": text}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def desired(agent_id: str = AGENT, name: str = "java-expert") -> Desired:
    """A manifest that declares no more than which agent is meant."""
    return Desired(
        address=Address("appstage.myhuaweicloud.com/v1", "Agent", name),
        place=Place("agent.yaml", 1, 1),
        spec={"agentId": agent_id},
        places={},
    )


def during(
    cloud: Cloud,
    act: Callable[[Session], Awaitable[T]],
    environ: Mapping[str, str] = BY_PASSWORD,
    *,
    settings: AppStageSettings = SETTINGS,
    writable: bool = True,
) -> T:
    """What `act` returns inside one session."""

    async def main() -> T:
        async with PROVIDER.connect(settings, cloud.context(environ, writable=writable)) as session:
            return await act(session)

    return anyio.run(main)


def refusal(code: str, status: int = 401) -> Answer:
    """A no in the shape of the gateway."""
    return reply(status, {"error_code": code, "error_msg": "no"})


async def update(session: Session) -> None:
    """Write the example with one tag more."""
    await session.update(desired(), AGENT, BODY)


async def read(session: Session) -> Any:
    """Read the example's agent."""
    return await session.read(desired(), None)
