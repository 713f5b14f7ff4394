"""Ignore rules: what they match is not compared, and keeps its live value when it is sent along."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.differ.compare import CLEARS, compare
from reconciler.differ.decide import Decision, decide
from reconciler.differ.ignore import set_aside
from reconciler.differ.pattern import literal
from reconciler.model.live import Absent, Health
from reconciler.model.manifest import Desired
from reconciler.model.plan import Blocked, Create, InSync, Update
from reconciler.model.rules import Rules
from reconciler.model.sealed import Sealed
from reconciler.providers import discover
from tests.support.differ import BASE, PROPERTIES
from tests.support.ignoring import rules
from tests.support.memory import revealed
from tests.support.shapes import PROMPT, RUNTIME, desired, live
from tests.support.states import runtime_specs, runtime_states

AGENTRUN = next(p for p in discover() if p.name == "agentrun").kinds[0].rules


def decided(
    spec: dict[str, Any], tree: dict[str, Any], *paths: str, of: Rules = RUNTIME
) -> Decision:
    """The decision with these rules."""
    return decide(desired(spec, ignore=rules(*paths)), live(tree), of)


def told(decision: Decision) -> dict[str, str]:
    """Which fields are told to be ignored, each with the place of its rule."""
    return {one.path: one.rule.place for one in decision.plan.about.ignored}


def test_an_ignored_field_is_not_compared_and_is_told() -> None:
    """One field differs and a rule takes it: in sync, and the rule is named with its line."""
    decision = decided(
        {**BASE, "description": "new"}, {**BASE, "description": "old"}, "/description"
    )
    assert isinstance(decision.plan, InSync)
    assert told(decision) == {"/description": "reconcile.yaml:12:11"}


def test_what_is_equal_anyway_is_not_told_as_ignored() -> None:
    """A rule that has nothing to do says nothing."""
    assert told(decided(BASE, BASE, "/cpu", "/nothing/**")) == {}


def test_an_ignored_field_stays_out_of_the_body() -> None:
    """Something else differs: the update leaves the ignored field alone, cpu carries what is live."""
    spec = {**BASE, "cpu": 8, "description": "new", "diskSize": 9}
    tree = {**BASE, "cpu": 4, "description": "old", "diskSize": 1}
    decision = decided(spec, tree, "/description", "/cpu")
    assert decision.body == {**BASE, "cpu": 4, "diskSize": 9}


def test_an_ignored_key_of_a_map_keeps_its_live_value() -> None:
    """Variables that the platform injects stay, whether or not the manifest names them."""
    spec = {**BASE, "environmentVariables": {"A": "1", "FC_MINE": "x"}}
    injected = {"FC_MINE": "theirs", "FC_REGION": "cn"}
    tree = {**BASE, "environmentVariables": {"A": "0", "B": "2", **injected}}
    decision = decided(spec, tree, "/environmentVariables/FC_*")
    assert isinstance(decision.plan, Update)
    assert [change.path for change in decision.plan.changes] == [
        "/environmentVariables/A",
        "/environmentVariables/B",
    ]
    assert decision.body is not None
    assert revealed(decision.body)["environmentVariables"] == {"A": "1", **injected}
    assert set(told(decision)) == {
        "/environmentVariables/FC_MINE",
        "/environmentVariables/FC_REGION",
    }
    assert "theirs" not in repr(decision.plan)


def test_a_map_that_is_cleared_keeps_its_ignored_keys() -> None:
    """`null` clears what is ours; what a rule covers goes along."""
    tree = {**BASE, "environmentVariables": {"A": "0", "FC_A": "x"}}
    decision = decided({**BASE, "environmentVariables": None}, tree, "/environmentVariables/FC_*")
    assert decision.body is not None
    assert revealed(decision.body)["environmentVariables"] == {"FC_A": "x"}
    quiet = {**BASE, "environmentVariables": {"FC_A": "x"}}
    again = decided({**BASE, "environmentVariables": None}, quiet, "/environmentVariables/FC_*")
    assert isinstance(again.plan, InSync)


def test_an_ignored_key_that_is_not_live_is_not_sent() -> None:
    """The cloud does not keep a variable: with the rule it is neither a change nor in the body."""
    spec = {**BASE, "environmentVariables": {"A": "1", "DROPPED": "x"}}
    tree = {**BASE, "environmentVariables": {"A": "0"}}
    decision = decided(spec, tree, "/environmentVariables/DROPPED")
    assert decision.body is not None
    assert decision.body["environmentVariables"] == {"A": "1"}


def test_an_ignored_member_of_an_object_keeps_its_live_value() -> None:
    """The object goes whole, with the live value of the ignored member."""
    spec = {**BASE, "container": {"image": "v2", "command": ["mine"]}}
    tree = {**BASE, "container": {"image": "v1", "command": ["theirs"]}}
    decision = decided(spec, tree, "/container/command")
    assert decision.body == {**BASE, "container": {"image": "v2", "command": ["theirs"]}}


def test_an_ignored_member_of_a_keyed_element_keeps_its_live_value() -> None:
    """Elements are told apart by their key; positions are those of the live list."""
    spec = {**BASE, "mounts": [{"dir": "/b", "readOnly": True}, {"dir": "/a", "readOnly": True}]}
    tree = {**BASE, "mounts": [{"dir": "/a", "readOnly": False}, {"dir": "/b", "readOnly": False}]}
    assert isinstance(decided(spec, tree, "/mounts/*/readOnly").plan, InSync)
    one = decided(spec, tree, "/mounts/0/readOnly")
    assert set(told(one)) == {"/mounts/0/readOnly"}
    assert one.body is not None
    assert one.body["mounts"] == [{"dir": "/b", "readOnly": True}, {"dir": "/a", "readOnly": False}]


def test_elements_of_a_list_can_be_ignored_by_position() -> None:
    """A live element that a rule names stays where it is, and so does one that is wanted."""
    spec = {**BASE, "container": {"command": ["a", "b"]}}
    tree = {**BASE, "container": {"command": ["x", "b", "y"]}}
    assert isinstance(decided(spec, tree, "/container/command/*").plan, InSync)
    one = decided(spec, tree, "/container/command/2")
    assert one.body is not None
    assert one.body["container"]["command"] == ["a", "b", "y"]


def test_a_member_of_a_json_document_can_be_ignored() -> None:
    """Paths go through JSON in strings; the other members are still compared."""
    spec = {"agentId": "1", "properties": {"model_setting": {"temperature": 0.5, "top_p": 0.9}}}
    tree = {"region": "r", "tags": [], "properties": copy.deepcopy(PROPERTIES)}
    decision = decided(spec, tree, "/properties/model_setting/top_p", of=PROMPT)
    assert isinstance(decision.plan, Update)
    assert [change.path for change in decision.plan.changes] == [
        "/properties/model_setting/temperature"
    ]
    assert decision.body is not None
    assert decision.body["properties"]["model_setting"] == '{"temperature":0.5,"top_p":0.3}'


def test_an_ignored_field_that_is_not_live_yet_is_created_as_declared() -> None:
    """Rules are about living agents: a creation holds what the manifest says."""
    spec = {**BASE, "artifactType": "Code", "description": "mine"}
    decision = decide(desired(spec, ignore=rules("/description")), Absent(), RUNTIME)
    assert isinstance(decision.plan, Create)
    assert decision.body is not None
    assert decision.body["description"] == "mine"


def test_an_immutable_field_that_is_ignored_does_not_block() -> None:
    """The difference blocked; with the rule the rest can be updated."""
    spec, tree = {**BASE, "artifactType": "Code", "cpu": 9}, {**BASE, "artifactType": "Container"}
    assert isinstance(decided(spec, tree).plan, Blocked)
    assert decided(spec, tree, "/artifactType").body == {**BASE, "cpu": 9}


def test_a_secret_that_is_ignored_is_shown_nowhere() -> None:
    """A rule over a variable that holds a secret keeps the live value, sealed."""
    spec = {**BASE, "cpu": 9, "environmentVariables": {"A": "1", "KEY": Sealed("mine", "env:KEY")}}
    tree = {**BASE, "environmentVariables": {"A": "0", "KEY": "live-canary"}}
    decision = decided(spec, tree, "/environmentVariables/KEY")
    assert decision.body is not None
    assert revealed(decision.body)["environmentVariables"] == {"A": "1", "KEY": "live-canary"}
    assert "canary" not in repr(decision)
    assert "mine" not in repr(decision)


def test_what_no_read_shows_stays_declared() -> None:
    """A password is never compared; where its object goes whole only the manifest can supply it."""
    auth = {"userName": "u", "password": Sealed("p", "env:P")}
    spec = {**BASE, "container": {"image": "v2", "auth": auth}}
    tree = {**BASE, "container": {"image": "v1", "auth": {"userName": "u", "password": "a***"}}}
    decision = decided(spec, tree, "/container/auth/password")
    assert decision.body is not None
    assert revealed(decision.body)["container"]["auth"] == {"userName": "u", "password": "p"}


def test_the_parameter_of_a_path_cannot_be_ignored() -> None:
    """`agentId` says which agent is meant; a rule over it changes nothing."""
    spec = {"agentId": "1", "properties": {"name": "new"}}
    assert set_aside(desired(spec, ignore=rules("/agentId")), {}, PROMPT).desired.spec == spec


def test_what_is_ignored_is_not_listed_as_not_managed() -> None:
    """An undeclared live field that a rule covers is nobody's finding."""
    tree = {**BASE, "description": "theirs", "diskSize": 1}
    assert decided(BASE, tree, "/description").plan.about.not_managed == ("/diskSize",)


