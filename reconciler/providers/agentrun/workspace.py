"""Which workspace a session works in: named, given by id, or the account's default.

Resolved once, when it is first needed. Where the default can't be established, runtimes are
looked for in all workspaces, and every answer says so: two of one name are then ambiguous.
"""

import re
from collections.abc import Callable
from typing import Final

import anyio

from reconciler.model.errors import AccessDenied, CloudError, NotFound, Refused
from reconciler.model.tree import Tree, kind_of
from reconciler.providers.agentrun import operations
from reconciler.providers.agentrun.listing import PAGE_SIZES, Page, Row, collect, count_of, size_of
from reconciler.wire.call import Call, Reply
from reconciler.wire.client import Client

ID_PATTERN: Final = re.compile(
    r"ws-[0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)
"""What is taken for an id without a lookup: the two forms on the vendor's pages."""

_ID: Final = "workspaceId"

_BAD_CREDENTIALS: Final = (
    "InvalidAccessKey",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidSecurityToken",
    "MissingSecurityToken",
    "InvalidTimeStamp",
)
"""How the codes begin that say that the key itself is wrong, whatever it may do."""


class Workspaces:
    """The workspace of a session. `wanted` is a name or an id; None means the default one."""

    def __init__(self, client: Client, wanted: str | None) -> None:
        self._client = client
        self._wanted = wanted
        self._lock = anyio.Lock()
        self._resolved = wanted is not None and ID_PATTERN.fullmatch(wanted) is not None
        self._id = wanted if self._resolved else None
        self._doubt = ""

    @property
    def title(self) -> str:
        """The workspace in words, as far as it is known by now."""
        if self._doubt:
            return "all workspaces"
        name = "default" if self._wanted is None else self._wanted
        known = f" ({self._id})" if self._id and self._id != name else ""
        return f"workspace {name}{known}"

    @property
    def hints(self) -> tuple[str, ...]:
        """What a user should know of answers from this workspace."""
        return (self._doubt,) if self._doubt else ()

    async def id(self) -> str | None:
        """The id to filter by; None where all workspaces are looked through.

        Raises CloudError when a named workspace can't be resolved.
        """
        async with self._lock:
            if not self._resolved:
                await self._resolve()
                self._resolved = True
        return self._id

    async def configured_id(self) -> str | None:
        """The id of a workspace that somebody asked for; None for the default one."""
        return None if self._wanted is None else await self.id()

    async def _resolve(self) -> None:
        try:
            found = [row.item for row in await collect(self._fetch_page, _ID)]
        except (AccessDenied, NotFound, Refused) as error:
            if self._wanted is not None or _about_credentials(error):
                raise
            self._doubt = _doubt(str(error))
            return
        if self._wanted is None:
            self._take_default(found)
        else:
            self._id = _by_id_or_name(found, self._wanted)

    def _take_default(self, found: list[Tree]) -> None:
        defaults = [item[_ID] for item in found if item.get("isDefault") is True]
        if len(defaults) == 1:
            self._id = defaults[0]
        else:
            self._doubt = _doubt(f"{len(defaults)} are marked as default")

    async def _fetch_page(self, number: int) -> Page:
        reply = await self._client.send(
            Call(
                operations.LIST_WORKSPACES,
                "GET",
                operations.WORKSPACES,
                query={"pageNumber": str(number), "pageSize": str(PAGE_SIZES[0])},
            )
        )
        return _page(reply)


def _about_credentials(error: CloudError) -> bool:
    """Whether nothing at all can be read with these credentials: not a matter of permission."""
    return isinstance(error, AccessDenied) and error.code.startswith(_BAD_CREDENTIALS)


def _doubt(reason: str) -> str:
    return (
        f"the default workspace could not be established ({reason}), so all workspaces were "
        "looked through; name one with targets.NAME.agentrun.workspace"
    )


def _by_id_or_name(found: list[Tree], wanted: str) -> str:
    """The id of the workspace with this id, else with exactly this name. Raises Refused."""
    tests: tuple[Callable[[Tree], bool], ...] = (
        lambda item: item[_ID] == wanted,
        lambda item: item.get("name") == wanted,
    )
    for test in tests:
        match [item[_ID] for item in found if test(item)]:
            case [only]:
                return str(only)
            case [_, *_] as several:
                ids = ", ".join(several)
                text = f"{len(several)} workspaces are called {wanted}: give an id, one of {ids}"
                raise Refused(operations.LIST_WORKSPACES, text)
    names = sorted(str(item.get("name") or item[_ID]) for item in found)
    known = ", ".join(names) if names else "none"
    raise Refused(operations.LIST_WORKSPACES, f"no workspace is called {wanted}; known: {known}")


def _page(reply: Reply) -> Page:
    """One page of workspaces: below `data`, or at the top. Raises Refused where there is none."""
    body = reply.data if isinstance(reply.data, dict) else {}
    inner = body.get("data")
    data = inner if isinstance(inner, dict) else body
    items = data.get("workspaces")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        what = f"the cloud sent {kind_of(items)} where a list of workspaces should stand"
        raise Refused(operations.LIST_WORKSPACES, what, status=reply.status)
    return Page(
        tuple(Row(item, reply.date) for item in items),
        count_of(data.get("total")),
        size_of(data.get("pageSize"), len(items)),
    )
