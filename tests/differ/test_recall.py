"""What a record keeps of an update, and the way back from it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from reconciler.differ.body import update_body
from reconciler.differ.compare import compare
from reconciler.differ.decide import decide
from reconciler.differ.preimage import PreImage, pre_image
from reconciler.differ.recall import ENDLESS, LOST, UNSURE, Recall, bare, merged, recall
from reconciler.differ.values import ANY_FIELD, is_unset
from reconciler.model.live import Health, Live
from reconciler.model.manifest import Address, Desired, Place
from reconciler.model.plan import Update
from reconciler.model.rules import Rules
from reconciler.model.run import Write
from reconciler.model.sealed import Sealed
from reconciler.model.tree import tokens
from reconciler.providers.agentrun.rules import RULES as AGENTRUN
from reconciler.providers.appstage.rules import RULES as APPSTAGE
from tests.support.shapes import RUNTIME as SMALL
from tests.support.states import runtime_specs, runtime_states

AGENT = "0123456789abcdef0123456789abcdef"
BASE = {"cpu": 2, "memory": 2048, "port": 8080}
RUNTIME = {
    "cpu": 2,
    "memory": 2048,
    "port": 8080,
    "containerConfiguration": {"image": "r/a:v2", "command": ["run"]},
    "environmentVariables": {"LOG_LEVEL": "info", "TOKEN": "CANARY-1"},
    "healthCheckConfiguration": {"periodSeconds": 30, "timeoutSeconds": 1},
}
ASSET = {
    "agentId": AGENT,
    "properties": {
        "prologue": "",
        "model_setting": json.dumps({"temperature": 0.3, "top_p": 0.5}),
        "name": "n",
    },
}


def wanted(spec: dict[str, Any], rules: Rules) -> Desired:
    """A desired state of one agent."""
    kind = "Agent" if rules is APPSTAGE else "AgentRuntime"
    return Desired(Address("x/v1", kind, "bot"), Place("m.yaml", 1, 1), spec, {})


def live(tree: dict[str, Any], stamp: float = 1.0) -> Live:
    """A read of it."""
    return Live("id-1", tree, Health.READY, "READY", stamp=stamp)


def overlaid(tree: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """What a cloud that merges top-level fields holds after this body."""
    return {**tree, **revealed(body)}


def revealed(value: Any) -> Any:
    """A body as it goes over the wire."""
    if isinstance(value, Sealed):
        return value.reveal()
    if isinstance(value, dict):
        return {name: revealed(member) for name, member in value.items()}
    return value


class Sent:
    """One update of an agent: what the record keeps of it, and what is live afterwards."""

    def __init__(self, before: dict[str, Any], spec: dict[str, Any], rules: Rules) -> None:
        self.rules, self.spec = rules, spec
        decision = decide(wanted(spec, rules), live(before), rules)
        assert isinstance(decision.plan, Update), decision.plan
        assert decision.body is not None
        self.image = pre_image(
            decision.plan.changes, decision.touched, decision.body, live(before), rules
        )
        self.after = overlaid(before, decision.body)

    @property
    def write(self) -> Write:
        """It, as it is read back from the record."""
        where = {"agentId": AGENT} if self.rules is APPSTAGE else {}
        return write_of(self.image, where=where)

    def recall(
        self,
        tree: dict[str, Any] | None = None,
        stamp: float = 2.0,
        environ: dict[str, str] | None = None,
    ) -> Recall:
        """The way back from a later read."""
        now = live(self.after if tree is None else tree, stamp)
        found = bare(wanted(dict(self.write.where), self.rules), self.write, environ or {})
        return recall(found, [self.write], now, self.rules)

    def returned(self, tree: dict[str, Any] | None = None) -> dict[str, Any]:
        """What is live after the way back was carried out."""
        now = self.after if tree is None else tree
        back = self.recall(tree)
        decision = decide(back.desired, live(now), self.rules)
        assert isinstance(decision.plan, Update), decision.plan
        assert decision.body is not None
        return overlaid(now, decision.body)


def write_of(image: PreImage, **more: Any) -> Write:
    """What a record would give back: through JSON, with its lists as tuples."""
    kept = json.loads(json.dumps([image.before, image.after, image.supplied]))
    return Write(
        line=1,
        at=1.0,
        operation="update",
        before=kept[0],
        after=kept[1],
        supplied=kept[2],
        references=image.references,
        hidden=tuple(image.hidden),
        unset=tuple(image.unset),
        sealed=tuple(image.sealed),
        left_stamp=2.0,
        **more,
    )


def as_before(name: str, before: dict[str, Any], final: dict[str, Any]) -> bool:
    """Whether a top-level field shows what it showed; absent means unset here."""
    rule = AGENTRUN.root.members.get(name, ANY_FIELD)
    if name not in before or is_unset(rule, before[name]):
        return is_unset(rule, final.get(name))
    return not compare({name: before[name]}, final, AGENTRUN).differences


@given(runtime_states(), runtime_specs())
def test_what_is_not_as_before_is_named(before: dict[str, Any], spec: dict[str, Any]) -> None:
    """Law: recorded, read back and taken back, all is as before the update, or named with why."""
    decision = decide(wanted(spec, AGENTRUN), live(before), AGENTRUN)
    if not isinstance(decision.plan, Update):
        return
    update = Sent(before, spec, AGENTRUN)
    back = update.recall()
    assert back.moved == ()
    if back.blocked:
        assert update.image.hidden or update.image.sealed  # only a secret can be missing
        return
    way = decide(back.desired, live(update.after), AGENTRUN)
    final = overlaid(update.after, way.body or {})
    named = {tokens(path)[0] for path, _ in back.stays}
    for name in before.keys() | final.keys():
        assert name in named or as_before(name, before, final), name


RETURNS: list[tuple[dict[str, Any], dict[str, Any], Rules]] = [
    (RUNTIME, {"memory": 4096, "cpu": 4}, AGENTRUN),
    (RUNTIME, {"containerConfiguration": {"image": "r/a:v3"}}, AGENTRUN),
    (RUNTIME, {"containerConfiguration": {"command": ["run", "--fast"]}}, AGENTRUN),
    (RUNTIME, {"healthCheckConfiguration": {"periodSeconds": 10}}, AGENTRUN),
    (
        RUNTIME,
        {"environmentVariables": {"LOG_LEVEL": "debug", "TOKEN": Sealed("CANARY-1"), "NEW": "1"}},
        AGENTRUN,
    ),
    (
        {**ASSET, "region": "r", "tags": []},
        {"properties": {"model_setting": {"temperature": 1}}},
        APPSTAGE,
    ),
    (ASSET, {"region": "r", "tags": ["t"], "properties": {"name": "m"}}, APPSTAGE),
]


@pytest.mark.parametrize(("before", "spec", "rules"), RETURNS, ids=range(len(RETURNS)))
def test_what_can_be_kept_goes_back_to_what_it_was(
    before: dict[str, Any], spec: dict[str, Any], rules: Rules
) -> None:
    """Update, record, recall: every field that a manifest could compare is as before."""
    update = Sent(before, spec, rules)
    assert (update.recall().stays, update.recall().moved, update.recall().blocked) == ((), (), ())
    returned = update.returned()
    comparison = compare({k: v for k, v in before.items() if k != "agentId"}, returned, rules)
    assert comparison.differences == []
    assert "CANARY" not in json.dumps([update.image.before, update.image.after])


def test_only_what_the_update_changed_goes_back() -> None:
    """Somebody's later change elsewhere, and a variable that was added since, stay."""
    update = Sent(RUNTIME, {"environmentVariables": {"LOG_LEVEL": "debug"}}, AGENTRUN)
    later = {**update.after, "description": "by hand", "memory": 8192}
    later["environmentVariables"] = {"LOG_LEVEL": "debug", "LATER": "x"}
    returned = update.returned(later)
    assert (returned["description"], returned["memory"]) == ("by hand", 8192)
    assert returned["environmentVariables"] == {"LOG_LEVEL": "info", "LATER": "x"}


