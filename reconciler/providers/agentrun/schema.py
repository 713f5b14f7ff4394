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

from reconciler.providers.agentrun.parts import (
    UPDATE_PAGE,
    ArmsConfiguration,
    AuthConfig,
    CertConfig,
    CodeConfiguration,
    ContainerConfiguration,
    HealthCheckConfiguration,
    LogConfiguration,
    NasConfig,
    NasMountPoint,
    NetworkConfiguration,
    OssMountConfig,
    OssMountPoint,
    Port,
    ProtocolConfiguration,
    ProtocolSetting,
    RegistryConfig,
    RegistryNetworkConfig,
    Threshold,
    field,
)
from reconciler.providers.fields import Spec

__all__ = [
    "UPDATE_PAGE",
    "AgentRuntimeSpec",
    "ArmsConfiguration",
    "AuthConfig",
    "CertConfig",
    "CodeConfiguration",
    "ContainerConfiguration",
    "Cpu",
    "HealthCheckConfiguration",
    "LogConfiguration",
    "NasConfig",
    "NasMountPoint",
    "NetworkConfiguration",
    "OssMountConfig",
    "OssMountPoint",
    "Port",
    "ProtocolConfiguration",
    "ProtocolSetting",
    "RegistryConfig",
    "RegistryNetworkConfig",
    "Threshold",
]

Cpu = Annotated[float, Field(ge=0.05, le=16, allow_inf_nan=False)]


