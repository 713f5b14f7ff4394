"""What refuses a plan as a whole: how many agents would change, and how many would restart."""

import pytest

from reconciler.differ.decide import decide
from reconciler.differ.guards import refusals
from reconciler.model.live import Absent
from reconciler.model.plan import Blocked, Create, Delete, Plan
from reconciler.model.target import Limits
from tests.support.cli import about, update
from tests.support.shapes import PROMPT, RUNTIME, desired, live

TREE = {"cpu": 1, "memory": 1, "port": 1}
UPDATE = decide(desired({"cpu": 2}), live(TREE), RUNTIME).plan
SAME = decide(desired({"cpu": 1}), live(TREE), RUNTIME).plan
ABSENT = decide(desired({"cpu": 2}), Absent(), RUNTIME).plan
NEW = Create(about("new", agent_id=None), (), (), {})
GONE = Delete(about("gone"))
ANY = Limits(max_change_percent=100)


def guards(plan: Plan, limits: Limits) -> list[str]:
    """The names of the guards that refuse it."""
    return [one.guard for one in refusals(plan, limits)]


def test_the_threshold_counts_agents_that_are_known_to_exist() -> None:
    """Agents that do not exist, or could not be read, make no room for more changes."""
    assert isinstance(ABSENT, Blocked)
    four_of_ten = Plan("t", (UPDATE,) * 4 + (SAME,) * 6 + (ABSENT,) * 90)
    assert guards(four_of_ten, Limits(max_change_percent=30)) == ["max-change"]
    assert guards(four_of_ten, Limits(max_change_percent=40)) == []


@pytest.mark.parametrize(
    ("agents", "refused"),
    [
        ((UPDATE,) * 9, False),  # fewer than ten
        ((UPDATE,) * 3 + (SAME,) * 7, False),  # 30 % is not more than 30 %
        ((UPDATE,) * 2 + (GONE,) * 2 + (SAME,) * 6, True),
        ((GONE,) * 10, True),
        ((NEW,) * 90 + (SAME,) * 10, False),
        ((NEW,) * 90 + (UPDATE,) * 3 + (SAME,) * 7, False),
        ((), False),
    ],
)
def test_updates_and_deletes_count_and_creates_do_not(
    agents: tuple[object, ...], refused: bool
) -> None:
    """Past 30 % of the selected agents that exist, once those are 10 or more."""
    assert guards(Plan("t", agents), Limits()) == ["max-change"] * refused  # type: ignore[arg-type]


def test_a_refusal_says_what_to_type() -> None:
    """The numbers, the setting and the option that allows it."""
    (told,) = refusals(Plan("t", (UPDATE,) * 31 + (SAME,) * 71), Limits())
    assert told.text == (
        "31 of 102 agents would change (30.39 %), more than 30 % (limits.maxChange); "
        "--max-change 100% allows it"
    )
    (told,) = refusals(Plan("t", (UPDATE,) * 2), Limits(max_restarts=1))
    assert told.text == (
        "2 agents would restart, more than 1 (limits.maxRestarts); --max-restarts 2 allows it"
    )
    (told,) = refusals(Plan("t", (UPDATE,)), Limits(max_restarts=0))
    assert told.reason == "1 agent would restart, more than 0 (limits.maxRestarts)"


@pytest.mark.parametrize(
    ("allowed", "refused"), [(None, False), (3, False), (2, False), (1, True), (0, True)]
)
def test_only_updates_that_restart_count_as_restarts(allowed: int | None, refused: bool) -> None:
    """Creating, deleting and the updates of a cloud without restarts cost none."""
    calm = update(restarts=False)
    agents = (UPDATE, UPDATE, NEW, GONE, SAME, calm)
    plan = Plan("t", agents)
    assert guards(plan, Limits(max_restarts=allowed)) == ["max-restarts"] * refused


def test_no_restart_at_all_lets_a_quiet_plan_pass() -> None:
    """`maxRestarts: 0` refuses restarts, not runs."""
    assert refusals(Plan("t", (SAME, NEW)), Limits(max_restarts=0)) == ()


def test_all_guards_are_told_the_threshold_first() -> None:
    """Whoever is refused learns of everything that refuses in one go."""
    plan = Plan("t", (UPDATE,) * 10)
    assert guards(plan, Limits(max_restarts=0)) == ["max-change", "max-restarts"]
    assert guards(plan, Limits(100, max_restarts=10)) == []


def test_an_update_says_why_it_restarts_or_does_not() -> None:
    """The reason is the kind's: one cloud restarts at every update, the other has no restart."""
    restarting = decide(desired({"cpu": 2}), live(TREE), RUNTIME).plan
    assert (restarting.restarts, restarting.restart_reason) == (True, "every update does")  # type: ignore[union-attr]
    assert PROMPT.restart_reason == "this cloud has no restart"
