"""The cloud as the rest of the program sees it. Importing this opens nothing and loads no HTTP."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from reconciler.model.errors import CredentialsMissing
from reconciler.model.policy import Facts
from reconciler.model.rules import Rules
from reconciler.ports import Access, Context, Kind, Provider, Session
from reconciler.providers.agentrun.dialect import DIALECT
from reconciler.providers.agentrun.operations import CALLS, DOMAINS, RETRY_AFTER_MILLISECONDS
from reconciler.providers.agentrun.rules import RULES
from reconciler.providers.agentrun.schema import AgentRuntimeSpec
from reconciler.providers.agentrun.settings import AgentRunSettings, implied_settings

KEY_ID: Final = "ALIBABA_CLOUD_ACCESS_KEY_ID"
KEY_SECRET: Final = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"  # noqa: S105 - the name of a variable
SECURITY_TOKEN: Final = "ALIBABA_CLOUD_SECURITY_TOKEN"  # noqa: S105 - the name of a variable

BURST: Final = 100

RUNTIME: Final = Kind(
    api_version="agentrun.aliyun.com/v1",
    name="AgentRuntime",
    model=AgentRuntimeSpec,
    rules=RULES,
    not_yet=("endpoints",),
    dialects=(DIALECT,),
    facts=Facts(
        image="/containerConfiguration/image",
        network="/networkConfiguration/networkMode",
        private=("PRIVATE",),
        memory_mb="/memory",
        cpu="/cpu",
    ),
    locators=("workspaceId",),
    version="agentRuntimeVersion",
)


class AgentRun:
    """See `reconciler.ports.Provider`."""

    name = "agentrun"
    title = "Alibaba Cloud AgentRun"
    kinds = (RUNTIME,)
    settings: type[Any] = AgentRunSettings
    calls: Mapping[str, Access] = CALLS
    credentials: tuple[tuple[str, ...], ...] = ((KEY_ID, KEY_SECRET),)

    def rules(self, kind: Kind, settings: AgentRunSettings) -> Rules:
        """See `Provider.rules`."""
        merges = settings.nested == "merge"
        return replace(kind.rules, nested_merge=merges, secret_tag=settings.fingerprintTag)

    def implied_settings(self, environ: Mapping[str, str]) -> AgentRunSettings:
        """See `Provider.implied_settings`."""
        return implied_settings(environ)

    def sandbox_settings(self, base_url: str) -> tuple[AgentRunSettings, Mapping[str, str]]:
        """See `Provider.sandbox_settings`."""
        return AgentRunSettings(endpoint=base_url), {KEY_ID: "sandbox", KEY_SECRET: "sandbox"}

    def connect(
        self, settings: AgentRunSettings, context: Context
    ) -> AbstractAsyncContextManager[Session]:
        """See `Provider.connect`."""
        check_credentials(context.environ)
        return _connect(settings, context)


def check_credentials(environ: Mapping[str, str]) -> None:
    """Return when the variables hold an access key. Raises CredentialsMissing, naming them."""
    missing = [name for name in (KEY_ID, KEY_SECRET) if not environ.get(name)]
    if missing:
        raise CredentialsMissing(
            f"no credentials for Alibaba Cloud AgentRun: set {' and '.join(missing)} "
            f"({SECURITY_TOKEN} as well for temporary ones)"
        )
    for name in (KEY_ID, KEY_SECRET, SECURITY_TOKEN):
        # They travel in headers; a line break pasted along would only show as a bad signature.
        if not all("!" <= character <= "~" for character in environ.get(name, "")):
            raise CredentialsMissing(
                f"{name} holds a space, a line break or another character that no key has"
            )


@asynccontextmanager
async def _connect(settings: AgentRunSettings, context: Context) -> AsyncIterator[Session]:
    # httpx takes a third of a short run to import; `validate` never gets here.
    from reconciler.model.sealed import Sealed  # noqa: PLC0415
    from reconciler.providers.agentrun.auth import Acs3, Credentials  # noqa: PLC0415
    from reconciler.providers.agentrun.codec import judge  # noqa: PLC0415
    from reconciler.providers.agentrun.session import AgentRunSession  # noqa: PLC0415
    from reconciler.wire.client import Client, Limiter  # noqa: PLC0415

    secret, token = context.environ[KEY_SECRET], context.environ.get(SECURITY_TOKEN, "")
    context.learn_secret(secret)
    if token:
        context.learn_secret(token)
    credentials = Credentials(
        access_key_id=context.environ[KEY_ID],
        access_key_secret=Sealed(secret, f"env:{KEY_SECRET}"),
        security_token=Sealed(token, f"env:{SECURITY_TOKEN}") if token else None,
    )
    client = Client(
        base_url=settings.base_url,
        calls=CALLS,
        judge=judge,
        context=context,
        limiter=Limiter(context.clock, settings.requestsPerSecond, BURST, settings.maxConcurrency),
        domains=DOMAINS,
        auth=Acs3(credentials, context.clock.wall, lambda: secrets.token_hex(16)),
        milliseconds_header=RETRY_AFTER_MILLISECONDS,
    )
    async with client:
        yield AgentRunSession(client, settings, context)


PROVIDER: Final[Provider] = AgentRun()
