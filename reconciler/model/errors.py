"""The error family. An error says what, where, why and what next; it never exits.

ReconcileError                   something that the user is told in one clear message
├─ InputError                    one or many `Problem`s in files, configuration or usage
├─ CredentialsMissing            no or half a set of credentials; names the variables
├─ GuardError                    refused by us, with the way to allow it
└─ CloudError                    a call to a cloud did not succeed
   ├─ AccessDenied               401 or 403 after re-authentication
   ├─ NotFound                   the cloud says that it does not exist
   ├─ AlreadyExists              creating something that is there
   ├─ Locked                     the cloud says that this agent takes no updates (published)
   ├─ Throttled                  the retry budget was spent on throttling
   ├─ Refused                    any other 4xx, or an error code inside a 200: final
   ├─ ServerFailed               5xx, or a code that means the same; a write may have happened
   ├─ LostReply                  sent, no usable answer: a write may have happened
   └─ Unreachable                not sent: nothing happened
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.model.manifest import Place
from reconciler.model.outcome import Cause


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in the input.

    `code` is stable (`unknown-field`). `length` is how many code points the caret underlines.
    `help` is the way out (`did you mean "memory"?`), empty where the text says it. `excerpt` is
    the source line itself, which may be empty where there is none to show; of a long line it is a
    part, with `before` code points of the line in front of it.
    """

    place: Place
    code: str
    text: str
    help: str = ""
    length: int = 1
    excerpt: str = ""
    warning: bool = False
    before: int = 0


class ReconcileError(Exception):
    """Base of all errors that are told to the user."""

    cause: Cause = Cause.MANIFEST


class InputError(ReconcileError):
    """Files, configuration or usage are wrong; `problems` has each of them, maybe none."""

    def __init__(self, text: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(text)
        self.problems = tuple(problems)


class CredentialsMissing(ReconcileError):
    """Credentials are missing; the text names the variables to set."""

    cause = Cause.CREDENTIALS


class GuardError(ReconcileError):
    """We refuse; the text says why and what to type to go on."""

    cause = Cause.GUARD


class CloudError(ReconcileError):
    """A call failed.

    `operation` is our name of the call (`UpdateAgentRuntime`), `status` the HTTP status (None: no
    reply), `code` and `message` the vendor's own, `request_id` what support asks for.
    `may_have_happened`: a write with this answer can have taken effect all the same.
    """

    cause = Cause.CLOUD
    may_have_happened = False

    def __init__(
        self,
        operation: str,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        request_id: str = "",
    ) -> None:
        self.operation = operation
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id
        detail = ", ".join(
            part
            for part in (
                f"HTTP {status}" if status else "",
                f"code {code}" if code else "",
                f"request id {request_id}" if request_id else "",
            )
            if part
        )
        super().__init__(f"{operation}: {message}" + (f" ({detail})" if detail else ""))


class AccessDenied(CloudError):
    """The credentials were not accepted, or lack the permission."""

    cause = Cause.CREDENTIALS


class NotFound(CloudError):
    """There is no such thing."""


class AlreadyExists(CloudError):
    """There is such a thing already."""


class Locked(CloudError):
    """The cloud takes no updates for this agent in its present state; retrying is no use."""

    cause = Cause.GUARD


class Throttled(CloudError):
    """Throttled until the retry budget was spent. Nothing happened."""


class Refused(CloudError):
    """The request was answered with a final no."""


class ServerFailed(CloudError):
    """The cloud failed while it handled the request."""

    may_have_happened = True


class LostReply(CloudError):
    """The request went out and no usable reply came back."""

    may_have_happened = True


class Unreachable(CloudError):
    """The request could not be sent."""
