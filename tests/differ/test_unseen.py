"""What no read shows must not be lost when the object around it is sent whole."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.differ.decide import decide
from reconciler.model.plan import Blocked, Update
from reconciler.model.sealed import Sealed
from tests.support.shapes import RUNTIME, desired, live

USER = {"image": "v1", "auth": {"userName": "bob"}}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("a password that no read shows", {"container": {"image": "v2"}}, {"container": USER}, True),
    (
        "supplied",
        {"container": {"image": "v2", "auth": {"password": Sealed("x")}}},
        {"container": USER},
        False,
    ),
    ("no user, no password", {"container": {"image": "v2"}}, {"container": {"image": "v1"}}, False),
    (
        "code from an archive",
        {"code": {"command": "b"}},
        {"code": {"command": "a"}},
        True,
    ),
    (
        "an archive that a read shows is not sent back either",
        {"code": {"command": "b"}},
        {"code": {"command": "a", "archive": "UEsDB"}},
        True,
    ),
    (
        "code from a bucket",
        {"code": {"command": "b"}},
        {"code": {"command": "a", "bucket": "o"}},
        False,
    ),
    (
        "to a bucket",
        {"code": {"command": "b", "bucket": "o"}},
        {"code": {"command": "a"}},
        False,
    ),
    ("no code before", {"code": {"command": "b"}}, {}, False),
]


@pytest.mark.parametrize(("what", "spec", "tree", "blocked"), CASES, ids=[c[0] for c in CASES])
def test_an_object_that_may_hold_what_no_read_shows_is_not_sent_without_it(
    what: str, spec: dict[str, Any], tree: dict[str, Any], blocked: bool
) -> None:
    """Blocked with the line to add; `nested: merge` lifts it."""
    whole = {"cpu": 2, "memory": 1, "port": 1, **tree}
    plan = decide(desired(spec), live(whole), RUNTIME).plan
    assert isinstance(plan, Blocked if blocked else Update), (what, plan)
    if isinstance(plan, Blocked):
        assert "add `spec." in plan.reason
        merging = replace(RUNTIME, nested_merge=True)
        assert isinstance(decide(desired(spec), live(whole), merging).plan, Update)
