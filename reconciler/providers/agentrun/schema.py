"""What a person may write below `spec` of an AgentRuntime: wire spelling, the vendor's limits.

Fields are those of `UpdateAgentRuntimeInput` and `CreateAgentRuntimeInput` (API 2025-09-10); all
are optional and nullable. The name stands in `metadata.name`. The deprecated `credentialId` is no
field here. Ranges come from the vendor's Java client and, where that names none, from the schema
of the vendor's Serverless Devs component; where the two differ the wider one is taken, because a
manifest must not be refused for what the cloud would accept:

- health check: initial delay up to 120 or 300 s, period up to 120 or 300 s, timeout up to 3 or
  60 s, thresholds up to 120 or 10;
- `codeConfiguration.language`: `java17` stands in one list only;
- `protocolConfiguration.type`: HTTP, MCP, SUPER_AGENT in one list, HTTP, HTTPS in the other;
- `diskSize`: one source says GB, another MB with 512 or 10240 only, reads show 0. So neither a
  unit nor a range is claimed.
"""

from typing import Annotated, Literal

from pydantic import Field

from reconciler.providers.fields import Spec

Port = Annotated[int, Field(ge=1, le=65535)]
Cpu = Annotated[float, Field(ge=0.05, le=16, allow_inf_nan=False)]
Threshold = Annotated[int, Field(ge=1, le=120)]


class CodeConfiguration(Spec):
    """Where the code of a runtime of type `Code` comes from."""

    language: (
        Literal["python3.10", "python3.12", "nodejs18", "nodejs20", "java8", "java11", "java17"]
        | None
    ) = Field(None, description="Language and version that run the code.")
    command: list[str] | None = Field(None, description="Command that starts the agent.")
    ossBucketName: str | None = Field(None, description="OSS bucket that holds the archive.")
    ossObjectName: str | None = Field(None, description="OSS object: the archive with the code.")
    checksum: str | None = Field(
        None, description="CRC-64 of the archive, as a decimal number in a string."
    )
    zipFile: str | None = Field(
        None,
        description="The archive itself, Base64. Only ever sent together with another change: "
        "no read shows it. Change `checksum` with it.",
    )


class AuthConfig(Spec):
    """How to sign in to the image registry."""

    userName: str | None = Field(None, description="User of the registry.")
    password: str | None = Field(
        None, description="Password of the registry: a secret reference. Reads show a mask."
    )


class CertConfig(Spec):
    """How to trust the image registry."""

    insecure: bool | None = Field(None, description="Skip the check of its certificate.")
    rootCaCertBase64: str | None = Field(None, description="Root certificate, Base64.")


class RegistryNetworkConfig(Spec):
    """How to reach the image registry. Mind the spelling of `vSwitchId` here."""

    vpcId: str | None = Field(None, description="VPC of the registry.")
    vSwitchId: str | None = Field(None, description="vSwitch in that VPC.")
    securityGroupId: str | None = Field(None, description="Security group in that VPC.")


class RegistryConfig(Spec):
    """A registry of one's own (`imageRegistryType: CUSTOM`)."""

    authConfig: AuthConfig | None = Field(None, description="How to sign in.")
    certConfig: CertConfig | None = Field(None, description="Which certificate to trust.")
    networkConfig: RegistryNetworkConfig | None = Field(None, description="How to reach it.")


class ContainerConfiguration(Spec):
    """The image of a runtime of type `Container`."""

    image: str | None = Field(None, description="Image with registry, name and tag.")
    command: list[str] | None = Field(None, description="Command that starts the container.")
    port: Port | None = Field(None, description="Port that the container listens on.")
    imageRegistryType: Literal["ACR", "ACREE", "CUSTOM"] | None = Field(
        None, description="Kind of registry."
    )
    acrInstanceId: str | None = Field(None, description="Instance id, for ACREE.")
    registryConfig: RegistryConfig | None = Field(None, description="Access to a registry.")


