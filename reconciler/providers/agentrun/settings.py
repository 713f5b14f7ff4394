"""`targets.NAME.agentrun`: the region, the workspace, and how fast to go."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconciler.model.errors import InputError

DEFAULT_REGION = "cn-hangzhou"

REGION_VARIABLES = ("AGENTRUN_REGION", "FC_REGION")
"""What the vendor's own tools read, in their order."""

Region = Annotated[str, Field(pattern=r"^[a-z]{2,}(-[a-z0-9]+)+$", max_length=40)]


class AgentRunSettings(BaseModel):
    """Where the runtimes of a target are."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    region: Region = Field(
        default=DEFAULT_REGION, description="The region, as in the endpoint's name."
    )
    workspace: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="The workspace, by name or id. Absent: the account's default workspace.",
    )
    endpoint: Annotated[str, Field(pattern=r"^https?://[^\s]+$")] | None = Field(
        default=None, description="Another endpoint than https://agentrun.REGION.aliyuncs.com."
    )
    maxConcurrency: Annotated[int, Field(ge=1, le=10)] = Field(
        default=10, description="Requests at once."
    )
    requestsPerSecond: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = Field(
        default=10, description="Requests per second, after a burst of 100."
    )
    nested: Literal["replace", "merge"] = Field(
        default="replace",
        description="Whether an update replaces nested objects (assumed), or merges them: write "
        "`merge` only after seeing it in your own account.",
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
