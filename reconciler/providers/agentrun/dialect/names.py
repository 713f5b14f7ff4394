"""Which member of the vendor's tool is which of ours. All else is made from this table.

Pointers begin at the document and have `*` for the elements of a list.
"""

from collections.abc import Mapping
from typing import Final

SPEC: Final = "/spec"

MEMBERS: Final[Mapping[str, Mapping[str, str]]] = {
    SPEC: {
        "container": "containerConfiguration",
        "cpu": "cpu",
        "memory": "memory",
        "port": "port",
        "diskSize": "diskSize",
        "enableSessionIsolation": "enableSessionIsolation",
        "protocol": "protocolConfiguration",
        "network": "networkConfiguration",
        "healthCheck": "healthCheckConfiguration",
        "log": "logConfiguration",
        "env": "environmentVariables",
        "credentialName": "credentialName",
        "executionRoleArn": "executionRoleArn",
        "sessionConcurrencyLimitPerInstance": "sessionConcurrencyLimitPerInstance",
        "sessionIdleTimeoutSeconds": "sessionIdleTimeoutSeconds",
        "nas": "nasConfig",
        "ossMount": "ossMountConfig",
    },
    "/spec/container/registryConfig": {
        "auth": "authConfig",
        "cert": "certConfig",
        "network": "networkConfig",
    },
    "/spec/protocol": {"type": "type", "settings": "protocolSettings"},
    "/spec/protocol/settings/*": {
        name: name
        for name in (
            "type",
            "name",
            "path",
            "pathPrefix",
            "method",
            "requestContentType",
            "responseContentType",
            "headers",
            "inputBodyJsonSchema",
            "outputBodyJsonSchema",
            "a2aAgentCard",
            "a2aAgentCardUrl",
            "config",
        )
    },
    "/spec/network": {
        "mode": "networkMode",
        "vpcId": "vpcId",
        "vswitchIds": "vswitchIds",
        "securityGroupId": "securityGroupId",
    },
}
"""The members of each object, and what we call them. Other objects have the same members as ours."""

NAMES: Final[Mapping[str, str]] = {
    f"{above}/{theirs}": ours
    for above, members in MEMBERS.items()
    for theirs, ours in members.items()
    if theirs != ours
}
"""Those that have another name with us, by their pointer."""