class NetworkConfiguration(Spec):
    """How the runtime is connected. Mind the spelling of `vswitchIds` here."""

    networkMode: Literal["PUBLIC", "PRIVATE", "PUBLIC_AND_PRIVATE"] | None = Field(
        None, description="Which networks the runtime reaches."
    )
    vpcId: str | None = Field(None, description="VPC.")
    securityGroupId: str | None = Field(None, description="Security group.")
    vswitchIds: list[str] | None = Field(None, description="vSwitches.")


class ProtocolSetting(Spec):
    """One protocol that the agent speaks. All members are strings on the wire."""

    type: str | None = Field(None, description="Protocol; each only once.")
    name: str | None = Field(None, description="Optional alias.")
    config: str | None = Field(None, description="Settings: a JSON document in a string.")
    path: str | None = Field(None, description="Path.")
    pathPrefix: str | None = Field(None, description="Path prefix; the vendor prefers `config`.")
    method: str | None = Field(None, description="HTTP method.")
    headers: str | None = Field(None, description="HTTP headers.")
    inputBodyJsonSchema: str | None = Field(None, description="JSON Schema of the request body.")
    outputBodyJsonSchema: str | None = Field(None, description="JSON Schema of the reply body.")
    requestContentType: str | None = Field(None, description="Content type of requests.")
    responseContentType: str | None = Field(None, description="Content type of replies.")
    a2aAgentCard: str | None = Field(None, description="A2A agent card.")
    a2aAgentCardUrl: str | None = Field(None, description="Address of the A2A agent card.")
    A2AAgentCard: str | None = Field(None, description="Deprecated spelling of `a2aAgentCard`.")


class ProtocolConfiguration(Spec):
    """Protocols that the agent speaks. Reads after an update may leave this out."""

    type: Literal["HTTP", "HTTPS", "MCP", "SUPER_AGENT"] | None = Field(
        None, description="Protocol. Deprecated by the vendor in favour of `protocolSettings`."
    )
    protocolSettings: list[ProtocolSetting] | None = Field(
        None, description="One entry for each protocol."
    )


class LogConfiguration(Spec):
    """Where logs go."""

    project: str | None = Field(None, description="Project of the log service.")
    logstore: str | None = Field(None, description="Logstore in that project.")


class HealthCheckConfiguration(Spec):
    """How the platform sees that an instance is well."""

    httpGetUrl: Annotated[str, Field(max_length=2048)] | None = Field(
        None, description="Path to ask, such as /health."
    )
    initialDelaySeconds: Annotated[int, Field(ge=0, le=300)] | None = Field(
        None, description="Seconds before the first check."
    )
    periodSeconds: Annotated[int, Field(ge=1, le=300)] | None = Field(
        None, description="Seconds between checks."
    )
    timeoutSeconds: Annotated[int, Field(ge=1, le=60)] | None = Field(
        None, description="Seconds until a check counts as failed."
    )
    failureThreshold: Threshold | None = Field(None, description="Failures in a row: not well.")
    successThreshold: Threshold | None = Field(None, description="Successes in a row: well.")


class NasMountPoint(Spec):
    """One mounted NAS folder."""

    serverAddr: str | None = Field(None, description="NAS server and folder.")
    mountDir: str | None = Field(None, description="Where it is mounted.")
    enableTLS: bool | None = Field(None, description="Encrypt the transport.")


class NasConfig(Spec):
    """NAS file systems to mount."""

    userId: int | None = Field(None, description="User id to mount with.")
    groupId: int | None = Field(None, description="Group id to mount with.")
    mountPoints: list[NasMountPoint] | None = Field(None, description="Folders to mount.")


class OssMountPoint(Spec):
    """One mounted OSS bucket."""

    bucketName: Annotated[str, Field(min_length=3, max_length=64)] | None = Field(
        None, description="Bucket."
    )
    bucketPath: Annotated[str, Field(max_length=128)] | None = Field(
        None, description="Folder in the bucket."
    )
    endpoint: Annotated[str, Field(max_length=128)] | None = Field(
        None, description="OSS endpoint."
    )
    mountDir: Annotated[str, Field(min_length=2, max_length=64)] | None = Field(
        None, description="Where it is mounted."
    )
    readOnly: bool | None = Field(None, description="Mount without the right to write.")


