"""What tests of wire and of the AgentRun provider share: a clock without waiting, small clouds."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio
import httpx

from reconciler.model.errors import CloudError, Refused, ServerFailed, Throttled
from reconciler.model.manifest import Address, Desired, Place
from reconciler.ports import Access, Context, Timeout
from reconciler.wire.call import Call, Reply
from reconciler.wire.client import Client, Limiter

KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tExampleKeyId",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "canary-secret-0123456789",
}
NOON = 1_757_505_600.0  # 2025-09-10T12:00:00Z
NOON_DATE = "Wed, 10 Sep 2025 12:00:00 GMT"

Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


@dataclass
class _Limit:
    deadline: float
    scope: anyio.CancelScope

    @property
    def expired(self) -> bool:
        return self.scope.cancelled_caught


class FakeClock:
    """A clock on which waiting takes no time; it keeps what was waited for."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._limits: list[_Limit] = []

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return NOON + self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += max(0.0, seconds)
        for limit in self._limits:
            if self.now >= limit.deadline:
                limit.scope.cancel()
        await anyio.lowlevel.checkpoint()

    def timeout(self, seconds: float) -> AbstractContextManager[Timeout]:
        return self._timeout(seconds)

    @contextmanager
    def _timeout(self, seconds: float) -> Iterator[Timeout]:
        limit = _Limit(self.now + seconds, anyio.CancelScope())
        self._limits.append(limit)
        try:
            with limit.scope:
                yield limit
        finally:
            self._limits.remove(limit)


@dataclass
class Bench:
    """A context on a fake clock, and what it was told."""

    handler: Handler
    writable: bool = True
    environ: Mapping[str, str] = field(default_factory=lambda: dict(KEYS))
    allowed_hosts: frozenset[str] = frozenset()
    clock: FakeClock = field(default_factory=FakeClock)
    lines: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    jitter: float = 0.5

    def seal(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "(sealed)")
        return text

    def context(self) -> Context:
        return Context(
            environ=self.environ,
            clock=self.clock,
            writable=self.writable,
            seal=self.seal,
            learn_secret=self.secrets.append,
            log=self.lines.append,
            jitter=lambda: self.jitter,
            transport=httpx.MockTransport(self.handler),  # type: ignore[arg-type]  # also takes coroutines
            allowed_hosts=self.allowed_hosts,
        )


def desired(name: str, **spec: Any) -> Desired:
    """A desired runtime of this name."""
    place = Place("agents.yaml", 1, 1)
    address = Address("agentrun.aliyun.com/v1", "AgentRuntime", name)
    return Desired(address=address, place=place, spec=spec, places={})


def runtime(number: int, name: str = "", **fields: Any) -> dict[str, Any]:
    """A runtime as reads show it."""
    return {
        "agentRuntimeId": f"ar-{number:016x}",
        "agentRuntimeName": name or f"agent-{number}",
        "workspaceId": "ws-00000000000000aa",
        "status": "READY",
        "statusReason": "",
        "lastUpdatedAt": "2025-09-10T11:59:00Z",
        "cpu": 2,
    } | fields


