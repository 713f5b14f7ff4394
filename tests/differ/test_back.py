"""The way back from an update: what it changed and nobody else, and all that has no way is named."""

from dataclasses import replace
from typing import Any

from hypothesis import given

from reconciler.differ.back import MASKED, MOVED, UNCLEARABLE, UNREAD, Done, WayBack, way_back
from reconciler.differ.compare import compare
from reconciler.differ.decide import decide
from reconciler.differ.values import ANY_FIELD, decode_document, encode_document, is_unset
from reconciler.model.plan import Update
from reconciler.model.rules import BodyStyle, Rules
from reconciler.model.sealed import Sealed
from reconciler.model.tree import tokens
from reconciler.providers.agentrun.rules import RULES as AGENTRUN
from tests.support.memory import revealed
from tests.support.shapes import PROMPT, RUNTIME, desired, live
from tests.support.states import runtime_specs, runtime_states

BASE = {"cpu": 2, "memory": 2048, "port": 8080}


def updated(spec: dict[str, Any], before: dict[str, Any], rules: Rules = RUNTIME) -> Done | None:
    """The update that this manifest needs, as it is known once it was sent; None for none."""
    wanted = desired(spec)
    decision = decide(wanted, live(before), rules)
    if not isinstance(decision.plan, Update):
        return None
    assert decision.body is not None
    return Done(wanted, before, decision.body, decision.paths, decision.plan.about.proved)


def taken(tree: dict[str, Any], body: dict[str, Any], rules: Rules = RUNTIME) -> dict[str, Any]:
    """What a cloud makes of a body: top-level fields replaced, or all of it."""
    sent = revealed(body)
    kept = {} if rules.body is BodyStyle.WHOLE else tree
    return {**kept, **sent}


def back(
    spec: dict[str, Any], before: dict[str, Any], rules: Rules = RUNTIME, **since: Any
) -> tuple[WayBack, dict[str, Any]]:
    """The way back from an update, and what comes of taking it; `since` is somebody else's work."""
    done = updated(spec, before, rules)
    assert done is not None
    now = {**taken(before, done.body, rules), **since}
    way = way_back(done, now, rules)
    return way, taken(now, way.body, rules) if way.body else now


@given(runtime_states(), runtime_specs())
def test_what_is_not_as_before_is_named(before: dict[str, Any], spec: dict[str, Any]) -> None:
    """Law: after the way back all is as before the update, but for fields that are named with why."""
    done = updated(spec, before, AGENTRUN)
    if done is None:
        return
    now = taken(before, done.body, AGENTRUN)
    way = way_back(done, now, AGENTRUN)
    final = taken(now, way.body, AGENTRUN)
    assert way.blocked == ()
    named = {tokens(path)[0] for path, _ in way.stays}
    for name in before.keys() | final.keys():
        if name not in named:
            assert _as_before(name, before, final), (name, way)


@given(runtime_states(), runtime_specs())
def test_nothing_else_is_sent_back(before: dict[str, Any], spec: dict[str, Any]) -> None:
    """Law: the body holds the fields that the update changed and what every update must carry."""
    done = updated(spec, before, AGENTRUN)
    if done is None:
        return
    way = way_back(done, taken(before, done.body, AGENTRUN), AGENTRUN)
    changed = {tokens(path)[0] for path in done.paths}
    assert way.body.keys() <= changed | set(AGENTRUN.always)
    told = [*way.returns, *way.clears, *way.already, *dict(way.stays)]
    assert len(told) == len(set(told))
    for path in done.paths:
        assert any(path == one or path.startswith(f"{one}/") for one in told), path


def _as_before(name: str, before: dict[str, Any], final: dict[str, Any]) -> bool:
    rule = AGENTRUN.root.members.get(name, ANY_FIELD)
    if name not in before or is_unset(rule, before[name]):
        return is_unset(rule, final.get(name))
    return not compare({name: before[name]}, final, AGENTRUN).differences


