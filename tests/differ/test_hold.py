"""One agent's plan held against a reviewed one: what was reviewed is written, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from reconciler.differ.decide import Decision, decide
from reconciler.differ.hold import Held, hold
from reconciler.differ.options import Options
from reconciler.differ.values import same
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.live import Absent, Found, Health, Unread
from reconciler.model.outcome import Cause
from reconciler.model.plan import Blocked, Create, InSync, Unhealthy, Unreadable, Update
from reconciler.model.rules import Rules
from reconciler.model.sealed import Sealed
from reconciler.model.tree import join, parents
from reconciler.providers.agentrun.rules import RULES
from tests.support.differ import BASE
from tests.support.reviewing import bound
from tests.support.shapes import PROMPT, RUNTIME, desired, live
from tests.support.states import runtime_specs, runtime_states

KEY = Fingerprinter(Sealed("canary-key-9b1d0c5e, thirty-two"))


def held(
    spec: dict[str, Any],
    then: Found,
    now: Found,
    *,
    rules: Rules = RUNTIME,
    options: Options | None = None,
    keys: tuple[Fingerprinter, ...] = (),
) -> Held:
    """A plan made when `then` was live, held against `now`."""
    wanted, options = desired(spec), options or Options()
    reviewed = bound(wanted, rules, decide(wanted, then, rules, options), keys)
    return hold(wanted, now, rules, options, reviewed)


def paths(decision: Decision) -> list[str]:
    """Where an update changes something."""
    assert isinstance(decision.plan, Update), decision.plan
    return [change.path for change in decision.plan.changes]


@given(spec=runtime_specs(), tree=runtime_states())
def test_with_nothing_moved_the_decision_is_the_reviewed_one(
    spec: dict[str, Any], tree: dict[str, Any]
) -> None:
    """plan, then hold against the same read: the same plan and the same body, without a note."""
    wanted = desired(spec)
    decision = decide(wanted, live(tree), RULES)
    found = hold(wanted, live(tree), RULES, Options(), bound(wanted, RULES, decision))
    assert (found.decision, found.notes, found.moved) == (decision, (), ())


@given(spec=runtime_specs(), then=runtime_states(), now=runtime_states())
def test_nothing_is_written_that_was_not_reviewed(
    spec: dict[str, Any], then: dict[str, Any], now: dict[str, Any]
) -> None:
    """Whatever moved: each change sent is a reviewed one from the same value, all else stays."""
    wanted = desired(spec)
    first = decide(wanted, live(then), RULES)
    found = hold(wanted, live(now), RULES, Options(), bound(wanted, RULES, first, (KEY,)))
    body = found.decision.body
    if body is None:
        assert not isinstance(found.decision.plan, Update)
        return
    assert isinstance(first.plan, Update)
    assert not found.moved
    reviewed = {change.path: change for change in first.plan.changes}
    assert set(paths(found.decision)) <= set(reviewed)
    assert found.decision.touched == tuple(
        one for one in first.touched if one.path in paths(found.decision)
    )
    after = {**now, **body}
    for path, value in _leaves("", now):
        near = any(path in parents(one) or one in parents(path) for one in reviewed)
        assert near or same(value, _at(after, path)), path


def _leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    """Every value that is no object, with its path; lists are held whole."""
    if not isinstance(value, dict):
        return [(path, value)]
    return [leaf for name, one in value.items() for leaf in _leaves(join(path, name), one)]


def _at(tree: Any, path: str) -> Any:
    for name in path.split("/")[1:]:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


MOVED = [
    ({"memory": 4096}, {"memory": 3072}, "/memory: 2048 when the plan was made, 3072 now"),
    ({"description": "new"}, {"description": "x"}, "/description: (absent) when the plan was made"),
    (
        {"container": {"command": ["a", "b"]}},
        {"container": {"command": ["a"]}},
        '/container/command: (absent) when the plan was made, ["a"] now',
    ),
    (
        {"container": {"image": "v3"}},
        {"container": {"image": "v2", "command": ["a"]}},
        "/container: (absent) when the plan was made; /container/image is ",
    ),
]


@pytest.mark.parametrize(("spec", "moved", "told"), MOVED)
def test_a_touched_value_that_moved_is_told(
    spec: dict[str, Any], moved: dict[str, Any], told: str
) -> None:
    """From what to what, and nothing is sent."""
    container = {"container": {"image": "v1"}} if "command" in str(spec) else {}
    if container:
        moved = {"container": {**container["container"], **moved["container"]}}
    found = held(spec, live({**BASE, **container}), live({**BASE, **moved}))
    assert isinstance(found.decision.plan, Blocked)
    assert found.decision.body is None
    (text,) = found.moved
    assert text.startswith(told)
    assert text in found.decision.plan.reason


def test_an_element_of_a_touched_list_that_moved_refuses() -> None:
    """A list is held whole, so each of its elements is touched with it."""
    spec = {"mounts": [{"dir": "/a", "readOnly": True}, {"dir": "/b", "readOnly": False}]}
    then = live({**BASE, "mounts": [{"dir": "/a"}, {"dir": "/b"}]})
    now = live({**BASE, "mounts": [{"dir": "/a"}, {"dir": "/b", "readOnly": True}]})
    assert held(spec, then, now).moved
    assert paths(held(spec, then, then).decision) == ["/mounts/0/readOnly"]


def test_other_variables_of_a_touched_map_are_left_as_they_are() -> None:
    """One that somebody added stays, though the manifest alone would take it away."""
    spec = {"environmentVariables": {"A": "new", "B": "b"}}
    then = live({**BASE, "environmentVariables": {"A": "old", "B": "b"}})
    now = live({**BASE, "environmentVariables": {"A": "old", "B": "x", "C": "injected"}})
    found = held(spec, then, now)
    assert paths(found.decision) == ["/environmentVariables/A"]
    assert found.decision.body is not None
    assert {
        name: str(v.reveal()) if isinstance(v, Sealed) else v
        for name, v in found.decision.body["environmentVariables"].items()
    } == {
        "A": "new",
        "B": "x",
        "C": "injected",
    }
    assert [note.partition(" ")[0] for note in found.notes] == [
        "/environmentVariables/B",
        "/environmentVariables/C",
    ]


def test_members_of_a_json_document_move_apart() -> None:
    """In a JSON string too only the member that the plan changes is touched."""
    spec = {
        "agentId": "a",
        "region": "r",
        "tags": [],
        "properties": {"model_setting": {"temperature": 0.9, "top_p": 0.3}},
    }
    base = {"region": "r", "tags": []}
    then = live({**base, "properties": {"model_setting": '{"temperature":0.3,"top_p":0.3}'}})
    now = live({**base, "properties": {"model_setting": '{"top_p":0.5,"temperature":0.3}'}})
    found = held(spec, then, now, rules=PROMPT)
    assert paths(found.decision) == ["/properties/model_setting/temperature"]
    assert found.decision.body is not None
    assert found.decision.body["properties"]["model_setting"] == '{"top_p":0.5,"temperature":0.9}'


def test_a_hidden_value_is_bound_under_a_key_and_not_without() -> None:
    """Its digest would otherwise let anybody try out what it was."""
    spec = {"environmentVariables": {"A": Sealed("canary-wanted", "env:A")}}
    then = live({**BASE, "environmentVariables": {"A": "canary-then"}})
    now = live({**BASE, "environmentVariables": {"A": "canary-now"}})
    bare = held(spec, then, now)
    assert not bare.moved
    assert bare.decision.body is not None
    keyed = held(spec, then, now, keys=(KEY,))
    assert keyed.moved == ("/environmentVariables/A: (sealed) changed",)
    assert "canary" not in str(keyed)
    assert not held(spec, then, then, keys=(KEY,)).moved
    reviewed = bound(desired(spec), RUNTIME, decide(desired(spec), then, RUNTIME))
    assert [fact.digest for fact in reviewed.reviewed.binding.live] == [""]
    assert [fact.digest for fact in reviewed.reviewed.binding.secrets] == [""]


def test_undeclared_hidden_values_have_no_digest_without_a_key() -> None:
    """A variable that the plan takes away is shown by name only, so its value is bound by a key."""
    wanted = desired({"environmentVariables": {"A": "1"}})
    then = live({**BASE, "environmentVariables": {"A": "1", "GONE": "canary"}})
    decision = decide(wanted, then, RUNTIME)
    for keys, start in (((), ""), ((KEY,), "hmac-sha256:")):
        (fact,) = bound(wanted, RUNTIME, decision, keys).reviewed.binding.live
        assert (fact.path, fact.digest[:12]) == ("/environmentVariables/GONE", start)


OLD, NEW = {**BASE, "description": "old"}, {"description": "new"}
CREATED = {**BASE, "artifactType": "Code"}


@pytest.mark.parametrize(
    ("spec", "then", "now", "entry"),
    [
        (NEW, live(OLD), live({**BASE, **NEW}), InSync),  # done meanwhile
        (NEW, live({**BASE, **NEW}), live(OLD), InSync),  # was in sync: not ours to write
        (NEW, live({**BASE, **NEW}), Absent(), Blocked),
        (NEW, live(OLD), Absent(), Blocked),
        (CREATED, Absent(), Absent(), Create),
        (CREATED, Absent(), live(CREATED), InSync),  # our own creation
        (CREATED, Absent(), live({**CREATED, "cpu": 9}), Blocked),
        (NEW, Unread("no", Cause.CLOUD), live(OLD), Blocked),
        (NEW, live(OLD), Unread("no", Cause.CLOUD), Unreadable),
        (NEW, live({**BASE, **NEW}, Health.FAILED), live(OLD, Health.FAILED), Unhealthy),
        (NEW, live({**BASE, **NEW}, Health.FAILED), live(OLD), InSync),
        ({"artifactType": "A"}, live({**BASE, "artifactType": "B"}), live(BASE), Blocked),
        (NEW, live(OLD), live(OLD), Update),
    ],
)
def test_what_becomes_of_each_kind_of_entry(
    spec: dict[str, Any], then: Found, now: Found, entry: type[Any]
) -> None:
    """Nothing is written but what the reviewed plan writes, and a failure is told all the same."""
    found = held(spec, then, now)
    assert isinstance(found.decision.plan, entry), found.decision.plan
    assert (found.decision.body is None) == (entry not in (Create, Update))


def test_a_change_without_a_fact_of_its_live_value_refuses() -> None:
    """A plan that names a change and not what it was made from binds nothing."""
    wanted = desired(NEW)
    then = bound(wanted, RUNTIME, decide(wanted, live(OLD), RUNTIME))
    binding = replace(then.reviewed.binding, live=())
    edited = replace(then, reviewed=replace(then.reviewed, binding=binding))
    found = hold(wanted, live(OLD), RUNTIME, Options(), edited)
    assert found.moved == ('/description: "old" changed',)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("/cpu", "/cpus", {"/cpu: not in the reviewed plan", "/cpus: in the reviewed plan alone"}),
        ("/cpu", "/cpu", {"/cpu: to become 9 in the reviewed plan, 2 now"}),
    ],
)
def test_a_creation_is_the_reviewed_one_in_every_field(
    before: str, after: str, told: set[str]
) -> None:
    """One more, one less, another value: none of them is created."""
    wanted = desired(CREATED)
    then = bound(wanted, RUNTIME, decide(wanted, Absent(), RUNTIME))
    changes = {path: shown for path, shown in then.reviewed.changes.items() if path != before}
    changes[after] = {"to": 9}
    edited = replace(then, reviewed=replace(then.reviewed, changes=changes))
    found = hold(wanted, Absent(), RUNTIME, Options(), edited)
    assert isinstance(found.decision.plan, Blocked)
    assert set(found.moved) == told


def test_what_is_shown_of_a_value_that_is_not_bound_still_counts() -> None:
    """The names of hidden variables are public, so one that came refuses without a key as well."""
    then = live({**BASE, "environmentVariables": {"A": "1", "B": "2"}})
    now = live({**BASE, "environmentVariables": {"A": "1"}})
    found = held({"environmentVariables": None}, then, now)
    (told,) = found.moved
    assert told.startswith(
        '/environmentVariables: {"A": "(hidden)", "B": "(hidden)"} when the plan'
    )
    assert not held({"environmentVariables": None}, then, then).moved
    shown = Options(show_live_values=True)
    assert not held({"environmentVariables": None}, then, then, options=shown).moved


def test_a_creation_from_another_manifest_is_no_longer_the_reviewed_one() -> None:
    """All of what a creation sends is the plan's own, so each value is held against it."""
    then = bound(desired(CREATED), RUNTIME, decide(desired(CREATED), Absent(), RUNTIME))
    other = desired({**CREATED, "cpu": 4, "description": "more"})
    found = hold(other, Absent(), RUNTIME, Options(), then)
    assert found.moved == (
        "/description: not in the reviewed plan",
        "/cpu: to become 2 in the reviewed plan, 4 now",
    )


def test_an_agent_of_the_same_name_with_another_id_refuses() -> None:
    """Somebody deleted it and made another one: that was not reviewed."""
    wanted = desired(NEW)
    reviewed = bound(wanted, RUNTIME, decide(wanted, live(OLD), RUNTIME))
    now = replace(live(OLD), id="ar-2")
    found = hold(wanted, now, RUNTIME, Options(), reviewed)
    assert found.moved == ("it is another agent than when the plan was made (ar-1 then, ar-2 now)",)
