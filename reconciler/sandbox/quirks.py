"""Every switch of the sandbox: what the vendors' pages leave open, and what can go wrong.

The table is data. A name that ends in `_next` counts down: so many of the next requests (or
restarts) of that sort are hit. Default positions are what the pages say, or where they say
nothing, the kindest reading.
"""

import difflib
import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import Field, dataclass, field, fields
from typing import Any, Final

from reconciler.sandbox.errors import SandboxError

EFFECTS: Final = ("clears", "ignored", "refused")

_TIMED: Final = re.compile(r".+=[0-9]{1,9}(\.[0-9]{1,9})?", re.DOTALL)
"""A name with a number of seconds."""


def _switch(default: Any, doc: str, *choices: str) -> Any:
    return field(default=default, metadata={"doc": doc, "choices": choices})


@dataclass(frozen=True, slots=True)
class Quirks:
    """The positions of all switches. Times are seconds; agents are named by name or id."""

    # Restarts
    restart_seconds: float = _switch(2.0, "how long a restart takes")
    restart_failure: str = _switch(
        "UPDATE_FAILED", "the word of a failed restart", "UPDATE_FAILED", "FAILED"
    )
    restart_failure_reason: str = _switch(
        "image could not be pulled", "statusReason of a failed restart"
    )
    restart_fails: tuple[str, ...] = _switch((), "agents whose restarts fail")
    restart_fails_next: int = _switch(0, "so many of the next restarts fail")
    restart_stuck: tuple[str, ...] = _switch((), "agents whose restarts never end")
    restart_stuck_next: int = _switch(0, "so many of the next restarts never end")
    restart_seconds_of: tuple[str, ...] = _switch(
        (), "agents whose restarts take another time, as in NAME=90"
    )
    failed_heals_seconds: float = _switch(
        0.0, "a failed restart shows READY after so long (0: it stays failed until the next PUT)"
    )
    busy_word: str = _switch("", "a status word that nobody documents, instead of UPDATING")
    description_restarts: bool = _switch(
        True, "whether a PUT that changes nothing but the description restarts the runtime"
    )
    busy_put: str = _switch(
        "accept", "a PUT while the runtime restarts", "accept", "refuse-400", "refuse-409"
    )

    # What reads show, and when
    stale_status_in_put_reply: bool = _switch(False, "the PUT's reply shows the status from before")
    stale_status_seconds: float = _switch(
        0.0, "reads show the new values and the new stamp with the old status for so long"
    )
    read_lag_seconds: float = _switch(
        0.0, "a GET shows the whole old image, its stamp included, for so long after a write"
    )
    list_lag_seconds: float = _switch(0.0, "the same for lists")
    stamp_resolution: str = _switch(
        "fractions", "of createdAt and lastUpdatedAt", "fractions", "seconds"
    )
    stamp_moves_at_restart_end: bool = _switch(
        False, "lastUpdatedAt moves again when the restart ends"
    )
    version_moves: bool = _switch(False, "agentRuntimeVersion moves with every PUT")
    version_type: str = _switch(
        "string", "the JSON type of agentRuntimeVersion", "string", "number"
    )
    dropped_fields: tuple[str, ...] = _switch(
        (), "top-level fields (AppStage: properties too) that no reply shows"
    )
    mask: str = _switch("prefix", "how a password reads back", "prefix", "full", "absent")
    zip_file_echoed: bool = _switch(False, "whether a read shows codeConfiguration.zipFile")
    zero_values: str = _switch(
        "documented", "what a read shows for unset fields", "documented", "all", "none"
    )
    server_defaults: bool = _switch(
        False, "the server invents values for unset fields, members of objects included"
    )
    reorders: bool = _switch(
        False, "reads show members, tags, mount points and protocols in another order"
    )
    reserialises: bool = _switch(
        False, "reads show JSON in texts with other spaces, escapes and numbers, and cpu as 2.0"
    )

    # What a write does
    toplevel_update: str = _switch(
        "merge", "top-level fields that an AgentRun PUT leaves out", "merge", "replace"
    )
    nested_update: str = _switch("replace", "an object in an AgentRun PUT", "replace", "merge")
    properties_update: str = _switch(
        "replace", "what an AppStage PUT leaves out", "replace", "merge"
    )
    null_effect: str = _switch("ignored", "an explicit null for a value that is set", *EFFECTS)
    empty_string_effect: str = _switch("clears", '"" for a value that is set', *EFFECTS)
    empty_object_effect: str = _switch("clears", "{} for a value that is set", *EFFECTS)
    empty_list_effect: str = _switch("clears", "[] for a value that is set", *EFFECTS)
    rename: str = _switch("ignored", "agentRuntimeName in a PUT", "ignored", "honoured", "refused")
    workspace_move: str = _switch("ignored", "workspaceId in a PUT", "ignored", "honoured")
    not_kept: tuple[str, ...] = _switch(
        (), "JSON Pointers of fields whose new values are not kept, though the PUT succeeds"
    )
    not_kept_after_seconds: float = _switch(0.0, "they come back to the old after so long")
    put_status: str = _switch("200", "the HTTP status of an AgentRun PUT", "200", "202")
    duplicate_names: bool = _switch(False, "two runtimes of one workspace may share a name")

    # Lists
    page_size_limit: int = _switch(100, "the largest pageSize")
    page_over_limit: str = _switch("refuse", "a pageSize above it", "refuse", "cap")
    page_overlap: int = _switch(0, "so many items of a page are on the next one again")
    total_missing: bool = _switch(False, "a page does not say the total")
    workspaces_forbidden: bool = _switch(False, "ListWorkspaces is answered 403")

    # AppStage
    appstage_read: str = _switch(
        "top-level", "where a GET shows the properties", "top-level", "data", "absent"
    )
    appstage_read_region_tags: bool = _switch(True, "whether a GET shows region and tags")
    appstage_put_reply: str = _switch("new", "the asset in a PUT's reply", "new", "old")
    appstage_error_shape: str = _switch("array", "of a PUT's 400", "array", "object")
    published: tuple[str, ...] = _switch((), "agents that refuse updates with AIAE.20002042")
    api_key_read: str = _switch("clear", "a live api_key in a read", "clear", "masked", "absent")

    # Faults. Authentication counts as a read, and only where fault_cloud is iam.
    fault_cloud: str = _switch(
        "", "the one cloud that faults are for (empty: both)", "", "agentrun", "appstage", "iam"
    )
    throttle_next: int = _switch(0, "so many of the next requests are throttled")
    throttle_every: int = _switch(0, "every so-manieth request is throttled (0: none)")
    throttle_on: str = _switch("all", "what throttling is for", "all", "reads", "writes")
    throttle_style: str = _switch(
        "429", "AgentRun: 429, or 400 with Code Throttling.User", "429", "400"
    )
    throttle_header: str = _switch(
        "none", "what says when to come back", "none", "x-acs-retry-after", "retry-after"
    )
    throttle_wait_ms: int = _switch(1000, "how long that header says")
    write_effect: str = _switch(
        "before",
        "a write hit by one of the faults below: fault before the effect, after it, or effect late",
        "before",
        "after",
        "late",
    )
    late_seconds: float = _switch(5.0, "how late a late effect comes")
    lost_writes_next: int = _switch(0, "writes whose connection is closed without a reply")
    lost_reads_next: int = _switch(0, "reads whose connection is closed without a reply")
    error_writes_next: int = _switch(0, "writes answered error_status")
    error_reads_next: int = _switch(0, "reads answered error_status")
    error_status: str = _switch("500", "the HTTP status", "500", "502", "503", "504")
    hidden_error_writes_next: int = _switch(0, "writes answered HTTP 200 with an error code")
    hidden_error_reads_next: int = _switch(0, "reads answered HTTP 200 with an error code")
    hidden_error_code: str = _switch("AIAE.22001005", "AppStage's error_code in it")
    not_json_writes_next: int = _switch(0, "writes answered with an HTML page")
    not_json_reads_next: int = _switch(0, "reads answered with an HTML page")
    redirect_writes_next: int = _switch(0, "writes answered 302 (never with an effect)")
    redirect_reads_next: int = _switch(0, "reads answered 302")
    redirect_to: str = _switch("https://elsewhere.example.net", "where to")

    # Credentials
    unknown_key_status: str = _switch(
        "404", "the HTTP status of InvalidAccessKeyId.NotFound", "404", "400"
    )
    reject_token_next: int = _switch(0, "so many good tokens are refused and forgotten")
    reject_token_code: str = _switch(
        "APIGW.0301",
        "with this code (AIAE codes in HTTP 200, others in 401)",
        "APIGW.0301",
        "APIGW.0307",
        "AIAE.22001002",
        "AIAE.22001003",
    )
    token_lifetime_seconds: float = _switch(86400.0, "how long a token is good")
    token_length: int = _switch(64, "characters of a token (at least 32)")

    def restart_seconds_for(self, names: AbstractSet[str]) -> float:
        """How long a restart of the agent takes that is called by any of these."""
        for one in self.restart_seconds_of:
            name, _, seconds = one.rpartition("=")
            if name in names:
                return float(seconds)
        return self.restart_seconds