def test_a_failed_agent_that_equals_but_for_what_is_ignored_is_unhealthy() -> None:
    """A rule hides differences, not the health."""
    target = desired({**BASE, "description": "new"}, ignore=rules("/description"))
    tree = {**BASE, "description": "old"}
    plan = decide(target, live(tree, Health.FAILED), RUNTIME).plan
    assert type(plan).__name__ == "Unhealthy"


def test_without_rules_nothing_is_done() -> None:
    """No rule, no copy: the very desired state that was handed in comes back."""
    target = desired(BASE)
    assert set_aside(target, {}, RUNTIME).desired is target


@settings(max_examples=150, deadline=None)
@given(spec=runtime_specs(), tree=runtime_states(), data=st.data())
def test_ignoring_what_differs_makes_it_quiet_and_changes_nothing_else(
    spec: dict[str, Any], tree: dict[str, Any], data: st.DataObject
) -> None:
    """For any two states: a rule for some of the differences ends these and leaves the others."""
    differences = sorted(compare(spec, tree, AGENTRUN).paths)
    if not differences:
        return
    chosen = data.draw(st.sets(st.sampled_from(differences), min_size=1))
    target = desired(spec, ignore=rules(*map(literal, sorted(chosen))))
    before = copy.deepcopy((spec, tree))
    aside = set_aside(target, tree, AGENTRUN)
    assert (spec, tree) == before
    left = compare(aside.desired.spec, tree, AGENTRUN).paths
    assert left == set(differences) - chosen
    assert {one.path for one in aside.ignored} == chosen


