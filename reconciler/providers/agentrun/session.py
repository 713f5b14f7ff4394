"""The calls: find runtimes by exact name inside a workspace, read, update, create.

A few names are looked up one by one, more of them through the whole list, which shows full
objects. Absence is never concluded from a list.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

from reconciler.model.errors import AccessDenied, CloudError, NotFound, Refused, ServerFailed
from reconciler.model.live import Absent, Ambiguous, Found, Live, Unread
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.model.tree import Tree, kind_of
from reconciler.ports import Context
from reconciler.providers.agentrun import operations
from reconciler.providers.agentrun.codec import read_item, to_live
from reconciler.providers.agentrun.listing import (
    PAGE_SIZES,
    Page,
    Row,
    collect,
    count_of,
    gather,
    size_of,
)
from reconciler.providers.agentrun.polling import Sources, busy_after, look_at
from reconciler.providers.agentrun.settings import AgentRunSettings
from reconciler.providers.agentrun.workspace import Workspaces
from reconciler.wire.call import Call, Reply
from reconciler.wire.client import Client
from reconciler.wire.encode import encode, encode_segment, origin
from reconciler.wire.together import patiently, together

FEW: Final = 3
"""Up to so many names are looked up one by one: a list could be long."""

BAD_REQUEST: Final = 400

_NOT_IN_TIME: Final[Found] = Unread("no answer yet", Cause.CLOUD)

_ID: Final = "agentRuntimeId"
_NAME: Final = "agentRuntimeName"
_WORKSPACE: Final = "workspaceId"


class AgentRunSession:
    """See `reconciler.ports.Session`."""

    def __init__(self, client: Client, settings: AgentRunSettings, context: Context) -> None:
        self._client = client
        self._settings = settings
        self._seal = context.seal
        self._clock = context.clock
        self._workspaces = Workspaces(client, settings.workspace)
        self._page_sizes: tuple[int, ...] = PAGE_SIZES
        self._totals: dict[str | None, int] = {}  # how many a whole list had, by workspace
        self._busy: set[str] = set()  # ids that were restarting when they were last seen
        self._lists = True  # whether lists are worth asking for while waiting

    @property
    def account(self) -> str:
        """See `Session.account`."""
        endpoint = f" at {self._settings.endpoint}" if self._settings.endpoint else ""
        return f"{self._settings.region}{endpoint}, {self._workspaces.title}"

    @property
    def scope(self) -> Mapping[str, str]:
        """See `Session.scope`."""
        parts = {"region": self._settings.region, "endpoint": self._settings.endpoint or ""}
        return {**parts, "workspace": self._workspaces.title.removeprefix("workspace ")}

    async def territory(self, wanted: Sequence[Desired]) -> frozenset[str]:
        """See `Session.territory`: every workspace in which one of them may be.

        An agent that is not where its manifest declares it is looked for at home (`_lookup`). Where
        the default workspace can't be established, all of them together are one place.
        """
        where = f"agentrun {origin(self._settings.base_url)}"
        home = await self._workspaces.id() or "all workspaces"
        inside = {home, *(_declared(desired) for desired in wanted)} - {""}
        return frozenset(f"{where} {workspace}" for workspace in inside)

    async def fetch(self, wanted: Sequence[Desired]) -> list[Found]:
        """See `Session.fetch`."""
        if not wanted:
            return []
        groups: dict[str | None, list[Desired]] = {}
        for desired in wanted:
            groups.setdefault(await self._workspace_of(desired), []).append(desired)
        answers: dict[int, Found | CloudError] = {}
        for workspace, members in groups.items():
            look = self._fetch_few if len(members) <= FEW else self._fetch_many
            for desired, answer in zip(members, await look(workspace, members), strict=True):
                answers[id(desired)] = answer
        ordered = [answers[id(desired)] for desired in wanted]
        first = ordered[0]
        if isinstance(first, CloudError) and all(isinstance(one, CloudError) for one in ordered):
            raise first
        return [_value(answer) for answer in ordered]

    async def read(self, desired: Desired, agent_id: str | None) -> Found:
        """See `Session.read`."""
        if agent_id is not None:
            return await self._get(agent_id)
        try:
            return await self._lookup(await self._workspace_of(desired), desired)
        except CloudError as error:
            return _absent_or_unread(error)

    async def _get(self, agent_id: str) -> Found:
        try:
            reply = await self._client.send(Call(operations.GET, "GET", _path(agent_id)))
        except CloudError as error:
            return _absent_or_unread(error)
        return self._live(read_item(reply), reply.date)

    async def poll(self, wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
        """See `Session.poll`."""
        groups: dict[str | None, list[str]] = {}
        jobs: list[Callable[[], Awaitable[Mapping[str, Found]]]] = []
        for desired, agent_id in wanted:
            if agent_id is None:
                jobs.append(partial(self._by_name, desired))
            else:
                groups.setdefault(_declared(desired) or None, []).append(agent_id)
        jobs += [partial(self._poll, workspace, ids) for workspace, ids in groups.items()]
        found: dict[str, Found] = {}
        for some in await together(jobs):
            found |= some
        self._remember(found)
        return [found[agent_id or _by_name_key(desired)] for desired, agent_id in wanted]

    async def update(
        self,
        desired: Desired,  # noqa: ARG002 - the port's signature; here the id says it all
        agent_id: str,
        body: Tree,
    ) -> None:
        """See `Session.update`."""
        await self._client.send(Call(operations.UPDATE, "PUT", _path(agent_id), body=encode(body)))
        self._busy.add(agent_id)

    async def create(self, desired: Desired, body: Tree) -> None:
        """See `Session.create`. Without a configured workspace the cloud takes its default."""
        whole = {_NAME: desired.address.name} | body
        configured = await self._workspaces.configured_id()
        if configured is not None:
            whole.setdefault(_WORKSPACE, configured)
        await self._client.send(
            Call(operations.CREATE, "POST", operations.RUNTIMES, body=encode(whole))
        )

    async def _by_name(self, desired: Desired) -> Mapping[str, Found]:
        return {_by_name_key(desired): await self.read(desired, None)}

    async def _poll(self, declared: str | None, ids: Sequence[str]) -> Mapping[str, Found]:
        """Runtimes of one workspace, through lists where that costs less than reading each."""
        if len(ids) < 2 or not self._lists:
            return await self._reads(ids)
        try:
            workspace = declared or await self._workspaces.id()
            total = self._totals.get(workspace)
            if total is None:
                return await self._reads(ids)
            pages = max(1, -(-total // self._page_sizes[0]))
            sources = Sources(partial(self._sweep, workspace), self._reads, pages, self._busy)
            return await look_at(ids, sources)
        except (AccessDenied, Refused):
            self._lists = False  # a key may be allowed to read one and not to list them
            return await self._reads(ids)
        except CloudError as error:
            return dict.fromkeys(ids, Unread(str(error), error.cause))

    async def _reads(self, ids: Sequence[str]) -> Mapping[str, Found]:
        if len(ids) == 1:
            return {ids[0]: await self._get(ids[0])}
        jobs = [partial(self._get, agent_id) for agent_id in ids]
        found = await together([partial(patiently, self._clock, job, _NOT_IN_TIME) for job in jobs])
        return dict(zip(ids, found, strict=True))

    async def _sweep(self, workspace: str | None, status: str) -> Mapping[str, Found]:
        rows = await self._list(_filter(workspace) | ({"status": status} if status else {}))
        if not status:
            self._totals[workspace] = len(rows)
        return {row.item[_ID]: self._live(row.item, row.date) for row in rows}

    def _remember(self, found: Mapping[str, Found]) -> None:
        """Which of these to look for among the busy ones next time."""
        for agent_id, one in found.items():
            if busy_after(one):
                self._busy.add(agent_id)
            else:
                self._busy.discard(agent_id)

    async def _workspace_of(self, desired: Desired) -> str | None:
        """Where an agent is looked for: the workspace that it declares, else the target's."""
        return _declared(desired) or await self._workspaces.id()

    async def _fetch_few(
        self, workspace: str | None, wanted: Sequence[Desired]
    ) -> list[Found | CloudError]:
        return await gather([partial(self._lookup, workspace, desired) for desired in wanted])

    async def _fetch_many(
        self, workspace: str | None, wanted: Sequence[Desired]
    ) -> list[Found | CloudError]:
        """One walk through the whole list; what it does not show is looked up by name."""
        try:
            rows = await self._list(_filter(workspace))
        except CloudError as error:
            return [error for _ in wanted]
        self._totals[workspace] = len(rows)
        named: dict[str, list[Row]] = {}
        for row in rows:
            name = row.item.get(_NAME)
            if isinstance(name, str) and _inside(row.item, workspace):
                named.setdefault(name, []).append(row)
        missing = [one for one in wanted if one.address.name not in named]
        looked_up = dict(
            zip(map(id, missing), await self._fetch_few(workspace, missing), strict=True)
        )
        return [
            looked_up[id(one)]
            if id(one) in looked_up
            else self._found(named.get(one.address.name, []))
            for one in wanted
        ]

    async def _lookup(self, workspace: str | None, desired: Desired) -> Found:
        """One agent by its exact name. Raises CloudError.

        One that is not where its manifest declares it may still be where the target works: an
        update cannot move it, and another one beside it is not what a changed line asks for.
        """
        found = await self._lookup_in(workspace, desired)
        if isinstance(found, Absent) and _declared(desired):
            home = await self._workspaces.id()
            if home != workspace:
                return await self._lookup_in(home, desired)
        return found

    async def _lookup_in(self, workspace: str | None, desired: Desired) -> Found:
        name = desired.address.name
        rows = await self._list({_NAME: name, "searchMode": "exact"} | _filter(workspace))
        # The filter is the cloud's word for it; the comparison is ours.
        return self._found(
            [row for row in rows if row.item.get(_NAME) == name and _inside(row.item, workspace)]
        )

    async def _list(self, query: Mapping[str, str]) -> list[Row]:
        """The whole list. A page size that is refused is not asked for again in this session."""
        while True:
            size, *smaller = self._page_sizes
            try:
                return await collect(partial(self._page, query, size), _ID)
            except Refused as error:
                if error.status != BAD_REQUEST or not smaller:
                    raise
                self._page_sizes = tuple(smaller)

    async def _page(self, query: Mapping[str, str], size: int, number: int) -> Page:
        paging = {"pageNumber": str(number), "pageSize": str(size)}
        reply = await self._client.send(
            Call(operations.LIST, "GET", operations.RUNTIMES, query=dict(query) | paging)
        )
        return _page(reply, size)

    def _found(self, rows: Sequence[Row]) -> Found:
        match rows:
            case []:
                return Absent()
            case [row]:
                return self._live(row.item, row.date)
            case _:
                return Ambiguous(tuple(row.item[_ID] for row in rows))

    def _live(self, item: object, date: float | None) -> Live | Unread:
        return to_live(item, date, self._seal, self._workspaces.hints)


