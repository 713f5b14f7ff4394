"""The calls of this cloud that are used, what each does, and where it goes."""

from collections.abc import Mapping
from typing import Final

from reconciler.ports import Access

API_VERSION: Final = "2025-09-10"

RUNTIMES: Final = f"/{API_VERSION}/agents/runtimes"
WORKSPACES: Final = f"/{API_VERSION}/workspaces"

LIST: Final = "ListAgentRuntimes"
GET: Final = "GetAgentRuntime"
UPDATE: Final = "UpdateAgentRuntime"
CREATE: Final = "CreateAgentRuntime"
LIST_WORKSPACES: Final = "ListWorkspaces"

CALLS: Final[Mapping[str, Access]] = {
    LIST: Access.READ,
    GET: Access.READ,
    LIST_WORKSPACES: Access.READ,
    UPDATE: Access.WRITE,
    CREATE: Access.WRITE,
}

DOMAINS: Final = ("aliyuncs.com",)
"""Where the vendor's endpoints are, and credentials may go."""

RETRY_AFTER_MILLISECONDS: Final = "x-acs-retry-after"
"""The header by which the vendor's own client waits; an integer, in milliseconds."""