def test_a_value_goes_back_and_what_is_carried_along_stays() -> None:
    """One member of an object is restored; the member beside it comes from the read just now."""
    before = {**BASE, "container": {"image": "a:v1", "command": ["run"]}}
    now = {"image": "a:v2", "command": ["console"]}
    way, final = back({"container": {"image": "a:v2"}}, before, container=now)
    assert (way.returns, way.stays) == (("/container/image",), ())
    assert final["container"] == {"image": "a:v1", "command": ["console"]}


def test_what_somebody_else_changed_since_is_left_alone() -> None:
    """A console edit of the same field after the update is not undone, and it is named."""
    before = {**BASE, "description": "old", "affinity": "a"}
    way, final = back({"description": "new", "affinity": "b"}, before, description="theirs")
    assert way.stays == (("/description", MOVED),)
    assert (final["description"], final["affinity"]) == ("theirs", "a")


def test_variables_go_back_one_by_one_and_their_values_are_sealed() -> None:
    """Changed keys come back, added keys go, others stay as they are now; no value is public."""
    before = {**BASE, "environmentVariables": {"A": "1", "KEY": "old-secret", "PLATFORM": "x"}}
    spec = {"environmentVariables": {"A": "2", "NEW": "n", "KEY": Sealed("s3cr3t", "env:KEY")}}
    now = {"A": "2", "NEW": "n", "KEY": "s3cr3t", "INJECTED": "i"}
    way, final = back(spec, before, environmentVariables=now)
    variables = final["environmentVariables"]
    assert variables == {"A": "1", "KEY": "old-secret", "PLATFORM": "x", "INJECTED": "i"}
    assert set(map(str, way.body["environmentVariables"].values())) == {"(sealed)"}


def test_what_was_unset_is_emptied_where_a_value_says_so_and_named_elsewhere() -> None:
    """A text becomes empty, undocumented; a number and an object have no such value."""
    spec = {"description": "new", "diskSize": 512, "container": {"image": "a:v2"}}
    way, final = back(spec, dict(BASE))
    assert way.clears == ("/description",)
    assert way.stays == (("/container", UNCLEARABLE), ("/diskSize", UNCLEARABLE))
    assert (final["description"], final["diskSize"]) == ("", 512)


def test_without_clearing_nothing_is_emptied() -> None:
    """A cloud that refuses empty values takes the rest of the way back."""
    before = {**BASE, "isolated": False}
    spec = {"description": "new", "cpu": 4, "environmentVariables": {"A": "1"}}
    done = updated(spec, before)
    assert done is not None
    way = way_back(done, taken(before, done.body), RUNTIME, clearing=False)
    assert (way.returns, way.clears) == (("/cpu",), ())
    assert {path for path, _ in way.stays} == {"/description", "/environmentVariables/A"}
    assert way.body == BASE


def test_a_replaced_password_has_no_way_back() -> None:
    """The object around it goes back with the password that was sent, and the password is named."""
    before = {**BASE, "container": {"image": "a:v1", "auth": {"userName": "u", "password": "***"}}}
    auth = {"userName": "u", "password": Sealed("new-password", "env:P")}
    spec = {"container": {"image": "a:v2", "auth": auth}}
    now = {"image": "a:v2", "auth": {"userName": "u", "password": "***"}}
    way, final = back(spec, before, container=now)
    assert (way.blocked, way.returns) == ((), ("/container/image",))
    assert way.stays == (("/container/auth/password", UNREAD),)
    assert final["container"]["image"] == "a:v1"
    assert final["container"]["auth"]["password"] == "new-password"


def test_a_write_only_object_that_went_along_is_named() -> None:
    """It was sent because the update was; nobody can say what it was before."""
    spec = {"description": "new", "arms": {"key": Sealed("k", "env:K")}}
    way, _ = back(spec, {**BASE, "description": "old"})
    assert (way.returns, way.stays) == (("/description",), (("/arms", UNREAD),))
    assert "arms" not in way.body


def test_lists_and_tags_go_back_whole() -> None:
    """A list held whole is restored as it was; our own tags stay as they are now."""
    before = {
        **BASE,
        "mounts": [{"dir": "/a", "readOnly": True}],
        "systemTags": ["x", "reconcile-owner-0"],
    }
    spec = {"mounts": [{"dir": "/a", "readOnly": False}, {"dir": "/b"}], "systemTags": ["y"]}
    way, final = back(spec, before, systemTags=["y", "reconcile-owner-1"])
    assert way.returns == ("/mounts", "/systemTags")
    assert final["mounts"] == before["mounts"]
    assert final["systemTags"] == ["x", "reconcile-owner-1"]