def _by_name_key(desired: Desired) -> str:
    """What stands for an id while none is known; no id has a colon and a space."""
    return f"by name: {_declared(desired)}/{desired.address.name}"


def _declared(desired: Desired) -> str:
    """The workspace that a manifest asks for, empty where it leaves that to the target."""
    declared = desired.spec.get(_WORKSPACE)
    return declared if isinstance(declared, str) else ""


def _path(agent_id: str) -> str:
    return f"{operations.RUNTIMES}/{encode_segment(agent_id)}"


def _filter(workspace: str | None) -> dict[str, str]:
    return {} if workspace is None else {"workspaceIds": workspace}


def _inside(item: Tree, workspace: str | None) -> bool:
    """Whether an item may be in this workspace: one that names none is not left out."""
    own = item.get(_WORKSPACE)
    return workspace is None or not own or own == workspace


def _page(reply: Reply, asked: int) -> Page:
    """One page of runtimes. Raises ServerFailed where the reply has no list."""
    item = read_item(reply)
    data = item if isinstance(item, dict) else {}
    items, total = data.get("items"), count_of(data.get("total"))
    if items is None and total == 0:
        items = []  # some servers write null for an empty list; without a total it proves nothing
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        what = f"the cloud sent {kind_of(items)} where a list of AgentRuntimes should stand"
        raise ServerFailed(operations.LIST, what, status=reply.status)
    return Page(
        tuple(Row(item, reply.date) for item in items),
        total,
        size_of(data.get("pageSize"), len(items), asked),
    )


def _absent_or_unread(error: CloudError) -> Found:
    return Absent() if isinstance(error, NotFound) else Unread(str(error), error.cause)


def _value(answer: Found | CloudError) -> Found:
    return _absent_or_unread(answer) if isinstance(answer, CloudError) else answer