def test_a_hidden_value_that_went_away_is_named_and_not_kept() -> None:
    """TOKEN was live and in no manifest: the record names it, and cannot give it back."""
    update = Sent(RUNTIME, {"environmentVariables": {"LOG_LEVEL": "debug"}}, AGENTRUN)
    path = "/environmentVariables/TOKEN"
    assert (update.image.hidden, path in update.image.before) == ([path], False)
    assert update.recall().stays == ((path, LOST),)


def test_a_secret_that_went_along_unseen_is_named() -> None:
    """A password that no read shows was sent with the object around it; it may be another one."""
    auth = {"userName": "u", "password": "abc***"}
    before = {**BASE, "container": {"image": "r/a:v2", "auth": auth}}
    spec = {"container": {"image": "r/a:v3", "auth": {"password": Sealed("CANARY-2")}}}
    update = Sent(before, spec, SMALL)
    path = "/container/auth/password"
    assert (update.image.hidden, update.image.before) == ([path], {"/container/image": "r/a:v2"})
    assert path in dict(update.recall().stays)
    assert "CANARY" not in repr(update.write)


def test_an_object_that_needs_such_a_secret_goes_back_with_it_from_the_same_variable() -> None:
    """The record names the variable; without it nothing is sent, and it is said what to set."""
    auth = {"userName": "u", "password": "abc***"}
    before = {**BASE, "container": {"image": "r/a:v2", "auth": auth}}
    password = Sealed("CANARY-2", "env:REGISTRY_PASSWORD")
    spec = {"container": {"image": "r/a:v3", "auth": {"password": password}}}
    update = Sent(before, spec, SMALL)
    assert update.image.references == {"/container/auth/password": "env:REGISTRY_PASSWORD"}
    without = update.recall()
    assert without.blocked[-1].endswith("from env:REGISTRY_PASSWORD: set it again")
    back = update.recall(environ={"REGISTRY_PASSWORD": "CANARY-2"})
    decision = decide(back.desired, live(update.after), SMALL)
    assert decision.body is not None
    assert revealed(decision.body["container"]) == {
        "image": "r/a:v2",
        "auth": {"userName": "u", "password": "CANARY-2"},
    }
    assert back.blocked == ()


