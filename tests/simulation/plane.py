"""AgentRun's control plane as a transport in virtual time: restarts of given lengths, and counts.

Nothing here fails and nothing is slow but the way there and back: it is for measuring how long a
run takes against the time that nobody can go below.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx

from reconciler.ports import Clock
from tests.support.virtual import EPOCH

WORKSPACE = "ws-0123456789abcdef"
LATENCY_SECONDS = 0.05


class Plane(httpx.AsyncBaseTransport):
    """The runtimes `n00000`, `n00001`, …; `lengths` says how long each restart takes."""

    def __init__(self, clock: Clock, lengths: list[float]) -> None:
        self.clock = clock
        self.lengths = lengths
        self.asked: Counter[str] = Counter()
        self.spans: dict[int, tuple[float, float]] = {}
        self.descriptions = ["old"] * len(lengths)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self.clock.sleep(LATENCY_SECONDS)
        now = self.clock.monotonic()
        query = dict(request.url.params)
        last = request.url.path.rsplit("/", 1)[1]
        if last == "runtimes":
            self.asked["by status" if "status" in query else "list"] += 1
            data: Any = self.page(query, now)
        else:
            number = int(last[3:], 16)
            self.asked[request.method] += 1
            if request.method == "PUT":
                self.descriptions[number] = json.loads(request.content)["description"]
                self.spans[number] = (now, now + self.lengths[number])
            data = self.item(number, now)
        date = format_datetime(datetime.fromtimestamp(EPOCH + now, UTC), usegmt=True)
        await self.clock.sleep(LATENCY_SECONDS)
        return httpx.Response(
            200,
            json={"code": "SUCCESS", "requestId": "r", "data": data},
            headers={"date": date},
            request=request,
        )

    def item(self, number: int, now: float) -> dict[str, Any]:
        """One runtime as a read shows it."""
        begun, ends = self.spans.get(number, (-86_400.0, -86_400.0))
        return {
            "agentRuntimeId": f"ar-{number:016x}",
            "agentRuntimeName": f"n{number:05}",
            "workspaceId": WORKSPACE,
            "status": "UPDATING" if now < ends else "READY",
            "cpu": 2,
            "memory": 2048,
            "port": 8080,
            "description": self.descriptions[number],
            "lastUpdatedAt": datetime.fromtimestamp(EPOCH + begun, UTC).isoformat(),
        }

    def page(self, query: dict[str, str], now: float) -> dict[str, Any]:
        """One page of the list, of all runtimes or of those with a status."""
        size, number = int(query["pageSize"]), int(query["pageNumber"])
        chosen = list(range(len(self.lengths)))
        if "agentRuntimeName" in query:
            chosen = [int(query["agentRuntimeName"][1:])]
        if "status" in query:
            chosen = [n for n, (_, ends) in self.spans.items() if now < ends]
        rows = [self.item(n, now) for n in chosen[(number - 1) * size : number * size]]
        return {"items": rows, "pageNumber": number, "pageSize": size, "total": len(chosen)}