def test_where_all_is_sent_the_rest_goes_as_it_was_read() -> None:
    """A member of a JSON document goes back; other properties are those of the read just now."""
    setting = encode_document({"temperature": 0.3, "top_p": 0.5})
    before = {"region": "r", "tags": [], "properties": {"name": "n", "model_setting": setting}}
    spec = {"agentId": "a1", "properties": {"model_setting": {"temperature": 0.9}}}
    now = {"name": "renamed", "model_setting": encode_document({"temperature": 0.9, "top_p": 0.5})}
    way, final = back(spec, before, PROMPT, properties=now)
    assert way.desired.spec["agentId"] == "a1"
    assert way.returns == ("/properties/model_setting/temperature",)
    assert final["properties"]["name"] == "renamed"
    document = decode_document(final["properties"]["model_setting"])
    assert document == {"temperature": 0.3, "top_p": 0.5}


def test_a_former_value_that_reads_as_a_mask_is_named() -> None:
    """Sending a mask back would destroy the secret a second time."""
    before = {"region": "r", "tags": [], "properties": {"token_api_key": "abc***", "name": "n"}}
    spec = {
        "agentId": "a1",
        "properties": {"token_api_key": Sealed("new", "env:K"), "name": "other"},
    }
    way, final = back(spec, before, PROMPT)
    assert dict(way.stays) == {"/properties/token_api_key": MASKED}
    assert final["properties"]["name"] == "n"


def test_what_is_as_before_already_is_not_sent() -> None:
    """An update that took no effect, or that was undone, needs no write."""
    before = {**BASE, "description": "old"}
    done = updated({"description": "new"}, before)
    assert done is not None
    way = way_back(done, before, RUNTIME)
    assert (way.body, way.already) == ({}, ("/description",))


def test_a_value_that_is_not_at_hand_is_named() -> None:
    """What a record left out, since it was secret, stays as it is with that reason."""
    before = {**BASE, "description": "old", "environmentVariables": {}}
    done = updated({"description": "new", "environmentVariables": {"K": "v"}}, before)
    assert done is not None
    lost = {"/environmentVariables/K": "not recorded"}
    after = taken(before, done.body)
    told = way_back(Done(done.desired, before, done.body, done.paths, lost=lost), after, RUNTIME)
    assert told.stays == (("/environmentVariables/K", "not recorded"),)
    assert told.returns == ("/description",)


def test_a_secret_that_is_proved_to_be_the_same_is_not_named() -> None:
    """By its fingerprint the update sent what the cloud held before."""
    spec = {"description": "new", "arms": {"key": Sealed("k", "env:K")}}
    before = {**BASE, "description": "old"}
    done = updated(spec, before)
    assert done is not None
    told = way_back(replace(done, proved=("/arms",)), taken(before, done.body), RUNTIME)
    assert (told.returns, told.stays) == (("/description",), ())


def test_a_fingerprint_is_taken_out_where_secrets_are_sent_again() -> None:
    """Nothing proves it any more, and a tag that may be untrue is believed by the next plan."""
    before = {**BASE, "container": {"image": "a:v1", "auth": {"userName": "u", "password": "***"}}}
    auth = {"userName": "u", "password": Sealed("pw", "env:P")}
    tag = "reconcile-secret-01234567-0123456789abcdef0123456789abcdef"
    rules = replace(RUNTIME, secret_tag=True)
    done = updated({"container": {"image": "a:v2", "auth": auth}}, before, rules)
    assert done is not None
    now = {**taken(before, done.body, rules), "systemTags": ["x", tag]}
    assert way_back(done, now, rules).body["systemTags"] == ["x"]


def test_what_no_request_can_carry_blocks_the_way_back() -> None:
    """Half of a surrogate pair may be read, and cannot be sent."""
    way, _ = back({"description": "new"}, {**BASE, "description": "\ud800"})
    assert way.body == {}
    assert way.blocked == ("it holds half of a surrogate pair, which no request can carry",)