class AgentRuntimeSpec(Spec):
    """The request that creates or updates a runtime. An update restarts it, whatever it changes."""

    description: Annotated[str, Field(max_length=256)] | None = field(
        "What the agent is for; at most 256 characters.",
        "智能体的用途说明，最多 256 个字符。",
    )
    artifactType: Literal["Code", "Container"] | None = field(
        "What the runtime runs: Code or Container. Needed to create; an update does not change it.",
        "运行的内容：Code（代码包）或 Container（镜像）。创建时必填；更新不能改变它。",
    )
    codeConfiguration: CodeConfiguration | None = field(
        "The code, for artifactType Code.",
        "代码包配置，用于 artifactType 为 Code 时。",
    )
    containerConfiguration: ContainerConfiguration | None = field(
        "The image, for artifactType Container.",
        "镜像配置，用于 artifactType 为 Container 时。",
    )
    cpu: Cpu | None = field(
        "Cores of one instance, 0.05 to 16. Needed to create; goes along with every update. "
        "Whether it must fit the memory is not established.",
        "每个实例的 CPU 核数，0.05 到 16。创建时必填；每次更新都会一并发送。"
        "是否须与内存成比例尚未证实。",
    )
    memory: Annotated[int, Field(ge=128, le=32768)] | None = field(
        "Memory of one instance in MB, 128 to 32768. Needed to create; goes along with every update.",
        "每个实例的内存，单位 MB，128 到 32768。创建时必填；每次更新都会一并发送。",
    )
    port: Port | None = field(
        "Port that the agent listens on, 1 to 65535. Needed to create; goes along with every update.",
        "智能体监听的端口，1 到 65535。创建时必填；每次更新都会一并发送。",
    )
    diskSize: Annotated[int, Field(ge=0)] | None = field(
        "Disk size of one instance. Its unit is not established: the vendor's sources say GB and MB. "
        "It is sent as it is written.",
        "每个实例的磁盘大小。单位尚未证实：厂商资料中 GB 和 MB 都有。按所写的数值发送。",
    )
    networkConfiguration: NetworkConfiguration | None = field(
        "How the runtime is connected. Needed to create.",
        "运行时的网络配置。创建时必填。",
    )
    protocolConfiguration: ProtocolConfiguration | None = field(
        "Protocols that the agent speaks. A read after an update may leave this out; "
        "it is then neither compared nor sent.",
        "智能体支持的协议。更新后的查询可能不返回该字段，此时既不比较也不发送。",
    )
    environmentVariables: dict[str, str] | None = field(
        "Environment of the agent, held whole: a variable that is live but not declared goes away. "
        "Values may be secret references.",
        "智能体的环境变量，整体管理：线上有而清单未写的变量会被删除。值可以是机密引用。",
    )
    executionRoleArn: str | None = field(
        "Role that the agent takes, as in acs:ram::UID:role/NAME.",
        "智能体所扮演的角色，形如 acs:ram::UID:role/NAME。",
    )
    credentialName: str | None = field(
        "Name of the credential that callers of the agent need.",
        "调用智能体所需凭证的名称。",
    )
    externalAgentEndpointUrl: str | None = field(
        "Address of an agent that is hosted elsewhere.",
        "托管在别处的智能体的地址。",
    )
    sessionConcurrencyLimitPerInstance: Annotated[int, Field(ge=1, le=200)] | None = field(
        "Sessions at once in one instance, 1 to 200. The cloud takes 1 where nothing is said.",
        "单个实例的并发会话数，1 到 200。未指定时云端取 1。",
    )
    sessionIdleTimeoutSeconds: Annotated[int, Field(ge=60, le=86400)] | None = field(
        "Seconds without a request until a session ends, 60 to 86400. "
        "The cloud's default is not established.",
        "会话空闲多少秒后结束，60 到 86400。云端默认值尚未证实。",
    )
    enableSessionIsolation: bool | None = field(
        "Whether sessions are isolated from each other.",
        "是否隔离各个会话。",
    )
    disableOndemand: bool | None = field(
        "Whether instances on demand are switched off. The cloud's default is false.",
        "是否停用按需实例。云端默认 false。",
    )
    disableSessionAffinity: bool | None = field(
        "Whether requests of one session may reach any instance. The cloud's default is false.",
        "是否停用会话亲和，即同一会话的请求可到达任意实例。云端默认 false。",
    )
    sessionAffinityType: Literal["NONE", "HEADER_FIELD", "GENERATED_COOKIE", "COOKIE"] | None = (
        field(
            "What ties a session to an instance. The cloud shows COOKIE as GENERATED_COOKIE; "
            "the two are held equal.",
            "会话与实例绑定的方式。云端将 COOKIE 显示为 GENERATED_COOKIE，两者视为相同。",
        )
    )
    headerFieldName: Annotated[str, Field(max_length=128)] | None = field(
        "HTTP header that carries the session, for sessionAffinityType HEADER_FIELD; "
        "at most 128 characters.",
        "携带会话标识的 HTTP 请求头，用于 sessionAffinityType 为 HEADER_FIELD 时；最多 128 个字符。",
    )
    logConfiguration: LogConfiguration | None = field(
        "Where logs go.",
        "日志的去向。",
    )
    healthCheckConfiguration: HealthCheckConfiguration | None = field(
        "How the platform sees that an instance is well.",
        "平台如何判断实例是否健康。",
    )
    nasConfig: NasConfig | None = field(
        "NAS file systems to mount.",
        "要挂载的 NAS 文件系统。",
    )
    ossMountConfig: OssMountConfig | None = field(
        "OSS buckets to mount.",
        "要挂载的 OSS Bucket。",
    )
    armsConfiguration: ArmsConfiguration | None = field(
        "Application monitoring. No read shows it: its secret is compared by a fingerprint, and "
        "without one it is sent only together with another change.",
        "应用监控。查询不返回该字段：其中的机密通过指纹比较；没有指纹时，只随其他变更一起发送。",
    )
    systemTags: list[str] | None = field(
        "Tags, in no order. Those that begin with reconcile- are kept for this program.",
        "标签，不分先后。以 reconcile- 开头的标签由本程序保留。",
    )
    workspaceId: str | None = field(
        "Id of the workspace, set when the runtime is created; absent: the workspace of the target. "
        "Whether an update could move it is not established, so a difference is blocked.",
        "工作空间的 ID，创建时确定；不写则为目标（target）的工作空间。更新能否迁移尚未证实，因此有差异时会被阻止。",
    )
    resourceGroupId: str | None = field(
        "Id of the resource group, set when the runtime is created. Deprecated by the vendor.",
        "资源组的 ID，创建时确定。厂商已废弃。",
        deprecated=True,
    )
    edition: str | None = field(
        "Passed through as it is: what it means is not established.",
        "原样传递：含义尚未证实。",
    )
    forceEvictInstances: bool | None = field(
        "Whether active sessions are evicted when an update is made, so that it takes effect "
        "sooner. Never compared, and never causes an update by itself.",
        "更新时是否驱逐活动会话，使变更更快生效。从不比较，也不会单独引发更新。",
    )
