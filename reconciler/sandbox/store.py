"""What the sandbox remembers: agents, switches, tokens, nonces, late effects and the request log.

Every method is one short SQLite statement or two; `transaction()` makes several of them one.
Nothing here has a meaning to a cloud.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reconciler.sandbox import quirks, seeds
from reconciler.sandbox.agents import Agent, dump_images, load_images
from reconciler.sandbox.database import Database, pack, unpack
from reconciler.sandbox.quirks import Quirks

LOG_ROWS: Final = 100_000
"""How many requests the log keeps, the newest."""

_TRIM_EVERY: Final = 1_000
_NONCE_SECONDS: Final = 1_800.0
_GONE_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class LogLine:
    """One request: `status` None means that no reply was sent. `body` is masked already.

    `target` is path and query, `agent` the name of the agent meant (empty: none), `note` what the
    sandbox did beside answering (`restart`, `lost reply`).
    """

    at: float
    cloud: str
    operation: str
    agent: str
    method: str
    target: str
    status: int | None
    note: str
    body: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """One AgentRun workspace."""

    id: str
    name: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Late:
    """An effect that comes at `due`: an operation with its request, kept as a JSON tree."""

    due: float
    document: Mapping[str, Any]


class Store:
    """The memory of one sandbox; `path` None keeps it in memory alone.

    Raises SandboxError when the file is not a sandbox file. A new one holds the two seed agents,
    unless `seeded` is false.
    """

    def __init__(self, path: Path | str | None, *, seeded: bool = True) -> None:
        """Open or make the file; its folder is made, too."""
        self._seeded = seeded
        self._db = Database(None if path is None else Path(path), self._furnish)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, and no other process in between."""
        return self._db.transaction()

    def reset(self, *, seeded: bool = True) -> None:
        """Forget everything and begin anew."""
        with self.transaction():
            for table in [
                "agents",
                "workspaces",
                "quirks",
                "nonces",
                "tokens",
                "pending",
                "counters",
                "log",
            ]:
                self._db.run(f"DELETE FROM {table}")
            self._seeded = seeded
            self._furnish(self._db)

    def _furnish(self, db: Database) -> None:
        db.run("INSERT INTO workspaces VALUES (?, 'default', 1)", seeds.WORKSPACE_ID)
        if self._seeded:
            for agent in seeds.agents():
                _save(db, agent)

    # Agents

    def agent(self, cloud: str, agent_id: str) -> Agent | None:
        """One agent by its id, gone or not."""
        return next(iter(self.agents(cloud, "id = ?", agent_id)), None)

    def name_of(self, cloud: str, agent_id: str) -> str:
        """What an agent is called, "" where there is none with that id."""
        row = self._db.run(
            "SELECT name FROM agents WHERE cloud = ? AND id = ?", cloud, agent_id
        ).fetchone()
        return str(row[0]) if row else ""

    def agents(self, cloud: str, condition: str = "1", *values: Any, page: str = "") -> list[Agent]:
        """Agents in the order of their creation; `condition` is SQL over the table's columns."""
        rows = self._db.run(
            "SELECT cloud, id, name, grp, created, gone, restarts, writes, document FROM agents"
            f" WHERE cloud = ? AND ({condition}) ORDER BY number {page}",
            cloud,
            *values,
        )
        return [_agent(row) for row in rows]

    def count(self, cloud: str, condition: str, *values: Any) -> int:
        """How many agents meet an SQL condition."""
        row = self._db.run(
            f"SELECT count(*) FROM agents WHERE cloud = ? AND ({condition})", cloud, *values
        ).fetchone()
        return int(row[0])

    def save(self, agent: Agent) -> None:
        """Keep the agent as it is now."""
        _save(self._db, agent)

    def forget_gone(self, now: float) -> None:
        """Drop agents that have been gone for an hour."""
        self._db.run("DELETE FROM agents WHERE gone < ?", now - _GONE_SECONDS)

    # Workspaces

    def workspaces(self) -> list[Workspace]:
        """All workspaces, the oldest first."""
        rows = self._db.run("SELECT id, name, is_default FROM workspaces ORDER BY rowid")
        return [Workspace(row[0], row[1], bool(row[2])) for row in rows]

    def add_workspace(self, name: str) -> Workspace:
        """One more workspace; its id comes from its name."""
        made = Workspace(f"ws-{hashlib.sha256(name.encode()).hexdigest()[:16]}", name, False)
        self._db.run("INSERT INTO workspaces VALUES (?, ?, 0)", made.id, made.name)
        return made

    def set_workspaces(self, workspaces: Sequence[Workspace]) -> None:
        """These workspaces and no others."""
        with self.transaction():
            self._db.run("DELETE FROM workspaces")
            for one in workspaces:
                values = (one.id, one.name, int(one.is_default))
                self._db.run("INSERT INTO workspaces VALUES (?, ?, ?)", *values)

    # Switches

    def quirks(self) -> Quirks:
        """The positions of all switches."""
        return quirks.from_stored(dict(self._db.run("SELECT name, value FROM quirks").fetchall()))

    def set_quirk(self, name: str, value: object) -> None:
        """Set one switch. Raises SandboxError for an unknown name or a value of another type."""
        text = quirks.dump(quirks.parse(name, value))
        self._db.run("INSERT OR REPLACE INTO quirks VALUES (?, ?)", name, text)

    # Credentials

    def use_nonce(self, nonce: str, now: float) -> bool:
        """Remember a nonce; False when it was used before."""
        self._db.run("DELETE FROM nonces WHERE at < ?", now - _NONCE_SECONDS)
        done = self._db.run("INSERT OR IGNORE INTO nonces VALUES (?, ?)", nonce, now)
        return done.rowcount == 1

    def keep_token(self, token: str, expires: float, now: float) -> None:
        """Remember a token by its digest; the token itself is not kept."""
        self._db.run("DELETE FROM tokens WHERE expires <= ?", now)
        self._db.run("INSERT INTO tokens VALUES (?, ?)", _digest(token), expires)

    def token_is_good(self, token: str, now: float) -> bool:
        """Whether a token was given out here and has not expired."""
        row = self._db.run(
            "SELECT 1 FROM tokens WHERE digest = ? AND expires > ?", _digest(token), now
        ).fetchone()
        return row is not None

    def drop_token(self, token: str) -> None:
        """Forget a token: it is good no longer."""
        self._db.run("DELETE FROM tokens WHERE digest = ?", _digest(token))

    # Late effects and counters

    def put_off(self, due: float, document: Mapping[str, Any]) -> None:
        """Keep an effect for later."""
        self._db.run("INSERT INTO pending (due, document) VALUES (?, ?)", due, pack(document))

    def take_due(self, now: float) -> Late | None:
        """The earliest effect that is due; it is forgotten here."""
        row = self._db.run(
            "SELECT number, due, document FROM pending WHERE due <= ? ORDER BY due, number LIMIT 1",
            now,
        ).fetchone()
        if row is None:
            return None
        self._db.run("DELETE FROM pending WHERE number = ?", row[0])
        return Late(row[1], unpack(row[2]))

    def count_up(self, name: str) -> int:
        """One more of something; how many there have been."""
        row = self._db.run(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE"
            " SET value = value + 1 RETURNING value",
            name,
        ).fetchone()
        return int(row[0])

    # The request log

    def log(self, line: LogLine) -> None:
        """Add one request; the oldest go when there are more than `LOG_ROWS`."""
        done = self._db.run(
            "INSERT INTO log (at, cloud, operation, agent, method, target, status, note, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            line.at,
            line.cloud,
            line.operation,
            line.agent,
            line.method,
            line.target,
            line.status,
            line.note,
            pack(line.body),
        )
        if done.lastrowid and done.lastrowid % _TRIM_EVERY == 0:
            self._db.run("DELETE FROM log WHERE number <= ?", done.lastrowid - LOG_ROWS)

    def log_lines(self) -> list[LogLine]:
        """The requests, the oldest first."""
        rows = self._db.run(
            "SELECT at, cloud, operation, agent, method, target, status, note, body FROM log"
            " ORDER BY number"
        )
        return [LogLine(*(*row[:8], unpack(row[8]))) for row in rows]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _agent(row: Sequence[Any]) -> Agent:
    cloud, agent_id, name, group, created, gone, restarts, writes, document = row
    images = load_images(unpack(document))
    return Agent(cloud, agent_id, name, group, created, images, gone, restarts, writes)


def _save(db: Database, agent: Agent) -> None:
    db.run(
        "INSERT INTO agents (cloud, id, name, grp, created, gone, restarts, writes, document)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (cloud, id) DO UPDATE SET"
        " name = excluded.name, grp = excluded.grp, gone = excluded.gone,"
        " restarts = excluded.restarts, writes = excluded.writes, document = excluded.document",
        agent.cloud,
        agent.id,
        agent.name,
        agent.group,
        agent.created,
        agent.gone,
        agent.restarts,
        agent.writes,
        pack(dump_images(agent.images)),
    )
