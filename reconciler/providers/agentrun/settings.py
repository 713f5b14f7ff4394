"""`targets.NAME.agentrun`: the region, the workspace, and how fast to go."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconciler.model.errors import InputError
from reconciler.providers.fields import documented

DEFAULT_REGION = "cn-hangzhou"

REGION_VARIABLES = ("AGENTRUN_REGION", "FC_REGION")
"""What the vendor's own tools read, in their order."""

Region = Annotated[str, Field(pattern=r"^[a-z]{2,}(-[a-z0-9]+)+$", max_length=40)]


class AgentRunSettings(BaseModel):
    """Where the runtimes of a target are."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    region: Region = documented(
        "The region of the runtimes, as in the endpoint's name; default cn-hangzhou.",
        "运行时所在的地域，与访问域名中的一致；默认 cn-hangzhou。",
        default=DEFAULT_REGION,
    )
    workspace: Annotated[str, Field(min_length=1)] | None = documented(
        "The workspace, by name or id. Absent: the account's default workspace.",
        "工作空间，写名称或 ID。不写则为账号的默认工作空间。",
    )
    endpoint: Annotated[str, Field(pattern=r"^https?://[^\s]+$")] | None = documented(
        "Another endpoint than https://agentrun.REGION.aliyuncs.com. Credentials go to the vendor's "
        "hosts, to loopback and to what RECONCILE_ALLOW_HOSTS names.",
        "替代 https://agentrun.REGION.aliyuncs.com 的访问地址。凭证只发往厂商的域名、本机回环地址"
        "以及 RECONCILE_ALLOW_HOSTS 列出的主机。",
    )
    maxConcurrency: Annotated[int, Field(ge=1, le=10)] = documented(
        "Requests at once, 1 to 10; default 10.",
        "同时进行的请求数，1 到 10；默认 10。",
        default=10,
    )
    requestsPerSecond: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = documented(
        "Requests per second after a burst of 100, more than 0 and at most 1000; default 10. "
        "The cloud's own limit is not established.",
        "每秒请求数（首批 100 个之后），大于 0，最多 1000；默认 10。云端自身的限额尚未证实。",
        default=10,
    )
    nested: Literal["replace", "merge"] = documented(
        "Whether an update replaces nested objects or merges them; which is not established. "
        "Default replace; write merge only after seeing it in your own account.",
        "更新时嵌套对象是被替换还是被合并，尚未证实。默认 replace；在自己的账号中确认后才写 merge。",
        default="replace",
    )
    fingerprintTag: bool = documented(
        "Whether one tag of each runtime (reconcile-secret-…) keeps a fingerprint of the secrets "
        "that no read shows, made with RECONCILE_FINGERPRINT_KEY, so that a new password is "
        "noticed and applied once; default true. The tag is only written along with other changes.",
        "是否在每个运行时的一个标签（reconcile-secret-…）中保存读取不到的机密的指纹。指纹用 "
        "RECONCILE_FINGERPRINT_KEY 生成，用于发现新密码并只下发一次；默认 true。标签只随其他更改一起写入。",
        default=True,
    )

    @property
    def base_url(self) -> str:
        """The endpoint in use."""
        return self.endpoint or f"https://agentrun.{self.region}.aliyuncs.com"


def implied_settings(environ: Mapping[str, str]) -> AgentRunSettings:
    """The settings where no file says anything. Raises InputError for a variable that is wrong."""
    for name in REGION_VARIABLES:
        if region := environ.get(name, ""):
            try:
                return AgentRunSettings(region=region)
            except ValidationError:
                problem = f"{name} is no region: expected something like {DEFAULT_REGION}"
            raise InputError(problem)
    return AgentRunSettings()
