"""The objects inside an AgentRuntime's `spec`: what runs, how it is reached, what is mounted.

See `schema` for the sources and for what was done where they differ.
"""

from functools import partial
from typing import Annotated, Final, Literal

from pydantic import Field

from reconciler.providers.fields import Spec, documented

UPDATE_PAGE: Final = (
    "https://help.aliyun.com/zh/functioncompute/fc/developer-reference/"
    "api-agentrun-2025-09-10-updateagentruntime"
)
"""The vendor's page of the request. Its members stand on further pages of the same API."""

field = partial(documented, page=UPDATE_PAGE)
"""A field of this API."""

Port = Annotated[int, Field(ge=1, le=65535)]
Threshold = Annotated[int, Field(ge=1, le=120)]


class CodeConfiguration(Spec):
    """Where the code of a runtime of type `Code` comes from."""

    language: (
        Literal["python3.10", "python3.12", "nodejs18", "nodejs20", "java8", "java11", "java17"]
        | None
    ) = field(
        "Language and version that run the code.",
        "运行代码的语言及版本。",
    )
    command: list[str] | None = field(
        "Command that starts the agent, one word to an item. Held whole.",
        "启动智能体的命令，每项一个参数。整体管理。",
    )
    ossBucketName: str | None = field(
        "OSS bucket that holds the archive with the code.",
        "存放代码包的 OSS Bucket。",
    )
    ossObjectName: str | None = field(
        "OSS object that is the archive with the code.",
        "代码包对应的 OSS 对象。",
    )
    checksum: str | None = field(
        "CRC-64 of the archive, as a decimal number in quotes.",
        "代码包的 CRC-64 校验值，十进制数字，需加引号。",
    )
    zipFile: str | None = field(
        "The archive itself, Base64. Whether a read shows it is not established, so it is never "
        "compared and only ever sent together with another change: change `checksum` with it.",
        "代码包内容，Base64 编码。查询是否返回该值尚未证实，因此从不比较，"
        "且只随其他变更一起发送：请同时修改 `checksum`。",
    )


class AuthConfig(Spec):
    """How to sign in to the image registry."""

    userName: str | None = field(
        "User of the image registry.",
        "镜像仓库的用户名。",
    )
    password: str | None = field(
        "Password of the image registry: a secret reference only. A read shows a mask, so it is "
        "compared by a fingerprint, if at all; it goes along whenever its object is sent.",
        "镜像仓库的密码，只能写成机密引用。查询只返回掩码，只能通过指纹比较；所在对象发送时一并发送。",
    )


class CertConfig(Spec):
    """How to trust the image registry."""

    insecure: bool | None = field(
        "Whether to skip the check of the registry's certificate.",
        "是否跳过镜像仓库的证书校验。",
    )
    rootCaCertBase64: str | None = field(
        "Root certificate that the registry's certificate is checked with, Base64.",
        "用于校验镜像仓库证书的根证书，Base64 编码。",
    )


class RegistryNetworkConfig(Spec):
    """How to reach the image registry. Mind the spelling of `vSwitchId` here."""

    vpcId: str | None = field(
        "VPC through which the registry is reached.",
        "访问镜像仓库所经的 VPC。",
    )
    vSwitchId: str | None = field(
        "vSwitch in that VPC. Spelled with a capital S here, unlike networkConfiguration.vswitchIds.",
        "该 VPC 中的交换机。此处 S 大写，与 networkConfiguration.vswitchIds 不同。",
    )
    securityGroupId: str | None = field(
        "Security group in that VPC.",
        "该 VPC 中的安全组。",
    )


class RegistryConfig(Spec):
    """A registry of one's own (`imageRegistryType: CUSTOM`)."""

    authConfig: AuthConfig | None = field(
        "How to sign in to the registry.",
        "登录镜像仓库的方式。",
    )
    certConfig: CertConfig | None = field(
        "Which certificate of the registry to trust.",
        "信任镜像仓库的哪个证书。",
    )
    networkConfig: RegistryNetworkConfig | None = field(
        "Through which network the registry is reached.",
        "经由哪个网络访问镜像仓库。",
    )


