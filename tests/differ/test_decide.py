"""What would be sent, what is refused, and what a plan shows of it."""

import copy
import json
from dataclasses import replace
from typing import Any

import jsonpatch
import pytest

from reconciler.differ.compare import compare
from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.differ.verify import bystanders
from reconciler.model.live import Absent, Ambiguous, Health, Unread
from reconciler.model.outcome import Cause
from reconciler.model.plan import (
    Blocked,
    Create,
    InSync,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.model.rules import Field, Shape, Trait
from reconciler.model.sealed import Sealed
from tests.support.shapes import PROMPT, RUNTIME, desired, live

BASE = {"cpu": 2, "memory": 2048, "port": 8080}


def updated(spec: dict[str, Any], tree: dict[str, Any], options: Options | None = None) -> Update:
    """The update that these two states ask for."""
    decision = decide(desired(spec), live(tree), RUNTIME, options or Options())
    assert isinstance(decision.plan, Update), decision.plan
    return decision.plan


def test_the_body_carries_only_what_differs_and_the_three_that_must_be_there() -> None:
    """cpu, memory and port go always, with live values where the manifest is silent."""
    plan = updated(
        {"cpu": 2, "description": "new", "isolated": True},
        {**BASE, "description": "old", "isolated": True, "memory": 4096},
    )
    assert plan.body == {"cpu": 2, "memory": 4096, "port": 8080, "description": "new"}
    assert plan.restarts


def test_a_live_zero_is_not_carried() -> None:
    """What the cloud shows as 0 was never set, so it is not sent as a value."""
    assert updated({"description": "x"}, {"cpu": 2, "memory": 0}).body == {
        "cpu": 2,
        "description": "x",
    }


def test_an_object_goes_whole_with_its_undeclared_members() -> None:
    """Members that the manifest does not declare keep their live value; a mask is never sent."""
    tree = {
        **BASE,
        "container": {"image": "v1", "command": ["run"], "acr": "i-1", "auth": {"userName": ""}},
    }
    plan = updated({"container": {"image": "v2"}}, tree)
    assert plan.body["container"] == {"image": "v2", "command": ["run"], "acr": "i-1"}


def test_a_masked_secret_that_the_manifest_lacks_blocks_with_the_line_to_add() -> None:
    """Sending the object would drop or destroy the password, so nothing is sent."""
    tree = {**BASE, "container": {"image": "v1", "auth": {"userName": "bob", "password": "abc***"}}}
    plan = decide(desired({"container": {"image": "v2"}}), live(tree), RUNTIME).plan
    assert isinstance(plan, Blocked)
    assert 'spec.container.auth.password: {secret: "env:NAME"}' in plan.reason
    assert [change.path for change in plan.changes] == ["/container/image"]


def test_a_supplied_secret_goes_with_its_object_and_stays_sealed() -> None:
    """The declared password is in the body that is sent and nowhere in the plan."""
    tree = {**BASE, "container": {"image": "v1", "auth": {"userName": "bob", "password": "abc***"}}}
    spec = {"container": {"image": "v2", "auth": {"password": Sealed("CANARY")}}}
    decision = decide(desired(spec), live(tree), RUNTIME)
    assert decision.body is not None
    auth = decision.body["container"]["auth"]
    assert (auth["userName"], auth["password"].reveal()) == ("bob", "CANARY")
    assert "CANARY" not in repr(decision)
    assert isinstance(decision.plan, Update)
    assert decision.plan.body["container"]["auth"]["password"] == "(sealed)"


def test_a_write_only_object_and_an_action_flag_never_go_alone() -> None:
    """They are no difference by themselves and go along with one."""
    spec = {"arms": {"key": Sealed("CANARY")}, "forceEvict": True, "description": "x"}
    quiet = decide(desired(spec), live({**BASE, "description": "x"}), RUNTIME)
    assert isinstance(quiet.plan, InSync)
    assert quiet.plan.about.unobservable[0][0] == "/arms"
    loud = updated(spec, {**BASE, "description": "y"})
    assert loud.body == {
        **BASE,
        "description": "x",
        "arms": {"key": "(sealed)"},
        "forceEvict": True,
    }


def test_secrets_can_be_sent_again_on_request() -> None:
    """--resend-secrets sends the object of a secret that no read can compare."""
    plan = updated({"arms": {"key": Sealed("k")}}, BASE, Options(resend_secrets=True))
    assert plan.body == {**BASE, "arms": {"key": "(sealed)"}}
    assert plan.changes[0].path == "/arms"


def test_our_own_tags_are_kept_when_tags_are_written() -> None:
    """Tags with our prefix are no difference and survive a change of the others."""
    tags = ["reconcile-owner-1", "old"]
    assert updated({"systemTags": ["new"]}, {**BASE, "systemTags": tags}).body["systemTags"] == [
        "new",
        "reconcile-owner-1",
    ]


def test_a_live_variable_that_nobody_declared_is_hidden() -> None:
    """It goes away by name; its value, which may be a secret, is not shown."""
    tree = {**BASE, "environmentVariables": {"TOKEN": "CANARY", "A": "1"}}
    plan = updated({"environmentVariables": {"A": "2"}}, tree)
    assert "CANARY" not in repr(plan)
    assert {(c.path, c.before) for c in plan.changes} == {
        ("/environmentVariables/A", "1"),
        ("/environmentVariables/TOKEN", "(hidden)"),
    }
    shown = updated({"environmentVariables": {"A": "2"}}, tree, Options(show_live_values=True))
    assert "CANARY" in repr(shown)


def test_clearing_a_map_of_live_secrets_hides_them_too() -> None:
    """null on the whole map shows names, not values."""
    plan = updated(
        {"environmentVariables": None}, {**BASE, "environmentVariables": {"T": "CANARY"}}
    )
    assert "CANARY" not in repr(plan)
    assert plan.body["environmentVariables"] == {}


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


PROPERTIES = {
    "name": "old",
    "instructions": "long",
    "model_setting": '{"temperature":0.30,"top_p":0.3}',
    "tools": [{"api_key": "x"}],
    "id": "19",
    "api_key": None,
}


def test_a_whole_body_is_the_read_with_the_desired_laid_over() -> None:
    """Everything goes; what is not declared goes exactly as it was read."""
    tree = {"region": "r", "tags": ["t"], "properties": PROPERTIES}
    spec = {"agentId": "a", "properties": {"name": "new", "id": "other"}}
    decision = decide(desired(spec), live(tree, Health.NONE), PROMPT)
    assert decision.body == {
        "region": "r",
        "tags": ["t"],
        "properties": {**PROPERTIES, "name": "new"},
    }
    assert isinstance(decision.plan, Update)
    assert not decision.plan.restarts
    assert decision.plan.body["properties"]["tools"] == [{"api_key": "(sealed)"}]


def test_a_changed_document_is_merged_and_encoded_compactly() -> None:
    """Undeclared members of a JSON document keep their value."""
    tree = {"region": "r", "tags": [], "properties": PROPERTIES}
    spec = {"properties": {"model_setting": {"top_p": 0.5}}}
    decision = decide(desired(spec), live(tree, Health.NONE), PROMPT)
    assert decision.body is not None
    assert decision.body["properties"]["model_setting"] == '{"temperature":0.3,"top_p":0.5}'


def test_region_and_tags_that_nobody_knows_block() -> None:
    """The documented read has neither: without them a replacing update would lose them."""
    spec = {"properties": {"name": "new"}}
    plan = decide(desired(spec), live({"properties": PROPERTIES}, Health.NONE), PROMPT).plan
    assert isinstance(plan, Blocked)
    assert "spec.region" in plan.reason
    assert "spec.tags" in plan.reason


@pytest.mark.parametrize("where", ["top", "nested"])
def test_a_masked_key_is_never_sent_back(where: str) -> None:
    """A key that the read shows as a mask blocks the update that would carry it."""
    properties: dict[str, Any] = {"name": "old", "api_key": None}
    if where == "top":
        properties["api_key"] = Sealed("sk-***")
    else:
        properties["tools"] = [{"api_key": Sealed("sk-***")}]
    tree = {"region": "r", "tags": [], "properties": properties}
    plan = decide(desired({"properties": {"name": "new"}}), live(tree, Health.NONE), PROMPT).plan
    assert isinstance(plan, Blocked)
    assert "mask" in plan.reason


def test_a_live_key_is_passed_back_and_never_shown() -> None:
    """A readable api_key goes back as it was read, sealed wherever a person could look."""
    properties = {"name": "old", "api_key": Sealed("CANARY")}
    tree = {"region": "r", "tags": [], "properties": properties}
    decision = decide(desired({"properties": {"name": "new"}}), live(tree, Health.NONE), PROMPT)
    assert decision.body is not None
    assert decision.body["properties"]["api_key"].reveal() == "CANARY"
    assert "CANARY" not in repr(decision)


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


def test_a_field_that_went_away_without_being_sent_is_noticed() -> None:
    """A cloud that replaces where it was held to merge is found by the read after the write."""
    before = {
        **BASE,
        "description": "d",
        "isolated": True,
        "container": {"image": "v1", "command": ["x"]},
        "protocol": {"type": "HTTP"},
    }
    after = {**BASE, "isolated": False, "container": {"image": "v2"}}
    body = {**BASE, "container": {"image": "v2", "command": ["x"]}}
    spec = {"container": {"image": "v2"}}
    found = bystanders(before, after, body, spec, RUNTIME)
    assert found.gone == ("/description", "/isolated")
    assert found.moved == ("/container/command",)
    assert bystanders(before, before, body, spec, RUNTIME).gone == ()


def test_what_somebody_else_changed_meanwhile_is_told() -> None:
    """Another value, but still one: a console edit between the reads."""
    found = bystanders({"description": "a"}, {"description": "b"}, {}, {}, RUNTIME)
    assert found.moved == ("/description",)


def test_what_was_sent_back_and_did_not_arrive_is_told() -> None:
    """Where everything goes, a property that nobody declared and that is otherwise afterwards."""
    before: dict[str, Any] = {"region": "r", "properties": {**PROPERTIES, "mine": "x"}}
    after = copy.deepcopy(before)
    after["properties"] |= {"name": "new", "mine": "y", "model_setting": "{}", "instructions": ""}
    spec = {"properties": {"name": "new"}}
    found = bystanders(before, after, before, spec, PROMPT)
    assert found.gone == ()
    assert set(found.moved) == {
        "/properties/mine",
        "/properties/instructions",
        "/properties/model_setting/temperature",
        "/properties/model_setting/top_p",
    }


def test_a_mask_inside_a_document_blocks() -> None:
    """A secret in JSON in a string that is read as a mask is never sent back."""
    for setting in ('{"top_p":0.3,"api_key":"CAN***"}', '{"in":"{\\"apiKey\\":\\"C***\\"}"}'):
        tree = {"region": "r", "tags": [], "properties": {"name": "old", "model_setting": setting}}
        for change in ({"name": "new"}, {"model_setting": {"top_p": 0.9}}):
            decision = decide(desired({"properties": change}), live(tree, Health.NONE), PROMPT)
            assert isinstance(decision.plan, Blocked), (setting, change)
            assert "mask" in decision.plan.reason


def test_a_live_secret_in_nested_json_is_never_shown() -> None:
    """Whatever the spelling, and however deep in strings, it is sealed in body and changes."""
    inner = json.dumps({"apiKey": "CANARY", "n": 1})
    tools = [{"Authorization": "Bearer CANARY"}, {"deep": json.dumps({"x": inner})}]
    tree = {"region": "r", "tags": [], "properties": {"name": "old", "tools": tools}}
    for change in ({"name": "new"}, {"tools": [{"a": 1}]}):
        decision = decide(desired({"properties": change}), live(tree, Health.NONE), PROMPT)
        assert isinstance(decision.plan, Update)
        assert "CANARY" not in repr(decision.plan), change


def test_half_a_surrogate_pair_blocks_before_anything_is_recorded() -> None:
    """What no request can carry is found when the plan is made."""
    tree = {"region": "r", "tags": [], "properties": {"name": "old", "q": "\ud800"}}
    plan = decide(desired({"properties": {"name": "new"}}), live(tree, Health.NONE), PROMPT).plan
    assert isinstance(plan, Blocked)
    assert "surrogate" in plan.reason


def test_our_own_tags_survive_clearing() -> None:
    """null takes the user's tags away and leaves ours; with ours alone there is nothing to do."""
    tags = ["a", "reconcile-fp-1"]
    plan = updated({"systemTags": None}, {**BASE, "systemTags": tags})
    assert plan.body["systemTags"] == ["reconcile-fp-1"]
    assert plan.changes[0].before == ["a"]
    alone = decide(desired({"systemTags": None}), live({**BASE, "systemTags": tags[1:]}), RUNTIME)
    assert isinstance(alone.plan, InSync)


def test_a_write_only_object_that_a_read_shows_after_all_keeps_its_secret() -> None:
    """A key that the read shows and the manifest lacks is neither shown nor sent: blocked."""
    tree = {**BASE, "description": "old", "arms": {"key": "CANARY", "on": True}}
    decision = decide(desired({"description": "new", "arms": {"on": False}}), live(tree), RUNTIME)
    assert isinstance(decision.plan, Blocked)
    assert "CANARY" not in repr(decision)


def test_a_complete_manifest_is_sent_as_it_stands_where_nothing_can_be_read() -> None:
    """Computed fields and nulls included: there is no read to take them from."""
    properties = {"name": "new", "id": "19", "tools": None, "model_setting": {"top_p": 1}}
    spec = {"region": "r", "tags": [], "properties": properties}
    partial = live({"properties": {"name": "old"}}, Health.NONE, partial=True)
    decision = decide(
        desired(spec, complete=True), partial, PROMPT, Options(write_unverifiable=True)
    )
    assert decision.body is not None
    assert decision.body["properties"] == {**properties, "model_setting": '{"top_p":1}'}
    assert isinstance(decision.plan, Update)
    assert decision.plan.changes[0].path == "/properties/name"
    unseen = {path for path, _ in decision.plan.about.unobservable}
    assert unseen == {"/region", "/tags", "/properties/tools", "/properties/model_setting"}


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


def test_hidden_members_of_a_list_are_never_shown() -> None:
    """Headers of an element that comes or goes may be bearer tokens: sealed in every change."""
    item = Field(
        Shape.OBJECT,
        members={"type": Field(Shape.STRING), "headers": Field(Shape.STRING, Trait.HIDDEN)},
    )
    members = {"settings": Field(Shape.LIST, item=item, key="type", unset=([],))}
    outer = Field(Shape.OBJECT, unset=({},), members=members)
    rules = replace(RUNTIME, root=replace(RUNTIME.root, members={"p": outer}))
    tree = {"p": {"settings": [{"type": "A", "headers": "CANARY"}, {"type": "B"}]}}
    wants: list[Any] = [
        {"settings": [{"type": "A"}]},
        {"settings": [{"type": "A", "headers": "mine"}, {"type": "B"}, {"type": "C"}]},
        {"settings": None},
        {"settings": [{"type": "A"}, {"type": "B", "headers": "x"}]},
        None,
    ]
    for want in wants:
        decision = decide(desired({"p": want}), live(tree), rules)
        assert not isinstance(decision.plan, InSync), want
        assert "CANARY" not in repr(decision), want


def test_a_plan_without_its_secrets_is_a_plan_all_the_same() -> None:
    """An unset variable in anything that would be sent: planned, sealed, said, and no crash."""
    unset = Sealed(None, "env:NOPE")
    tree = {**BASE, "description": "old", "container": {"image": "v1", "auth": {"userName": "u"}}}
    specs: list[dict[str, Any]] = [
        {"container": {"image": "v2", "auth": {"password": unset}}},
        {"description": "new", "arms": {"key": unset}},
        {"environmentVariables": {"K": unset, "A": "1"}},
    ]
    for spec in specs:
        decision = decide(desired(spec), live(tree), RUNTIME)
        assert isinstance(decision.plan, Update), spec
        assert (
            "env:NOPE has no value here" in repr(decision.plan)
            or "arms" in spec
            or "container" in spec
        )
        assert "(sealed)" in repr(decision.plan.body)
    create = {
        "cpu": 1,
        "artifactType": "Container",
        "container": {"image": "i", "auth": {"password": unset}},
    }
    assert isinstance(decide(desired(create), Absent(), RUNTIME).plan, Create)
    setting = {"properties": {"model_setting": {"top_p": 1, "api_key": unset}}}
    held = {"region": "r", "tags": [], "properties": {"model_setting": '{"top_p":0}'}}
    whole = decide(desired(setting), live(held, Health.NONE), PROMPT).plan
    assert isinstance(whole, Update)
    assert whole.body["properties"]["model_setting"] == "(sealed)"