@dataclass
class AgentRunCloud:
    """A small AgentRun with a memory: lists in pages, filters by name, keeps what is PUT.

    `max_page` holds back items of a page, `overlap` shows the last items of a page on the next one
    too, `totals` false leaves the total out, `lie` is told in its place, `faults` are answers to
    give once, by operation.
    """

    runtimes: list[dict[str, Any]] = field(default_factory=list)
    workspaces: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"workspaceId": "ws-00000000000000aa", "name": "default", "isDefault": True},
            {"workspaceId": "ws-00000000000000bb", "name": "team", "isDefault": False},
        ]
    )
    max_page: int = 1000
    overlap: int = 0
    totals: bool = True
    lie: int | None = None
    exact: bool = True
    faults: dict[str, list[httpx.Response]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    def count(self, operation: str) -> int:
        return sum(r.headers["x-acs-action"] == operation for r in self.requests)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        operation = request.headers["x-acs-action"]
        if self.faults.get(operation):
            return self.faults[operation].pop(0)
        match operation:
            case "ListAgentRuntimes":
                return self._list(request.url.params)
            case "ListWorkspaces":
                return success({"workspaces": self.workspaces, "total": len(self.workspaces)})
            case "CreateAgentRuntime":
                return self._create(json.loads(request.content))
            case _:
                return self._one(request)

    def _list(self, query: httpx.QueryParams) -> httpx.Response:
        found = self.runtimes
        if name := query.get("agentRuntimeName"):
            exact = self.exact and query.get("searchMode") == "exact"
            found = [r for r in found if (r["agentRuntimeName"] == name if exact else True)]
        if workspace := query.get("workspaceIds"):
            found = [r for r in found if r.get("workspaceId", workspace) == workspace]
        number, size = int(query["pageNumber"]), min(int(query["pageSize"]), self.max_page)
        start = (number - 1) * size
        data: dict[str, Any] = {"items": found[max(0, start - self.overlap) :][:size]}
        if self.totals:
            total = len(found) if self.lie is None else self.lie
            data |= {"total": total, "pageNumber": number, "pageSize": int(query["pageSize"])}
        return success(data)

    def _create(self, body: dict[str, Any]) -> httpx.Response:
        if any(r["agentRuntimeName"] == body["agentRuntimeName"] for r in self.runtimes):
            return failure(409, "ERR_BAD_REQUEST", "agent runtime already exists")
        self.runtimes.append(runtime(len(self.runtimes) + 1) | body)
        return success(self.runtimes[-1])

    def _one(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.path.rpartition("/")[2]
        for item in self.runtimes:
            if item["agentRuntimeId"] == wanted:
                if request.method == "PUT":
                    item.update(json.loads(request.content))
                return success(item)
        return failure(404, "ERR_BAD_REQUEST", f"agent runtime {wanted} does not exist")


def success(data: Any, **headers: str) -> httpx.Response:
    """A reply in the product's envelope."""
    body = {"code": "SUCCESS", "requestId": "F8A0F5F3", "data": data}
    return httpx.Response(200, json=body, headers={"date": NOON_DATE} | headers)


def failure(
    status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """An error in the product's envelope."""
    body = {"code": code, "message": message, "requestId": "F8A0F5F3"}
    return httpx.Response(status, json=body, headers=headers)


def gateway_failure(status: int, code: str, message: str) -> httpx.Response:
    """An error in the gateway's envelope."""
    return httpx.Response(
        status, json={"Code": code, "Message": message, "RequestId": "6EF8", "HostId": "h"}
    )


CALLS = {"Get": Access.READ, "Put": Access.WRITE, "Token": Access.AUTHENTICATE}
READ = Call("Get", "GET", "/things/1")
WRITE = Call("Put", "PUT", "/things/1", body=b"{}")


def judge(call: Call, reply: Reply) -> CloudError | None:
    """Success is 2xx, throttling 429, failure 5xx, anything else final."""
    if reply.status < 300:
        return None
    kind = {429: Throttled}.get(reply.status, ServerFailed if reply.status >= 500 else Refused)
    data = reply.data if isinstance(reply.data, dict) else {}
    return kind(
        call.operation,
        data.get("message", "no reason"),
        status=reply.status,
        code=data.get("code", ""),
        request_id=data.get("request_id", ""),
    )


def client(bench: Bench, *, limiter: Limiter | None = None, **more: Any) -> Client:
    """A client of the operations above, on loopback."""
    settings: dict[str, Any] = {"base_url": "http://127.0.0.1:8080"} | more
    return Client(
        calls=CALLS,
        judge=judge,
        context=bench.context(),
        limiter=limiter or Limiter(bench.clock),
        domains=("example.com",),
        milliseconds_header="x-pause-ms",
        **settings,
    )


def send(bench: Bench, call: Call = READ, **more: Any) -> Reply:
    """One call through a client of its own."""

    async def main() -> Reply:
        async with client(bench, **more) as opened:
            return await opened.send(call)

    return anyio.run(main)


def scripted(*answers: httpx.Response | Exception | type[Exception]) -> Handler:
    """A cloud that gives these answers in turn."""
    rest: Iterator[httpx.Response | Exception | type[Exception]] = iter(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        answer = next(rest)
        if isinstance(answer, httpx.Response):
            return answer
        raise answer if isinstance(answer, Exception) else answer("broken")

    return handle


ok = partial(httpx.Response, 200, json={"a": 1})