class ContainerConfiguration(Spec):
    """The image of a runtime of type `Container`."""

    image: str | None = field(
        "Image with registry, name and tag.",
        "镜像地址，含仓库、名称和标签。",
    )
    command: list[str] | None = field(
        "Command that starts the container, one word to an item. Held whole.",
        "启动容器的命令，每项一个参数。整体管理。",
    )
    port: Port | None = field(
        "Port that the container listens on, 1 to 65535.",
        "容器监听的端口，1 到 65535。",
    )
    imageRegistryType: Literal["ACR", "ACREE", "CUSTOM"] | None = field(
        "Kind of registry: ACR, ACREE (Enterprise Edition) or CUSTOM (one's own).",
        "镜像仓库类型：ACR、ACREE（企业版）或 CUSTOM（自建）。",
    )
    acrInstanceId: str | None = field(
        "Id of the registry instance, for ACREE.",
        "镜像仓库的实例 ID，用于 ACREE。",
    )
    registryConfig: RegistryConfig | None = field(
        "Access to a registry of one's own, for CUSTOM.",
        "自建镜像仓库的访问配置，用于 CUSTOM。",
    )


class NetworkConfiguration(Spec):
    """How the runtime is connected. Mind the spelling of `vswitchIds` here."""

    networkMode: Literal["PUBLIC", "PRIVATE", "PUBLIC_AND_PRIVATE"] | None = field(
        "Which networks the runtime reaches: the internet, a VPC, or both.",
        "运行时可访问的网络：公网、VPC 或两者。",
    )
    vpcId: str | None = field(
        "VPC that the runtime is connected to.",
        "运行时接入的 VPC。",
    )
    securityGroupId: str | None = field(
        "Security group in that VPC.",
        "该 VPC 中的安全组。",
    )
    vswitchIds: list[str] | None = field(
        "vSwitches in that VPC. Held whole.",
        "该 VPC 中的交换机列表。整体管理。",
    )


class ProtocolSetting(Spec):
    """One protocol that the agent speaks. All members are strings on the wire."""

    type: str | None = field(
        "Protocol. Stands only once in the list; the cloud checks it.",
        "协议。在列表中只能出现一次；由云端校验。",
    )
    name: str | None = field(
        "Alias of the protocol; it identifies nothing.",
        "协议的别名，不用作标识。",
    )
    config: str | None = field(
        "Settings of the protocol: a JSON document in a string.",
        "协议的设置：字符串形式的 JSON 文档。",
    )
    path: str | None = field(
        "Path under which the protocol is served.",
        "提供该协议的路径。",
    )
    pathPrefix: str | None = field(
        "Path prefix. The vendor prefers `config`.",
        "路径前缀。厂商建议改用 `config`。",
    )
    method: str | None = field(
        "HTTP method.",
        "HTTP 方法。",
    )
    headers: str | None = field(
        "HTTP headers, in one string. Live values are not shown: they may hold a token.",
        "HTTP 请求头，写在一个字符串中。线上值可能含令牌，因此不显示。",
    )
    inputBodyJsonSchema: str | None = field(
        "JSON Schema of the request body: a JSON document in a string.",
        "请求体的 JSON Schema：字符串形式的 JSON 文档。",
    )
    outputBodyJsonSchema: str | None = field(
        "JSON Schema of the reply body: a JSON document in a string.",
        "响应体的 JSON Schema：字符串形式的 JSON 文档。",
    )
    requestContentType: str | None = field(
        "Content type of requests.",
        "请求的内容类型。",
    )
    responseContentType: str | None = field(
        "Content type of replies.",
        "响应的内容类型。",
    )
    a2aAgentCard: str | None = field(
        "A2A agent card: a JSON document in a string.",
        "A2A 智能体名片：字符串形式的 JSON 文档。",
    )
    a2aAgentCardUrl: str | None = field(
        "Address of the A2A agent card.",
        "A2A 智能体名片的地址。",
    )
    A2AAgentCard: str | None = field(
        "Deprecated spelling of `a2aAgentCard`.",
        "`a2aAgentCard` 的旧写法，已废弃。",
        deprecated=True,
    )


class ProtocolConfiguration(Spec):
    """Protocols that the agent speaks. Reads after an update may leave this out."""

    type: Literal["HTTP", "HTTPS", "MCP", "SUPER_AGENT"] | None = field(
        "Protocol. Deprecated by the vendor in favour of `protocolSettings`.",
        "协议。厂商已废弃，请改用 `protocolSettings`。",
        deprecated=True,
    )
    protocolSettings: list[ProtocolSetting] | None = field(
        "One entry for each protocol; told apart by `type`. Held whole.",
        "每个协议一项，按 `type` 区分。整体管理。",
    )


class LogConfiguration(Spec):
    """Where logs go."""

    project: str | None = field(
        "Project of the log service that logs go to.",
        "接收日志的日志服务项目。",
    )
    logstore: str | None = field(
        "Logstore in that project.",
        "该项目中的日志库。",
    )


