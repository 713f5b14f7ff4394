"""The calls to AppStage: one GET per agent, one PUT per update, and nothing that no page documents.

There is no list with a token, no create and no publish; an agent is found by its id alone.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

import anyio

from reconciler.model.errors import CloudError, NotFound, ReconcileError, Refused
from reconciler.model.live import Absent, Found, Unread
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.model.tree import Tree
from reconciler.ports import Context, Session
from reconciler.providers.appstage.auth import TokenAuth
from reconciler.providers.appstage.calls import (
    AGENT_CALLS,
    CREATE_AGENT,
    CREATE_TOKEN,
    DOMAINS,
    GET_AGENT,
    IAM_CALLS,
    UPDATE_AGENT,
)
from reconciler.providers.appstage.codec import decode_agent
from reconciler.providers.appstage.credentials import (
    DOMAIN,
    Credentials,
    GivenToken,
    Password,
    describe,
    find,
    passed_over,
    secrets,
    token_request,
)
from reconciler.providers.appstage.judge import TokenRefused, judge
from reconciler.providers.appstage.rules import RULES
from reconciler.providers.appstage.settings import AppStageSettings
from reconciler.providers.appstage.tokens import GivenTokens, IamTokens, Tokens
from reconciler.wire.call import Call
from reconciler.wire.client import Client, Limiter
from reconciler.wire.encode import encode, encode_segment, origin
from reconciler.wire.together import patiently, together

_UNREAD = Unread("not read", Cause.CLOUD)
_NOT_IN_TIME: Found = Unread("no answer yet", Cause.CLOUD)


class AppStageSession:
    """One account of AppStage. See `ports.Session`."""

    def __init__(
        self,
        client: Client,
        tokens: Tokens,
        account: str,
        scope: Mapping[str, str],
        territory: str,
        workers: int,
        context: Context,
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._account = account
        self._scope = scope
        self._territory = territory
        self._workers = workers
        self._context = context

    @property
    def account(self) -> str:
        """See `Session.account`."""
        return self._account

    @property
    def scope(self) -> Mapping[str, str]:
        """See `Session.scope`."""
        return self._scope

    async def territory(
        self,
        wanted: Sequence[Desired],  # noqa: ARG002 - one account is one place
    ) -> frozenset[str]:
        """See `Session.territory`: the endpoint and the account, where that is known."""
        return frozenset({self._territory})

    async def fetch(self, wanted: Sequence[Desired]) -> list[Found]:
        """See `Session.fetch`. Signs in first, so that a wrong password is one error."""
        if not wanted:
            return []
        await self._tokens.token()
        answers: list[Found | ReconcileError] = [_UNREAD] * len(wanted)
        todo = iter(enumerate(wanted))

        async def work(shared: Iterator[tuple[int, Desired]]) -> None:
            for position, desired in shared:
                try:
                    answers[position] = await self._get(desired, None)
                except ReconcileError as error:
                    answers[position] = error

        async with anyio.create_task_group() as group:
            for _ in range(min(self._workers, len(wanted))):
                group.start_soon(work, todo)
        return _told(answers)

    async def read(self, desired: Desired, agent_id: str | None) -> Found:
        """See `Session.read`."""
        try:
            return await self._get(desired, agent_id)
        except CloudError as error:
            return Unread(str(error), error.cause)

    async def poll(self, wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
        """See `Session.poll`: there is no list, so each is read by itself, side by side."""
        jobs = [partial(self.read, desired, agent_id) for desired, agent_id in wanted]
        if len(jobs) == 1:
            return [await jobs[0]()]
        clock = self._context.clock
        return await together([partial(patiently, clock, job, _NOT_IN_TIME) for job in jobs])

    async def update(
        self,
        desired: Desired,  # noqa: ARG002 - the id says all
        agent_id: str,
        body: Tree,
    ) -> None:
        """See `Session.update`. A success is a 2xx without an `error_code`."""
        await self._client.send(Call(UPDATE_AGENT, "PUT", _path(agent_id), body=encode(body)))

    async def create(self, desired: Desired, body: Tree) -> None:  # noqa: ARG002 - refused
        """See `Session.create`: always Refused."""
        raise Refused(CREATE_AGENT, RULES.cannot_create or "")

    async def _get(self, desired: Desired, agent_id: str | None) -> Found:
        identity = agent_id or desired.spec.get("agentId")
        if not isinstance(identity, str):
            return Unread("spec.agentId is not a plain string", Cause.MANIFEST)
        try:
            reply = await self._client.send(Call(GET_AGENT, "GET", _path(identity)))
        except NotFound:
            return Absent()
        return decode_agent(identity, reply, self._context.learn_secret)


def _path(agent_id: str) -> str:
    return f"/open/user/agent/{encode_segment(agent_id)}"


def _told(answers: Sequence[Found | ReconcileError]) -> list[Found]:
    """The answers, failures of single agents as `Unread`.

    Raises what is no matter of a single agent: a refusal of ours, or a token that got nowhere.
    """
    errors = [answer for answer in answers if isinstance(answer, ReconcileError)]
    for error in errors:
        if not isinstance(error, CloudError):
            raise error
    if len(errors) == len(answers) and all(map(_about_signing_in, errors)):
        raise errors[0]
    return [
        Unread(str(answer), answer.cause) if isinstance(answer, ReconcileError) else answer
        for answer in answers
    ]


def _about_signing_in(error: ReconcileError) -> bool:
    return isinstance(error, TokenRefused) or (
        isinstance(error, CloudError) and error.operation == CREATE_TOKEN
    )


def open_session(
    settings: AppStageSettings, context: Context
) -> AbstractAsyncContextManager[Session]:
    """See `Provider.connect`."""
    credentials = find(context.environ, settings.iam)
    for secret in secrets(credentials):
        context.learn_secret(secret.reveal())
    return _opened(settings, context, credentials)


@asynccontextmanager
async def _opened(
    settings: AppStageSettings, context: Context, credentials: Credentials
) -> AsyncIterator[Session]:
    limiter = Limiter(
        context.clock,
        requests_per_second=settings.requestsPerSecond,
        max_concurrent=settings.maxConcurrency,
    )
    async with AsyncExitStack() as stack:
        tokens: Tokens
        if isinstance(credentials, GivenToken):
            tokens = GivenTokens(credentials.token)
        else:
            iam = Client(
                base_url=settings.iam.base_url,
                calls=IAM_CALLS,
                judge=judge,
                context=context,
                limiter=limiter,
                domains=DOMAINS,
            )
            await stack.enter_async_context(iam)
            request = token_request(credentials, settings.iam)
            tokens = IamTokens(iam, request, context.clock, context.learn_secret)
        client = Client(
            base_url=settings.endpoint,
            calls=AGENT_CALLS,
            judge=partial(judge, given_token=isinstance(credentials, GivenToken)),
            context=context,
            limiter=limiter,
            domains=DOMAINS,
            auth=TokenAuth(tokens),
        )
        await stack.enter_async_context(client)
        remarks = passed_over(context.environ, settings.iam)
        account = "; ".join((_account(settings, credentials), *remarks))
        scope = _scope(settings, credentials)
        workers = settings.maxConcurrency
        territory = _territory(settings, context.environ)
        yield AppStageSession(client, tokens, account, scope, territory, workers, context)


def _scope(settings: AppStageSettings, credentials: Credentials) -> Mapping[str, str]:
    """A token that was given does not say of which project and account it is."""
    scope = {"endpoint": settings.endpoint}
    if isinstance(credentials, GivenToken):
        return scope
    iam = settings.iam
    scope |= {"IAM": iam.base_url, "project": iam.project or iam.region}
    return scope | ({"account": credentials.domain} if isinstance(credentials, Password) else {})


def _territory(settings: AppStageSettings, environ: Mapping[str, str]) -> str:
    """The endpoint and the account, where that is named: a token that was given does not name it."""
    account = settings.iam.domain or environ.get(DOMAIN, "")
    return f"appstage {origin(settings.endpoint)} {account}".rstrip()


def _account(settings: AppStageSettings, credentials: Credentials) -> str:
    where = urlsplit(settings.endpoint).netloc
    if isinstance(credentials, GivenToken):
        return f"{where}, {describe(credentials)}"
    iam = settings.iam
    issuer = urlsplit(iam.endpoint).netloc if iam.endpoint else iam.region
    return f"{where}, IAM {issuer}, {describe(credentials)}"
