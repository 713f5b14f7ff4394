"""Secrets: sent where they have to be, and shown nowhere."""

import json
from dataclasses import replace
from typing import Any

import pytest

from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.differ.public import public
from reconciler.model.live import Absent, Health
from reconciler.model.plan import (
    Blocked,
    Create,
    InSync,
    Update,
)
from reconciler.model.rules import Field, Shape, Trait
from reconciler.model.sealed import Sealed
from tests.support.differ import BASE, updated
from tests.support.shapes import PROMPT, RUNTIME, desired, live


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


def test_a_live_key_is_passed_back_and_never_shown() -> None:
    """A readable api_key goes back as it was read, sealed wherever a person could look."""
    properties = {"name": "old", "api_key": Sealed("CANARY")}
    tree = {"region": "r", "tags": [], "properties": properties}
    decision = decide(desired({"properties": {"name": "new"}}), live(tree, Health.NONE), PROMPT)
    assert decision.body is not None
    assert decision.body["properties"]["api_key"].reveal() == "CANARY"
    assert "CANARY" not in repr(decision)


def test_a_live_secret_in_nested_json_is_never_shown() -> None:
    """Whatever the spelling, and however deep in strings, it is sealed in body and changes."""
    inner = json.dumps({"apiKey": "CANARY", "n": 1})
    tools = [{"Authorization": "Bearer CANARY"}, {"deep": json.dumps({"x": inner})}]
    tree = {"region": "r", "tags": [], "properties": {"name": "old", "tools": tools}}
    for change in ({"name": "new"}, {"tools": [{"a": 1}]}):
        decision = decide(desired({"properties": change}), live(tree, Health.NONE), PROMPT)
        assert isinstance(decision.plan, Update)
        assert "CANARY" not in repr(decision.plan), change


def test_a_write_only_object_that_a_read_shows_after_all_keeps_its_secret() -> None:
    """A key that the read shows and the manifest lacks is neither shown nor sent: blocked."""
    tree = {**BASE, "description": "old", "arms": {"key": "CANARY", "on": True}}
    decision = decide(desired({"description": "new", "arms": {"on": False}}), live(tree), RUNTIME)
    assert isinstance(decision.plan, Blocked)
    assert "CANARY" not in repr(decision)


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


@pytest.mark.parametrize(
    "text", ['{"api_key": "CANARY"', '[{"API-Key":"CANARY"},', '{"x-Authorization": CANARY}']
)
def test_broken_json_that_names_a_secret_is_not_shown(text: str) -> None:
    """It cannot be looked into, so it is sealed whole; it goes back as it was read."""
    tree = {"region": "r", "tags": [], "properties": {"name": "old", "q": text}}
    decision = decide(desired({"properties": {"name": "new"}}), live(tree, Health.NONE), PROMPT)
    assert isinstance(decision.plan, Update)
    assert decision.plan.body["properties"]["q"] == "(sealed)"
    assert "CANARY" not in repr(decision.plan)
    assert decision.body is not None
    assert decision.body["properties"]["q"] == text


def test_broken_json_without_a_secret_is_shown_as_it_is() -> None:
    """A text that merely begins like JSON is a text."""
    assert public('{hello} "name"', PROMPT.secret_names) == '{hello} "name"'
