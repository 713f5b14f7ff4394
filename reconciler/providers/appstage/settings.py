"""The settings below `targets.NAME.appstage`. A region is checked because it becomes a host name."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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

    endpoint: str | None = Field(
        default=None, description="IAM endpoint; default https://iam.REGION.myhuaweicloud.com."
    )
    region: Region = Field(
        default=REGION, description="Region whose IAM endpoint issues the token."
    )
    project: Named | None = Field(
        default=None,
        description="Project of the token, by name or by id; default: named as the region.",
    )
    domain: Named | None = Field(
        default=None, description="Account (domain) name of the IAM user; overrides HW_DOMAIN_NAME."
    )

    @property
    def base_url(self) -> str:
        """The endpoint that tokens come from."""
        return self.endpoint or f"https://iam.{self.region}.myhuaweicloud.com"


class AppStageSettings(_Section):
    """How AppStage is reached."""

    endpoint: str = Field(default=ENDPOINT, description="AppStage endpoint.")
    iam: IamSettings = Field(default=IamSettings(), description="Tokens.")
    maxConcurrency: int = Field(default=10, ge=1, le=10, description="Requests at once.")
    requestsPerSecond: float = Field(
        default=10, gt=0, description="Requests per second, after a burst of 100."
    )
