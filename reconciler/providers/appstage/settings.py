"""The settings below `targets.NAME.appstage`. A region is checked because it becomes a host name."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reconciler.providers.fields import documented

ENDPOINT = "https://aiae.appstage.myhuaweicloud.com"
"""The one published endpoint; AppStage is deployed in cn-north-4 only."""

REGION = "cn-north-4"

Region = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z0-9]+)+$", max_length=63)]
Named = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class IamSettings(_Section):
    """Where and for what tokens are asked for.

    A token of a regional endpoint is good in that region only, so the default region is the one
    of AppStage whatever `spec.region` says.
    """

    endpoint: str | None = documented(
        "IAM endpoint; default https://iam.REGION.myhuaweicloud.com.",
        "IAM 的访问地址；默认 https://iam.REGION.myhuaweicloud.com。",
    )
    region: Region = documented(
        "Region whose IAM endpoint issues the token; default cn-north-4, where AppStage is.",
        "签发令牌的 IAM 所在地域；默认 cn-north-4，即 AppStage 所在地域。",
        default=REGION,
    )
    project: Named | None = documented(
        "Project of the token, by name or by id; default: named as the region. "
        "Which scope AppStage needs is not established.",
        "令牌所属的项目，写名称或 ID；默认与地域同名。AppStage 需要哪种范围尚未证实。",
    )
    domain: Named | None = documented(
        "Account (domain) name of the IAM user; overrides HW_DOMAIN_NAME.",
        "IAM 用户所属的账号（domain）名；优先于 HW_DOMAIN_NAME。",
    )

    @property
    def base_url(self) -> str:
        """The endpoint that tokens come from."""
        return self.endpoint or f"https://iam.{self.region}.myhuaweicloud.com"


class AppStageSettings(_Section):
    """How AppStage is reached."""

    endpoint: str = documented(
        "AppStage endpoint; default https://aiae.appstage.myhuaweicloud.com.",
        "AppStage 的访问地址；默认 https://aiae.appstage.myhuaweicloud.com。",
        default=ENDPOINT,
    )
    iam: IamSettings = documented(
        "Where and for what tokens are asked for.",
        "向哪里、为什么范围申请令牌。",
        default=IamSettings(),
    )
    maxConcurrency: Annotated[int, Field(ge=1, le=10)] = documented(
        "Requests at once, 1 to 10; default 10.",
        "同时进行的请求数，1 到 10；默认 10。",
        default=10,
    )
    requestsPerSecond: Annotated[float, Field(gt=0)] = documented(
        "Requests per second after a burst of 100, more than 0; default 10. "
        "The cloud's own limit is not established.",
        "每秒请求数（首批 100 个之后），大于 0；默认 10。云端自身的限额尚未证实。",
        default=10,
    )
