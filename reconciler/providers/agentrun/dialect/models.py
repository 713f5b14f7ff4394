"""What the tool has beyond our own models: its metadata, its demands, and what it does itself.

Endpoints and image builds are checked here and not used: the loader says so at their place.
"""

from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, create_model, model_validator

from reconciler.providers.agentrun.dialect.derive import Demands, Theirs
from reconciler.providers.agentrun.schema import AgentRuntimeSpec
from reconciler.providers.fields import Spec

_FULL: Final = 100.0
_EXACT: Final = 1e-6


class MetadataRules(Theirs):
    """What names a runtime. A workspace is given by name or by id."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,63}$")] = Field(
        description="1 to 63 lower case letters, digits and dashes."
    )
    workspace: str | None = Field(None, description="Name of the workspace.")

    @model_validator(mode="after")
    def _one_workspace(self) -> Self:
        given = _given(self)
        if "workspace" in given and "workspaceId" in given:
            raise ValueError("workspace and workspaceId cannot both stand here")
        return self


class ContainerRules(Theirs):
    """A registry of one's own has to be described."""

    @model_validator(mode="after")
    def _own_registry(self) -> Self:
        given = _given(self)
        if not given["image"]:
            raise ValueError("image is empty")
        if given.get("imageRegistryType") == "CUSTOM" and "registryConfig" not in given:
            raise ValueError("registryConfig is needed where imageRegistryType is CUSTOM")
        return self


class NetworkRules(Theirs):
    """A private network has a VPC."""

    @model_validator(mode="after")
    def _vpc(self) -> Self:
        given = _given(self)
        if given.get("mode") in {"PRIVATE", "PUBLIC_AND_PRIVATE"} and not given.get("vpcId"):
            raise ValueError(f"vpcId is needed where mode is {given['mode']}")
        return self


class LogRules(Theirs):
    """Project and logstore belong together."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        given = _given(self)
        if bool(given.get("project")) != bool(given.get("logstore")):
            raise ValueError("project and logstore are set together or not at all")
        return self


class RoutingWeight(Theirs):
    """The share of one version, in percent."""

    version: str | int
    weight: float


class ScheduledPolicy(Theirs):
    """More instances at certain times."""

    name: str | None = None
    scheduleExpression: str | None = None
    startTime: str | None = None
    endTime: str | None = None
    target: int | None = None
    timeZone: str | None = None


class Scaling(Theirs):
    """How many instances an endpoint keeps."""

    minInstances: int | None = None
    scheduledPolicies: list[ScheduledPolicy] | None = None

    @model_validator(mode="after")
    def _not_below(self) -> Self:
        for policy in self.scheduledPolicies or ():
            if None not in (policy.target, self.minInstances) and (
                (policy.target or 0) < (self.minInstances or 0)
            ):
                raise ValueError("a target of scheduledPolicies is less than minInstances")
        return self


class Endpoint(Theirs):
    """One endpoint of the runtime."""

    name: Annotated[str, StringConstraints(min_length=1)]
    description: str | None = None
    targetVersion: str | None = None
    routing: list[RoutingWeight] | None = None
    disablePublicNetworkAccess: bool | None = None
    scaling: Scaling | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.routing is None:
            return self
        if self.targetVersion is not None:
            raise ValueError("targetVersion and routing cannot both stand here")
        total = sum(share.weight for share in self.routing)
        if abs(total - _FULL) > _EXACT:
            raise ValueError(f"the weights of routing must add up to 100, found {total:g}")
        return self


def _told_apart(endpoints: list[Endpoint]) -> list[Endpoint]:
    names = [endpoint.name for endpoint in endpoints]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"two endpoints are called {twice}")
    return endpoints


Endpoints = Annotated[list[Endpoint], AfterValidator(_told_apart)]


class BuildRegistry(Theirs):
    """How to sign in to push the image."""

    username: str | None = None
    password: str | None = None


class BaseContainerConfig(Theirs):
    """The image in which the image is built."""

    image: str | int | float | None = None


class CloudBuild(Theirs):
    """How the tool has the image built before it applies."""

    dir: str | int | float | None = None
    setupScript: str | int | float | None = None
    timeoutMinutes: str | int | float | None = None
    cpu: str | int | float | None = None
    memory: str | int | float | None = None
    region: str | int | float | None = None
    registry: BuildRegistry | None = None
    baseContainerConfig: BaseContainerConfig | None = None


DEMANDS: Final = Demands(
    required=frozenset(
        {
            "/spec/container",
            "/spec/container/image",
            "/spec/nas/mountPoints/*/serverAddr",
            "/spec/nas/mountPoints/*/mountDir",
            "/spec/ossMount/mountPoints/*/bucketName",
            "/spec/ossMount/mountPoints/*/mountDir",
        }
    ),
    bases={
        "/spec/container": ContainerRules,
        "/spec/network": NetworkRules,
        "/spec/log": LogRules,
    },
    more={
        "/spec": {"endpoints": (Endpoints | None, None)},
        "/spec/container": {"cloudBuild": (CloudBuild | None, None)},
    },
)
"""What the tool refuses, as its documentation lists it and as it was seen to."""


METADATA: Final[type[Spec]] = create_model(
    "Metadata",
    __base__=MetadataRules,
    __doc__=MetadataRules.__doc__,
    **{
        name: (info.annotation, info)
        for name, info in AgentRuntimeSpec.model_fields.items()
        if name in {"description", "workspaceId"}  # with us they stand in `spec`
    },  # type: ignore[call-overload]
)


def _given(model: Spec) -> dict[str, Any]:
    """The members of a model that are set."""
    return {name: value for name, value in model if value is not None}
