"""What would be sent: nothing too much, nothing that was there left out."""

from typing import Any

import pytest

from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.model.live import Health
from reconciler.model.plan import Blocked, InSync, Update
from reconciler.model.sealed import Sealed
from tests.support.differ import BASE, PROPERTIES, updated
from tests.support.shapes import PROMPT, RUNTIME, desired, live


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


def test_our_own_tags_are_kept_when_tags_are_written() -> None:
    """Tags with our prefix are no difference and survive a change of the others."""
    tags = ["reconcile-owner-1", "old"]
    assert updated({"systemTags": ["new"]}, {**BASE, "systemTags": tags}).body["systemTags"] == [
        "new",
        "reconcile-owner-1",
    ]


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


def test_a_mask_inside_a_document_blocks() -> None:
    """A secret in JSON in a string that is read as a mask is never sent back."""
    for setting in ('{"top_p":0.3,"api_key":"CAN***"}', '{"in":"{\\"apiKey\\":\\"C***\\"}"}'):
        tree = {"region": "r", "tags": [], "properties": {"name": "old", "model_setting": setting}}
        for change in ({"name": "new"}, {"model_setting": {"top_p": 0.9}}):
            decision = decide(desired({"properties": change}), live(tree, Health.NONE), PROMPT)
            assert isinstance(decision.plan, Blocked), (setting, change)
            assert "mask" in decision.plan.reason


def test_our_own_tags_survive_clearing() -> None:
    """null takes the user's tags away and leaves ours; with ours alone there is nothing to do."""
    tags = ["a", "reconcile-fp-1"]
    plan = updated({"systemTags": None}, {**BASE, "systemTags": tags})
    assert plan.body["systemTags"] == ["reconcile-fp-1"]
    assert plan.changes[0].before == ["a"]
    alone = decide(desired({"systemTags": None}), live({**BASE, "systemTags": tags[1:]}), RUNTIME)
    assert isinstance(alone.plan, InSync)


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


def test_half_a_surrogate_pair_blocks_before_anything_is_recorded() -> None:
    """What no request can carry is found when the plan is made."""
    tree = {"region": "r", "tags": [], "properties": {"name": "old", "q": "\ud800"}}
    plan = decide(desired({"properties": {"name": "new"}}), live(tree, Health.NONE), PROMPT).plan
    assert isinstance(plan, Blocked)
    assert "surrogate" in plan.reason


@pytest.mark.parametrize(
    "declared",
    [{"top_p": 0.3}, {"top_p": 0.3, "temperature": 0.3}, '{ "temperature": 3e-1 }'],
)
def test_an_untouched_document_goes_back_to_the_letter(declared: Any) -> None:
    """Declared with equal values in another spelling: the very text that was read is sent."""
    tree = {"region": "r", "tags": [], "properties": PROPERTIES}
    spec = {"properties": {"name": "new", "model_setting": declared}}
    decision = decide(desired(spec), live(tree, Health.NONE), PROMPT)
    assert decision.paths == {"/properties/name"}
    assert decision.body is not None
    assert decision.body["properties"]["model_setting"] == '{"temperature":0.30,"top_p":0.3}'
