"""What AppStage brings to the program. Importing this opens nothing and reads no environment."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from reconciler.model.policy import Facts
from reconciler.model.rules import Rules
from reconciler.ports import Access, Context, Kind, Provider, Session
from reconciler.providers.appstage.calls import AGENT_CALLS, IAM_CALLS
from reconciler.providers.appstage.credentials import DOMAIN, PASSWORD, SETS, USER
from reconciler.providers.appstage.rules import RULES
from reconciler.providers.appstage.schema import AgentSpec
from reconciler.providers.appstage.settings import AppStageSettings, IamSettings

_FACTS: Final = Facts(models=("/properties/model_id", "/properties/qa_model_id"))
_AGENT: Final = Kind(
    "appstage.myhuaweicloud.com/v1",
    "Agent",
    AgentSpec,
    RULES,
    facts=_FACTS,
    locators=RULES.parameters,
)
_SANDBOX: Final = "sandbox"
"""The user, password and domain that an emulator takes."""


class AppStage:
    """Huawei Cloud AppStage. See `ports.Provider`."""

    name = "appstage"
    title = "Huawei Cloud AppStage"
    kinds = (_AGENT,)
    settings: type[Any] = AppStageSettings
    calls: Mapping[str, Access] = {**AGENT_CALLS, **IAM_CALLS}
    credentials = SETS

    def rules(self, kind: Kind, settings: Any) -> Rules:  # noqa: ARG002 - none changes a rule
        """See `Provider.rules`: no setting changes any."""
        return kind.rules

    def implied_settings(self, environ: Mapping[str, str]) -> AppStageSettings:  # noqa: ARG002
        """See `Provider.implied_settings`.

        The region variables of other tools are not asked: AppStage is in one region only, and a
        token of another one would be refused.
        """
        return AppStageSettings()

    def sandbox_settings(self, base_url: str) -> tuple[AppStageSettings, Mapping[str, str]]:
        """See `Provider.sandbox_settings`."""
        settings = AppStageSettings(endpoint=base_url, iam=IamSettings(endpoint=base_url))
        return settings, dict.fromkeys((USER, PASSWORD, DOMAIN), _SANDBOX)

    def connect(self, settings: Any, context: Context) -> AbstractAsyncContextManager[Session]:
        """See `Provider.connect`."""
        from reconciler.providers.appstage.session import open_session  # noqa: PLC0415 - httpx

        return open_session(settings, context)


PROVIDER: Final[Provider] = AppStage()