@settings(max_examples=150, deadline=None)
@given(spec=runtime_specs(), tree=runtime_states(), data=st.data())
def test_an_update_leaves_what_is_ignored_as_it_is(
    spec: dict[str, Any], tree: dict[str, Any], data: st.DataObject
) -> None:
    """On a cloud that replaces what it is sent, every ignored value is the live one afterwards."""
    # A list is sent in the manifest's order, so a position means another element after that.
    differences = sorted(
        path
        for path in compare(spec, tree, AGENTRUN).paths
        if not any(token.isdecimal() for token in path.split("/"))
    )
    if not differences:
        return
    chosen = data.draw(st.sets(st.sampled_from(differences), min_size=1))
    target = desired(spec, ignore=rules(*map(literal, sorted(chosen))))
    decision = decide(target, live(tree), AGENTRUN)
    if decision.body is None:
        return
    after = {**tree, **revealed(decision.body)}
    for path in chosen:
        assert at(after, path) == at(tree, path), path
    assert not compare(set_aside(target, after, AGENTRUN).desired.spec, after, AGENTRUN).differences


def at(tree: Any, path: str) -> Any:
    """The value at a pointer; None where there is nothing, as in reads."""
    for token in path.split("/")[1:]:
        if isinstance(tree, list):
            tree = tree[int(token)] if int(token) < len(tree) else None
        else:
            tree = tree.get(token) if isinstance(tree, dict) else None
    return tree or None


def test_two_equal_elements_keep_their_own_positions() -> None:
    """`command: [a, a]` is two elements, though Python holds one text twice."""
    spec = {**BASE, "container": {"command": ["a", "a"]}}
    tree = {**BASE, "container": {"command": ["x", "y"]}}
    decision = decided(spec, tree, "/container/command/0")
    assert decision.body is not None
    assert decision.body["container"]["command"] == ["x", "a"]


@pytest.mark.parametrize("path", ["/container", "/container/*", "/container/**", "/**/image"])
def test_an_object_that_is_not_live_and_all_ignored_is_no_change(path: str) -> None:
    """There is no live object, and every member that is declared of it is ignored."""
    target: Desired = desired({**BASE, "container": {"image": "v"}}, ignore=rules(path))
    assert isinstance(decide(target, live(BASE), RUNTIME).plan, InSync)


def test_clearing_a_map_stays_a_clearing_where_a_rule_meets_none_of_its_keys() -> None:
    """One change with its note, not one for each key."""
    tree = {**BASE, "environmentVariables": {"A": "0", "B": "1"}}
    spec = {**BASE, "environmentVariables": None}
    plan = decided(spec, tree, "/environmentVariables/FC_*").plan
    assert isinstance(plan, Update)
    (change,) = plan.changes
    assert (change.path, change.note) == ("/environmentVariables", CLEARS)


def test_an_ignored_element_goes_along_where_it_stands() -> None:
    """An element that the manifest does not have keeps its position among those that it has."""
    spec = {**BASE, "mounts": [{"dir": "/b", "readOnly": True}]}
    tree = {**BASE, "mounts": [{"dir": "/a"}, {"dir": "/b", "readOnly": False}]}
    decision = decided(spec, tree, "/mounts/0")
    assert decision.body is not None
    assert decision.body["mounts"] == [{"dir": "/a"}, {"dir": "/b", "readOnly": True}]