class OssMountConfig(Spec):
    """OSS buckets to mount."""

    mountPoints: list[OssMountPoint] | None = Field(None, description="Buckets to mount.")


class ArmsConfiguration(Spec):
    """Application monitoring. No read shows it."""

    armsLicenseKey: str | None = Field(None, description="License key: a secret reference.")
    cmsWorkspace: str | None = Field(None, description="Workspace of the cloud monitor.")
    enableArms: bool | None = Field(None, description="Send traces and metrics.")


class AgentRuntimeSpec(Spec):
    """The request that creates or updates a runtime. An update restarts it, whatever it changes."""

    description: Annotated[str, Field(max_length=256)] | None = Field(
        None, description="What the agent is for."
    )
    artifactType: Literal["Code", "Container"] | None = Field(
        None, description="What the runtime runs. An update cannot change it."
    )
    codeConfiguration: CodeConfiguration | None = Field(
        None, description="The code, for artifactType Code."
    )
    containerConfiguration: ContainerConfiguration | None = Field(
        None, description="The image, for artifactType Container."
    )
    cpu: Cpu | None = Field(None, description="Cores.")
    memory: Annotated[int, Field(ge=128, le=32768)] | None = Field(None, description="MB.")
    port: Port | None = Field(None, description="Port that the agent listens on.")
    diskSize: Annotated[int, Field(ge=0)] | None = Field(
        None, description="Disk size; the vendor's sources do not agree on the unit (GB or MB)."
    )
    networkConfiguration: NetworkConfiguration | None = Field(None, description="Network.")
    protocolConfiguration: ProtocolConfiguration | None = Field(None, description="Protocols.")
    environmentVariables: dict[str, str] | None = Field(
        None, description="Environment of the agent, held whole. Values may be secret references."
    )
    executionRoleArn: str | None = Field(
        None, description="Role that the agent takes: acs:ram::UID:role/NAME."
    )
    credentialName: str | None = Field(None, description="Credential that callers need.")
    externalAgentEndpointUrl: str | None = Field(
        None, description="Address of an agent that is hosted elsewhere."
    )
    sessionConcurrencyLimitPerInstance: Annotated[int, Field(ge=1, le=200)] | None = Field(
        None, description="Sessions at once in one instance; the cloud's default is 1."
    )
    sessionIdleTimeoutSeconds: Annotated[int, Field(ge=60, le=86400)] | None = Field(
        None, description="Seconds without a request until a session ends."
    )
    enableSessionIsolation: bool | None = Field(None, description="Isolate sessions.")
    disableOndemand: bool | None = Field(None, description="No on-demand instances.")
    disableSessionAffinity: bool | None = Field(None, description="No session affinity.")
    sessionAffinityType: Literal["NONE", "HEADER_FIELD", "GENERATED_COOKIE", "COOKIE"] | None = (
        Field(None, description="What ties a session to an instance. COOKIE: GENERATED_COOKIE.")
    )
    headerFieldName: Annotated[str, Field(max_length=128)] | None = Field(
        None, description="Header that carries the session, for HEADER_FIELD."
    )
    logConfiguration: LogConfiguration | None = Field(None, description="Logs.")
    healthCheckConfiguration: HealthCheckConfiguration | None = Field(
        None, description="Health check."
    )
    nasConfig: NasConfig | None = Field(None, description="NAS file systems.")
    ossMountConfig: OssMountConfig | None = Field(None, description="OSS buckets.")
    armsConfiguration: ArmsConfiguration | None = Field(
        None, description="Application monitoring. Sent only together with another change."
    )
    systemTags: list[str] | None = Field(
        None, description="Tags, in no order. Those that begin with reconcile- are ours."
    )
    workspaceId: str | None = Field(
        None, description="Id of the workspace. An update cannot change it."
    )
    resourceGroupId: str | None = Field(
        None, description="Resource group, set at creation. Deprecated by the vendor."
    )
    edition: str | None = Field(None, description="Passed through; the vendor describes it not.")
    forceEvictInstances: bool | None = Field(
        None,
        description="Evict active sessions when an update is made. Never causes an update.",
    )