def test_a_field_that_moved_is_told_with_both_values() -> None:
    """What it is now, and what that run left; nothing of the agent is planned."""
    update = Sent(RUNTIME, {"memory": 4096}, AGENTRUN)
    back = update.recall({**update.after, "memory": 8192})
    assert back.moved == ("/memory is 8192 now; that run left 4096",)


def test_a_field_that_is_back_already_is_not_sent() -> None:
    """Somebody went back by hand: there is nothing left to do."""
    update = Sent(RUNTIME, {"memory": 4096}, AGENTRUN)
    back = update.recall(dict(RUNTIME))
    assert (back.desired.spec, back.moved, back.stays) == ({}, (), ())


def test_a_field_that_was_unset_has_no_documented_way_back() -> None:
    """A number cannot be emptied: it stays, and is named."""
    update = Sent(RUNTIME, {"sessionIdleTimeoutSeconds": 60}, AGENTRUN)
    assert update.image.unset == ["/sessionIdleTimeoutSeconds"]
    ((path, why),) = update.recall().stays
    assert path == "/sessionIdleTimeoutSeconds"
    assert "no documented way to clear it" in why


def test_false_is_a_value_to_go_back_to() -> None:
    """A switch that a read showed as off is switched off again."""
    update = Sent({**BASE, "isolated": False}, {"isolated": True}, SMALL)
    assert update.recall().desired.spec == {"isolated": False}


@pytest.mark.parametrize(("stamp", "stays"), [(2.0, ()), (3.0, ((None, UNSURE),))])
def test_a_key_with_a_secret_is_ours_only_while_nobody_wrote_since(
    stamp: float, stays: tuple[Any, ...]
) -> None:
    """The stamp that the run saw at its end proves it; another one proves nothing."""
    secrets = {"TOKEN": Sealed("CANARY-1"), "KEY": Sealed("CANARY-3")}
    spec = {"environmentVariables": {"LOG_LEVEL": "info", **secrets}}
    update = Sent(RUNTIME, spec, AGENTRUN)
    back = update.recall(stamp=stamp)
    assert tuple((None, why) for _, why in back.stays) == stays


def test_a_run_without_an_end_is_not_blamed_on_somebody_else() -> None:
    """Killed while it waited, it never saw the stamp that its write left: so the reason says."""
    secrets = {"TOKEN": Sealed("CANARY-1"), "KEY": Sealed("CANARY-3")}
    spec = {"environmentVariables": {"LOG_LEVEL": "info", **secrets}}
    update = Sent(RUNTIME, spec, AGENTRUN)
    found = bare(wanted({}, AGENTRUN), update.write, {})
    endless = replace(update.write, left_stamp=None)
    back = recall(found, [endless], live(update.after, 2.0), AGENTRUN)
    assert [why for _, why in back.stays] == [ENDLESS]


def test_several_writes_are_one_from_the_first_to_the_last() -> None:
    """What was before the first of them, and what the last of them left."""
    after = {"/a": 2, "/n": 5, "/s": 1}
    one = Write(1, 1.0, "update", before={"/a": 1}, after=after, unset=("/n", "/s"))
    two = Write(
        2,
        2.0,
        "update",
        before={"/a": 2, "/b": 7, "/n": 5},
        after={"/a": 3},
        hidden=("/h",),
        sealed=("/s",),
        left_stamp=9.0,
    )
    both = merged([one, two])
    assert both.before == {"/a": 1, "/b": 7}
    assert (both.unset, both.hidden, both.sealed) == (("/n", "/s"), ("/h",), ("/s",))
    assert both.after == {"/a": 3}
    assert both.left_stamp == 9.0


def test_a_list_is_kept_whole() -> None:
    """Positions move, so a change inside a list is kept as the list before and the list after."""
    before = {**RUNTIME, "containerConfiguration": {"image": "i", "command": ["a", "b"]}}
    update = Sent(before, {"containerConfiguration": {"command": ["a", "c"]}}, AGENTRUN)
    path = "/containerConfiguration/command"
    assert update.image.before == {path: ["a", "b"]}
    assert update.image.after == {path: ["a", "c"]}


def test_the_body_of_the_way_back_is_minimal() -> None:
    """Nothing goes along that the update did not touch, but what always does."""
    update = Sent(RUNTIME, {"containerConfiguration": {"image": "r/a:v3"}}, AGENTRUN)
    back = update.recall()
    body = update_body(back.desired, update.after, AGENTRUN, {"containerConfiguration"})
    assert set(body.tree) == {"cpu", "memory", "port", "containerConfiguration"}
    assert back.desired.spec == {"containerConfiguration": {"image": "r/a:v2"}}