class HealthCheckConfiguration(Spec):
    """How the platform sees that an instance is well."""

    httpGetUrl: Annotated[str, Field(max_length=2048)] | None = field(
        "Path that is asked, such as /health; at most 2048 characters.",
        "探测的路径，例如 /health；最多 2048 个字符。",
    )
    initialDelaySeconds: Annotated[int, Field(ge=0, le=300)] | None = field(
        "Seconds before the first check, 0 to 300. One of the vendor's sources says up to 120.",
        "首次检查前等待的秒数，0 到 300。厂商的另一处资料写明最多 120。",
    )
    periodSeconds: Annotated[int, Field(ge=1, le=300)] | None = field(
        "Seconds between checks, 1 to 300. One of the vendor's sources says up to 120.",
        "两次检查的间隔秒数，1 到 300。厂商的另一处资料写明最多 120。",
    )
    timeoutSeconds: Annotated[int, Field(ge=1, le=60)] | None = field(
        "Seconds until a check counts as failed, 1 to 60. One of the vendor's sources says up to 3.",
        "检查超时的秒数，1 到 60。厂商的另一处资料写明最多 3。",
    )
    failureThreshold: Threshold | None = field(
        "Failures in a row until an instance counts as not well, 1 to 120. "
        "One of the vendor's sources says up to 10.",
        "连续失败多少次判为不健康，1 到 120。厂商的另一处资料写明最多 10。",
    )
    successThreshold: Threshold | None = field(
        "Successes in a row until an instance counts as well, 1 to 120. "
        "One of the vendor's sources says up to 10.",
        "连续成功多少次判为健康，1 到 120。厂商的另一处资料写明最多 10。",
    )


class NasMountPoint(Spec):
    """One mounted NAS folder."""

    serverAddr: str | None = field(
        "NAS server and folder, as in SERVER:/FOLDER.",
        "NAS 服务器及目录，形如 SERVER:/FOLDER。",
    )
    mountDir: str | None = field(
        "Folder in the instance where it is mounted.",
        "挂载到实例中的目录。",
    )
    enableTLS: bool | None = field(
        "Whether the transport is encrypted.",
        "是否加密传输。",
    )


class NasConfig(Spec):
    """NAS file systems to mount."""

    userId: int | None = field(
        "User id to mount with.",
        "挂载所用的用户 ID。",
    )
    groupId: int | None = field(
        "Group id to mount with.",
        "挂载所用的用户组 ID。",
    )
    mountPoints: list[NasMountPoint] | None = field(
        "NAS folders to mount; told apart by `mountDir`. Held whole.",
        "要挂载的 NAS 目录，按 `mountDir` 区分。整体管理。",
    )


class OssMountPoint(Spec):
    """One mounted OSS bucket."""

    bucketName: Annotated[str, Field(min_length=3, max_length=64)] | None = field(
        "Bucket, 3 to 64 characters.",
        "Bucket 名称，3 到 64 个字符。",
    )
    bucketPath: Annotated[str, Field(max_length=128)] | None = field(
        "Folder in the bucket, at most 128 characters.",
        "Bucket 中的目录，最多 128 个字符。",
    )
    endpoint: Annotated[str, Field(max_length=128)] | None = field(
        "OSS endpoint, at most 128 characters.",
        "OSS 访问域名，最多 128 个字符。",
    )
    mountDir: Annotated[str, Field(min_length=2, max_length=64)] | None = field(
        "Folder in the instance where it is mounted, 2 to 64 characters.",
        "挂载到实例中的目录，2 到 64 个字符。",
    )
    readOnly: bool | None = field(
        "Whether it is mounted without the right to write.",
        "是否只读挂载。",
    )


class OssMountConfig(Spec):
    """OSS buckets to mount."""

    mountPoints: list[OssMountPoint] | None = field(
        "OSS buckets to mount; told apart by `mountDir`. Held whole.",
        "要挂载的 OSS Bucket，按 `mountDir` 区分。整体管理。",
    )


class ArmsConfiguration(Spec):
    """Application monitoring. No read shows it."""

    armsLicenseKey: str | None = field(
        "License key of the monitoring service: a secret reference only.",
        "监控服务的 License Key，只能写成机密引用。",
    )
    cmsWorkspace: str | None = field(
        "Workspace of the cloud monitor.",
        "云监控的工作空间。",
    )
    enableArms: bool | None = field(
        "Whether traces and metrics are sent.",
        "是否上报链路和指标。",
    )