@dataclass(frozen=True, slots=True)
class QuirkRow:
    """One switch for a table: `choices` is empty where any value of the type will do."""

    name: str
    value: Any
    default: Any
    choices: tuple[str, ...]
    doc: str


_BY_NAME: Final[Mapping[str, Field[Any]]] = {item.name: item for item in fields(Quirks)}


def from_stored(stored: Mapping[str, str]) -> Quirks:
    """The switches from what the file holds (JSON text by name); unknown names are left out."""
    return Quirks(**{name: parse(name, text) for name, text in stored.items() if name in _BY_NAME})


def rows(quirks: Quirks) -> list[QuirkRow]:
    """All switches, in the order of the table."""
    return [
        QuirkRow(
            name,
            getattr(quirks, name),
            item.default,
            item.metadata["choices"],
            item.metadata["doc"],
        )
        for name, item in _BY_NAME.items()
    ]


def parse(name: str, value: object) -> Any:
    """The typed value of one switch, from a value of its type or from text.

    Raises SandboxError that lists the names, the choices, or the type.
    """
    item = _BY_NAME.get(name)
    if item is None:
        near = difflib.get_close_matches(name, _BY_NAME, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise SandboxError(f"no switch {name!r}{hint}; there are: {', '.join(_BY_NAME)}")
    default: Any = item.default
    choices: tuple[str, ...] = item.metadata["choices"]
    if isinstance(default, tuple):
        names = _names(name, value)
        if name == "restart_seconds_of" and not all(map(_TIMED.fullmatch, names)):
            raise SandboxError(f"{name} is a list of names with seconds, as in a=5,b=0.5")
        return names
    if isinstance(default, str):
        text = _text(value)
        if choices and text not in choices:
            raise SandboxError(f"{name} is one of: {', '.join(c or '(empty)' for c in choices)}")
        return text
    return _scalar(name, value, default)


def dump(value: object) -> str:
    """The JSON text that the file holds."""
    return json.dumps(value, ensure_ascii=False)


def _decoded(value: object) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _text(value: object) -> str:
    decoded = _decoded(value)
    return decoded if isinstance(decoded, str) else str(value)


def _names(name: str, value: object) -> tuple[str, ...]:
    decoded = _decoded(value)
    if isinstance(decoded, str):
        return tuple(part.strip() for part in decoded.split(",") if part.strip())
    if isinstance(decoded, (list, tuple)) and all(isinstance(part, str) for part in decoded):
        return tuple(decoded)
    raise SandboxError(f"{name} is a list of names, as in a,b")


def _scalar(name: str, value: object, default: Any) -> bool | int | float:
    decoded = _decoded(value)
    kind = type(default)
    if kind is float and type(decoded) is int:
        decoded = float(decoded)
    if type(decoded) is kind and (kind is bool or decoded >= 0):
        return kind(decoded)  # type: ignore[no-any-return]  # one of the three by the line above
    said = {bool: "true or false", int: "a whole number, not negative"}
    raise SandboxError(f"{name} is {said.get(kind, 'a number, not negative')}")
