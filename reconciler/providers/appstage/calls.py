"""Every call that this provider makes, and what it does. Imports nothing that costs start-up."""

from collections.abc import Mapping
from typing import Final

from reconciler.ports import Access

GET_AGENT: Final = "GetAgent"
UPDATE_AGENT: Final = "UpdateAgent"
CREATE_TOKEN: Final = "CreateToken"  # noqa: S105 - an operation
CREATE_AGENT: Final = "CreateAgent"
"""Documented nowhere, so never sent: only named in the refusal."""

AGENT_CALLS: Final[Mapping[str, Access]] = {
    GET_AGENT: Access.READ,
    UPDATE_AGENT: Access.WRITE,
}
IAM_CALLS: Final[Mapping[str, Access]] = {CREATE_TOKEN: Access.AUTHENTICATE}

DOMAINS: Final = ("myhuaweicloud.com",)
"""The vendor's own domains: the only ones that credentials go to unasked."""
