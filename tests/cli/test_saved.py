"""Parts of saved plans that the sandbox cannot show: other accounts, and how a refusal ends."""

from reconciler.cli.apply import Report
from reconciler.cli.exits import exit_code
from reconciler.cli.saved import moved_accounts
from reconciler.model.sealed import Sealed
from reconciler.providers.appstage.credentials import GivenToken, Password
from reconciler.providers.appstage.session import _scope
from reconciler.providers.appstage.settings import AppStageSettings, IamSettings
from tests.support.cli import plan_of


def test_another_region_workspace_or_account_is_told_by_its_part() -> None:
    """From what to what; a part or a cloud that one side does not know says nothing."""
    then = {"A": {"region": "cn-a", "workspace": "w", "endpoint": ""}, "B": {"account": "x"}}
    now = {
        "A": {"region": "cn-b", "workspace": "w", "endpoint": "https://e"},
        "B": {},
        "C": {"a": "b"},
    }
    assert list(moved_accounts(now, then)) == [
        "A, region: cn-a when the plan was made, cn-b now",
        "A, endpoint: (default) when the plan was made, https://e now",
    ]
    assert list(moved_accounts(then, then)) == []


def test_who_signs_in_is_no_part_of_the_account() -> None:
    """A plan made by a user who may only read can be applied by one who may write."""
    settings = AppStageSettings(iam=IamSettings(project="p"))
    one, other = (
        _scope(settings, Password(user, Sealed("canary"), "domain"))
        for user in ("reader", "writer")
    )
    assert one == other
    assert (one["project"], one["account"]) == ("p", "domain")
    assert set(_scope(settings, GivenToken(Sealed("canary")))) == {"endpoint"}


def test_a_refused_plan_ends_with_7_though_no_agent_is_left_to_write() -> None:
    """The refusal itself is a cause."""
    report = Report(plan_of(), (), 0.0, "no longer as it was reviewed", stale=True)
    assert exit_code(report.causes()) == 7
