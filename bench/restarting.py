"""A stub of AgentRun's control plane whose restarts take given times. For `bench/apply.py`.

A process of its own that speaks HTTP/1.1 on a free port of the loopback address and prints that
port. It knows four calls, checks no signature, and counts what it is asked. Its clock runs `factor`
times as fast as the machine's, from `origin` (what `time.monotonic` said) on.
"""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

EPOCH = 1_790_000_000.0
WORKSPACE = "ws-0123456789abcdef"
ROOT = "/2025-09-10"


class Cloud:
    """The runtimes; `lengths` says how long each restart takes, by the runtime's position."""

    def __init__(self, factor: float, origin: float, lengths: list[float]) -> None:
        self.factor, self.origin, self.lengths = factor, origin, lengths
        self.counts: dict[str, int] = {}
        self.spans: dict[int, tuple[float, float]] = {}
        self.descriptions = ["old"] * len(lengths)

    def now(self) -> float:
        return (time.monotonic() - self.origin) * self.factor

    def item(self, number: int, now: float) -> dict[str, Any]:
        begun, ends = self.spans.get(number, (-86_400.0, -86_400.0))
        return {
            "agentRuntimeId": f"ar-{number:016x}",
            "agentRuntimeName": f"agent-{number:05}",
            "agentRuntimeVersion": "1",
            "workspaceId": WORKSPACE,
            "status": "UPDATING" if now < ends else "READY",
            "artifactType": "Container",
            "cpu": 2,
            "memory": 2048,
            "port": 8080,
            "description": self.descriptions[number],
            "lastUpdatedAt": datetime.fromtimestamp(EPOCH + begun, UTC).isoformat(),
        }

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(target)
        path, query = parts.path, {k: v[-1] for k, v in parse_qs(parts.query).items()}
        now = self.now()
        if path == "/numbers":
            return 200, {"counts": self.counts, "spans": self.spans}
        if path == f"{ROOT}/agents/runtimes":
            kind = "list by status" if "status" in query else "list"
            data: Any = self.page(query, now)
        elif path.startswith(f"{ROOT}/agents/runtimes/"):
            kind, number = method, int(unquote(path.rsplit("/", 1)[1])[3:], 16)
            if method == "PUT":
                self.descriptions[number] = json.loads(body).get("description", "")
                self.spans[number] = (now, now + self.lengths[number])
            data = self.item(number, now)
        else:
            return 404, {"code": "NotFound", "message": path}
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return 200, {"code": "SUCCESS", "requestId": "r", "data": data}

    def page(self, query: dict[str, str], now: float) -> dict[str, Any]:
        size, number = int(query.get("pageSize", 10)), int(query.get("pageNumber", 1))
        chosen = range(len(self.lengths))
        if name := query.get("agentRuntimeName"):
            chosen = range(int(name[6:]), int(name[6:]) + 1)
        if "status" in query:
            wanted = query["status"].split(",")
            busy = [n for n, (_, ends) in self.spans.items() if now < ends]
            shown = [self.item(n, now) for n in busy if "UPDATING" in wanted]
        else:
            shown = [self.item(n, now) for n in chosen[(number - 1) * size : number * size]]
            return {"items": shown, "pageNumber": number, "pageSize": size, "total": len(chosen)}
        rows = shown[(number - 1) * size : number * size]
        return {"items": rows, "pageNumber": number, "pageSize": size, "total": len(shown)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                method, target, _ = first.split(" ")
                fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                status, data = self.answer(method, target, body)
                text = json.dumps(data).encode()
                date = format_datetime(datetime.fromtimestamp(EPOCH + self.now(), UTC), usegmt=True)
                writer.write(
                    f"HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\ndate: {date}\r\n"
                    f"content-length: {len(text)}\r\n\r\n".encode()
                    + text
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main() -> None:
    task = json.loads(sys.stdin.readline())
    cloud = Cloud(task["factor"], task["origin"], task["lengths"])
    server = await asyncio.start_server(cloud.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
