"""The plan of each agent: its word, and the patch that goes with it."""

import json
from dataclasses import replace

import jsonpatch
import pytest

from reconciler.differ.compare import compare
from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.model.live import Absent, Ambiguous, Health, Unread
from reconciler.model.outcome import Cause
from reconciler.model.plan import Blocked, Create, Unhealthy, Unreadable, Update
from reconciler.model.rules import Field, Shape, Trait
from tests.support.differ import BASE, updated
from tests.support.shapes import PROMPT, RUNTIME, desired, live


def test_a_failed_agent_that_equals_its_manifest_is_unhealthy() -> None:
    """Equal but FAILED is never in sync; a retry is asked for by name."""
    spec, tree = {"cpu": 2}, live(BASE, Health.FAILED, status_reason="no image")
    plan = decide(desired(spec), tree, RUNTIME).plan
    assert isinstance(plan, Unhealthy)
    assert plan.reason == "no image"
    again = decide(desired(spec), tree, RUNTIME, Options(retry_failed=True))
    assert again.body == BASE


def test_what_is_absent_is_created_when_the_manifest_has_all_it_needs() -> None:
    """Creating names what is missing, else sends what is declared."""
    (short, whole) = (
        {"cpu": 2},
        {
            "cpu": 2,
            "artifactType": "Container",
            "container": {"image": "i"},
            "description": None,
            "forceEvict": True,
        },
    )
    blocked = decide(desired(short), Absent(), RUNTIME).plan
    assert isinstance(blocked, Blocked)
    assert "creating needs spec.artifactType" in blocked.reason
    decision = decide(desired(whole), Absent(), RUNTIME)
    assert isinstance(decision.plan, Create)
    assert decision.body == {"cpu": 2, "artifactType": "Container", "container": {"image": "i"}}


def test_reads_without_an_agent_have_a_word_each() -> None:
    """Ambiguous names, unreadable agents and kinds that cannot be created are told apart."""
    ambiguous = decide(desired({}), Ambiguous(("ar-1", "ar-2")), RUNTIME).plan
    assert isinstance(ambiguous, Blocked)
    assert "ar-1, ar-2" in ambiguous.reason
    unread = decide(desired({}), Unread("HTTP 500", Cause.CLOUD), RUNTIME).plan
    assert isinstance(unread, Unreadable)
    assert unread.cause is Cause.CLOUD
    absent = decide(desired({}), Absent(), PROMPT).plan
    assert isinstance(absent, Blocked)


def test_a_read_without_properties_blocks_unless_the_user_insists() -> None:
    """Nothing can be compared or preserved, so writing takes two deliberate words."""
    partial = live({"properties": {"name": "old"}}, Health.NONE, partial=True)
    spec = {"region": "r", "tags": [], "properties": {"name": "new"}}
    assert isinstance(decide(desired(spec), partial, PROMPT).plan, Blocked)
    complete = desired(spec, complete=True)
    assert isinstance(decide(complete, partial, PROMPT).plan, Blocked)
    forced = decide(complete, partial, PROMPT, Options(write_unverifiable=True))
    assert isinstance(forced.plan, Update)
    assert forced.body == spec


def test_the_patch_brings_the_live_tree_to_the_desired_values() -> None:
    """The JSON Patch applies, with a library of its own, and changes just what differs."""
    tree = {**BASE, "description": "old", "systemTags": ["a"], "extra": 1}
    spec = {
        "description": "new",
        "systemTags": ["b"],
        "environmentVariables": {"A": "1", "B": "2"},
        "container": {"image": "i"},
    }
    plan = updated(spec, tree)
    assert jsonpatch.apply_patch(tree, json.dumps(plan.patch)) == {**tree, **spec}


def test_json_in_a_string_is_compared_as_json() -> None:
    """Spacing and the order of members are no difference; NaN is no JSON and stays text."""
    rules = replace(
        RUNTIME,
        root=replace(RUNTIME.root, members={"config": Field(Shape.STRING, Trait.JSON)}),
    )
    equal = compare({"config": '{"a":1,"b":[2]}'}, {"config": '{ "b": [2.0], "a": 1 }'}, rules)
    assert equal.differences == []
    assert compare({"config": '{"a":1}'}, {"config": '{"a":2}'}, rules).paths == {"/config"}
    assert compare({"config": '{"a":NaN}'}, {"config": '{"a": NaN}'}, rules).paths == {"/config"}


def test_the_patch_makes_no_parent_inside_a_list() -> None:
    """A member that comes into being in an element of a list leaves the element where it is."""
    tree = {**BASE, "mounts": [{"dir": "/a", "extra": 1}, {"dir": "/b"}]}
    plan = updated({"mounts": [{"dir": "/a", "readOnly": True}, {"dir": "/b"}]}, tree)
    assert list(plan.patch) == [{"op": "add", "path": "/mounts/0/readOnly", "value": True}]
    assert jsonpatch.apply_patch(tree, json.dumps(plan.patch))["mounts"] == [
        {"dir": "/a", "extra": 1, "readOnly": True},
        {"dir": "/b"},
    ]


@pytest.mark.parametrize(
    ("health", "notes"),
    [
        (Health.BUSY, ("busy now: BUSY",)),
        (Health.UNKNOWN, ("status UNKNOWN is not known to this version",)),
        (Health.READY, ()),
    ],
)
def test_a_plan_says_that_the_agent_is_busy_now(health: Health, notes: tuple[str, ...]) -> None:
    """Whether in sync or to be changed, a restart under way is told; so is an unknown status."""
    for spec in ({"cpu": 2}, {"cpu": 4}):
        assert decide(desired(spec), live(BASE, health), RUNTIME).plan.about.notes == notes


def test_what_a_read_leaves_out_is_not_in_sync_because_the_rest_is() -> None:
    """All that it shows is as declared: nobody knows of the other properties, so it is blocked."""
    partial = live({"properties": {"name": "old"}}, Health.NONE, partial=True)
    plan = decide(desired({"properties": {"name": "old"}}), partial, PROMPT).plan
    assert isinstance(plan, Blocked)


def test_our_own_tags_are_nothing_that_a_manifest_leaves_out() -> None:
    """They alone are no field that could be managed; a tag of somebody else is one."""
    for tags, told in ((["reconcile-x"], ()), (["reconcile-x", "theirs"], ("/systemTags",))):
        plan = decide(desired(BASE), live({**BASE, "systemTags": tags}), RUNTIME).plan
        assert plan.about.not_managed == told


def test_only_fields_count_as_unchanged() -> None:
    """What the cloud computes and what asks for an action are declared, and no field that is equal."""
    spec = {"cpu": 9, "memory": 2048, "status": "READY", "forceEvict": True}
    assert updated(spec, BASE).about.unchanged == 1
