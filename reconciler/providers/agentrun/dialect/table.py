"""The tool's spelling as one value: what is called how, what is taken, what is left."""

from typing import Final

from reconciler.ports.provider import Dialect
from reconciler.providers.agentrun.dialect.derive import derived_model, derived_rules, rules_of
from reconciler.providers.agentrun.dialect.models import DEMANDS, METADATA, CloudBuild, Endpoint
from reconciler.providers.agentrun.dialect.names import NAMES, SPEC
from reconciler.providers.agentrun.rules import RULES
from reconciler.providers.agentrun.schema import AgentRuntimeSpec

_TOOL: Final = "agentrun-cli"
_OURS: Final = "apiVersion agentrun.aliyun.com/v1"
_MIGRATE: Final = "reconcile migrate rewrites this file"

_ENDPOINTS: Final = (
    "not managed by this version: endpoints that exist stay as they are, and none is made"
)
_BUILD: Final = "images are not built here: the image has to exist when it is rolled out"
_WORKSPACE: Final = (
    "not used: the target decides where this agent is looked for and made "
    "(targets.NAME.agentrun.workspace)"
)

DIALECT: Final = Dialect(
    api_version="agentrun/v1",
    name="AgentRuntime",
    tool=_TOOL,
    metadata=METADATA,
    model=derived_model(AgentRuntimeSpec, SPEC, DEMANDS),
    root=derived_rules(
        RULES.root,
        SPEC,
        {
            SPEC: {"endpoints": rules_of(list[Endpoint])},
            "/spec/container": {"cloudBuild": rules_of(CloudBuild)},
        },
    ),
    names=NAMES,
    moves={
        "/metadata/description": "/spec/description",
        "/metadata/workspaceId": "/spec/workspaceId",
    },
    # "container.port > spec.port > default": the order in which the tool finds the port.
    copies={"/spec/container/port": "/spec/port"},
    left={
        "/metadata/workspace": _WORKSPACE,
        "/spec/endpoints": _ENDPOINTS,
        "/spec/container/cloudBuild": _BUILD,
    },
    blank=frozenset(
        {
            "/spec/container/command",
            "/spec/network/vswitchIds",
            "/spec/protocol/settings",
            "/spec/nas/mountPoints",
            "/spec/ossMount/mountPoints",
            "/spec/log",
        }
    ),
    texts=frozenset({"/spec/env"}),
    plain_secrets={
        "/spec/container/registryConfig/auth/password": "REGISTRY_PASSWORD",
        "/spec/container/cloudBuild/registry/password": "BUILD_REGISTRY_PASSWORD",
    },
    hints={
        **{
            f"{theirs.rpartition('/')[0]}/{ours}": f"in this spelling it is {theirs.rpartition('/')[2]}"
            for theirs, ours in NAMES.items()
        },
        "/metadata/tags": f"{_TOOL} takes no tags; with {_OURS} they are spec.systemTags",
        "/metadata/systemTags": f"{_TOOL} sets them itself; with {_OURS} they are spec.systemTags",
        "/metadata/labels": f"{_TOOL} has no labels; {_OURS} has ({_MIGRATE})",
        "/metadata/allowUnknown": f"{_OURS} has it ({_MIGRATE})",
        "/metadata/allowPlaintext": f"{_OURS} has it ({_MIGRATE})",
        "/metadata/complete": f"{_OURS} has it ({_MIGRATE})",
        "/rollout": f"{_OURS} has it ({_MIGRATE})",
        "/spec/code": f"{_TOOL} runs containers only; with {_OURS} it is spec.codeConfiguration",
        "/spec/description": "in this spelling it stands at metadata.description",
        "/spec/workspaceId": "in this spelling it stands at metadata.workspaceId",
    },
    # The tool sends this with every request; an update cannot change it.
    constants={"artifactType": "Container"},
    create_defaults={
        "cpu": 2,
        "memory": 4096,
        "port": 9000,
        "networkConfiguration": {"networkMode": "PUBLIC"},
    },
    member_defaults={
        "networkConfiguration": {"networkMode": "PUBLIC"},
        "protocolConfiguration": {"type": "HTTP"},
    },
)
