"""AgentRun's fields as the vendor's pages and client list them: types, limits, what a read shows.

Sources: the model classes of the official client 5.7.5, the machine-readable limits of the
vendor's Java client, and the assertions of its end-to-end tests. Unknown fields are not refused:
nothing says that the server does.
"""

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from reconciler.sandbox import pointers
from reconciler.sandbox.quirks import Quirks
from reconciler.sandbox.rewriting import completed, rewritten

Json = Any

TYPES: Final[Mapping[str, str]] = {
    "agentRuntimeName": "string",
    "description": "string",
    "artifactType": "string",
    "codeConfiguration": "object",
    "containerConfiguration": "object",
    "cpu": "number",
    "memory": "integer",
    "port": "integer",
    "diskSize": "integer",
    "networkConfiguration": "object",
    "protocolConfiguration": "object",
    "environmentVariables": "object",
    "executionRoleArn": "string",
    "credentialName": "string",
    "externalAgentEndpointUrl": "string",
    "sessionConcurrencyLimitPerInstance": "integer",
    "sessionIdleTimeoutSeconds": "integer",
    "enableSessionIsolation": "boolean",
    "disableOndemand": "boolean",
    "disableSessionAffinity": "boolean",
    "sessionAffinityType": "string",
    "headerFieldName": "string",
    "logConfiguration": "object",
    "healthCheckConfiguration": "object",
    "nasConfig": "object",
    "ossMountConfig": "object",
    "armsConfiguration": "object",
    "systemTags": "list",
    "workspaceId": "string",
    "resourceGroupId": "string",
    "edition": "string",
    "forceEvictInstances": "boolean",
}
"""Every field that a create or an update takes and its JSON type."""

COMPUTED: Final = frozenset(
    {
        "agentRuntimeId",
        "agentRuntimeArn",
        "agentRuntimeVersion",
        "status",
        "statusReason",
        "createdAt",
        "lastUpdatedAt",
    }
)
"""Fields that the server computes; in a request they mean nothing."""

CREATE_ONLY: Final = frozenset({"resourceGroupId", "artifactType"})
"""Fields that an update does not change, whatever it carries."""

NOT_SHOWN: Final = ("armsConfiguration", "forceEvictInstances")
"""Fields that no read shows."""

REQUIRED: Final = (
    ("cpu", "CPU is required"),
    ("memory", "Memory is required"),
    ("port", "Port is required"),
    ("agentRuntimeName", "AgentRuntimeName is required"),
    ("artifactType", "ArtifactType is required"),
    ("networkConfiguration", "NetworkConfiguration is required"),
)
"""What a create needs and what is said where it is missing."""

PASSWORD: Final = "/containerConfiguration/registryConfig/authConfig/password"  # noqa: S105  # where it stands
ZIP_FILE: Final = "/codeConfiguration/zipFile"

_NUMBERS: Final[tuple[tuple[str, float, float], ...]] = (
    ("/sessionConcurrencyLimitPerInstance", 1, 200),
    ("/healthCheckConfiguration/initialDelaySeconds", -math.inf, 120),
    ("/healthCheckConfiguration/periodSeconds", 1, 120),
    ("/healthCheckConfiguration/timeoutSeconds", 1, 3),
    ("/healthCheckConfiguration/failureThreshold", 1, 120),
    ("/healthCheckConfiguration/successThreshold", 1, 120),
)
"""Ranges of the vendor's Java client."""

_LENGTHS: Final = (
    ("/headerFieldName", 0, 128),
    ("/healthCheckConfiguration/httpGetUrl", 0, 2048),
)

_MOUNT_LENGTHS: Final = (
    ("/bucketName", 3, 64),
    ("/bucketPath", 0, 128),
    ("/endpoint", 0, 128),
    ("/mountDir", 2, 64),
)

_IS: Final[Mapping[str, Callable[[Json], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}

_ZEROS: Final[Mapping[str, Json]] = {
    "string": "",
    "boolean": False,
    "object": {},
    "list": [],
    "number": 0,
    "integer": 0,
}

_DOCUMENTED_ZEROS: Final[Mapping[str, Json]] = {
    "diskSize": 0,
    "edition": "",
    "resourceGroupId": "",
}

_INVENTED: Final[Mapping[str, Json]] = {
    "description": "",
    "diskSize": 512,
    "sessionIdleTimeoutSeconds": 3600,
    "enableSessionIsolation": False,
    "disableOndemand": False,
    "disableSessionAffinity": False,
    "sessionAffinityType": "NONE",
    "protocolConfiguration": {"type": "HTTP"},
    "healthCheckConfiguration": {
        "httpGetUrl": "/health",
        "initialDelaySeconds": 30,
        "periodSeconds": 30,
        "timeoutSeconds": 3,
        "failureThreshold": 3,
        "successThreshold": 1,
    },
}
"""What the switch `server_defaults` invents: the defaults that the vendor's own tools know."""


def missing(body: Mapping[str, Json]) -> list[str]:
    """What a create needs and this one lacks, in the vendor's words."""
    said = [text for name, text in REQUIRED if body.get(name) in (None, "")]
    config = {"Code": "codeConfiguration", "Container": "containerConfiguration"}.get(
        str(body.get("artifactType")), ""
    )
    if config and not body.get(config):
        said.append(f"{config[0].upper()}{config[1:]} is required")
    return said


def invalid(body: Mapping[str, Json]) -> list[str]:
    """What is wrong with the types and values of a request, null apart."""
    said = [
        f"{name} must be of type {TYPES[name]}"
        for name, value in body.items()
        if name in TYPES and value is not None and not _IS[TYPES[name]](value)
    ]
    if said:
        return said
    if body.get("artifactType") not in (None, "Code", "Container"):
        said.append("artifactType must be Code or Container")
    variables = body.get("environmentVariables") or {}
    if not all(value is None or isinstance(value, str) for value in variables.values()):
        said.append("environmentVariables must have strings for values")
    if not all(isinstance(tag, str) for tag in body.get("systemTags") or []):
        said.append("systemTags must be strings")
    return [*said, *_out_of_range(dict(body))]


def accept(body: Mapping[str, Json]) -> dict[str, Json]:
    """A request's fields as they are held: aliases normalised, computed and foreign ones gone."""
    held = {name: copy.deepcopy(value) for name, value in body.items() if name in TYPES}
    if held.get("sessionAffinityType") == "COOKIE":
        held["sessionAffinityType"] = "GENERATED_COOKIE"
    held.pop("forceEvictInstances", None)
    return held


def shown(body: Mapping[str, Json], quirks: Quirks) -> dict[str, Json]:
    """What a read shows of the fields that are held; shares unchanged values with `body`."""
    tree: dict[str, Json] = dict(body)
    for name in NOT_SHOWN:
        tree.pop(name, None)
    if not quirks.zip_file_echoed and pointers.find(tree, ZIP_FILE) is not pointers.MISSING:
        tree = pointers.replace(tree, ZIP_FILE, pointers.MISSING)
    password = pointers.find(tree, PASSWORD)
    if isinstance(password, str) and password:
        tree = pointers.replace(tree, PASSWORD, _mask(password, quirks.mask))
    if quirks.server_defaults:
        tree = completed(copy.deepcopy(dict(_INVENTED)), tree)
    return rewritten({**_zeros(quirks.zero_values), **tree}, quirks)


def _mask(password: str, style: str) -> Json:
    masks = {"prefix": f"{password[:3]}***", "full": "***", "absent": pointers.MISSING}
    return masks[style]


def _zeros(style: str) -> dict[str, Json]:
    match style:
        case "none":
            return {}
        case "documented":
            return dict(_DOCUMENTED_ZEROS)
        case _:
            return {
                name: copy.deepcopy(_ZEROS[kind])
                for name, kind in TYPES.items()
                if name not in NOT_SHOWN
            }


def _out_of_range(body: dict[str, Json]) -> Iterator[str]:
    for pointer, low, high in _NUMBERS:
        value = pointers.find(body, pointer)
        if _IS["number"](value) and not low <= value <= high:
            limit = f"{low:g} to {high:g}" if low > -math.inf else f"at most {high:g}"
            yield f"{pointer[1:].replace('/', '.')} must be {limit}"
    yield from _bad_lengths(body, "", _LENGTHS)
    mounts = pointers.find(body, "/ossMountConfig/mountPoints")
    for number, mount in enumerate(mounts if isinstance(mounts, list) else []):
        yield from _bad_lengths(mount, f"ossMountConfig.mountPoints[{number}].", _MOUNT_LENGTHS)


def _bad_lengths(
    tree: Json, prefix: str, limits: tuple[tuple[str, int, int], ...]
) -> Iterator[str]:
    for pointer, low, high in limits:
        value = pointers.find(tree, pointer)
        if isinstance(value, str) and not low <= len(value) <= high:
            yield f"{prefix}{pointer[1:].replace('/', '.')} must have {low} to {high} characters"
