"""Secrets that no read shows: one fingerprint says whether they are still as declared."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.differ.decide import Decision, decide
from reconciler.differ.fingerprint import DIFFER, compare_all, secret_tags
from reconciler.differ.options import Options
from reconciler.differ.verify import Bystanders, bystanders
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.ignore import Ignore
from reconciler.model.live import Absent
from reconciler.model.manifest import Address
from reconciler.model.plan import Create, InSync, Update
from reconciler.model.sealed import Sealed
from tests.support.differ import BASE
from tests.support.shapes import RUNTIME, desired, live

RULES = replace(RUNTIME, secret_tag=True)
KEY = Fingerprinter(Sealed("a key of some length, canary-key"))
OTHER = Fingerprinter(Sealed("another key, just as long as it"))

TREE: dict[str, Any] = {
    **BASE,
    "description": "old",
    "container": {"image": "v1", "auth": {"userName": "bob", "password": "abc***"}},
    "systemTags": ["team-a"],
}


def _password(text: str | None, **more: Any) -> dict[str, Any]:
    return {"container": {"auth": {"password": Sealed(text, "env:PASSWORD")}}, **more}


def _decide(
    spec: dict[str, Any],
    tree: dict[str, Any],
    key: Fingerprinter | None = KEY,
    **options: Any,
) -> Decision:
    return decide(desired(spec), live(tree), RULES, Options(fingerprinter=key, **options))


def _body(decision: Decision) -> dict[str, Any]:
    assert decision.body is not None, decision.plan
    return decision.body


def _after(spec: dict[str, Any], tree: dict[str, Any] = TREE, **options: Any) -> dict[str, Any]:
    """The agent after its secrets were sent; masks and write-only fields as reads show them."""
    body = _body(_decide(spec, tree, resend_secrets=True, **options))
    return {**tree, "systemTags": body.get("systemTags", tree.get("systemTags"))}


def _tag(tree: dict[str, Any]) -> str:
    (tag,) = secret_tags(tree["systemTags"])
    return tag


def test_equal_secrets_are_in_sync_and_nothing_is_said_of_them() -> None:
    """With the tag of the same key and the same values, nothing differs and nothing is unknown."""
    spec = _password("CANARY")
    plan = _decide(spec, _after(spec)).plan
    assert isinstance(plan, InSync)
    assert plan.about.unobservable == ()


def test_another_secret_is_one_change_and_is_sent_with_its_new_tag() -> None:
    """The object goes whole with the new value; the tag that was true until now is replaced."""
    before = _after(_password("old"))
    decision = _decide(_password("CANARY"), before)
    assert isinstance(decision.plan, Update)
    (change,) = decision.plan.changes
    assert change.path == "/container/auth/password"
    assert (change.before, change.after, change.note) == ("(sealed)", "(sealed)", DIFFER)
    body = _body(decision)
    assert set(body) == {"cpu", "memory", "port", "container", "systemTags"}
    assert body["container"]["auth"]["password"].reveal() == "CANARY"
    assert body["systemTags"][0] == "team-a"
    assert _tag(body) != _tag(before)
    assert decision.paths == {"/container/auth/password"}
    assert decision.plan.patch == ({"op": "replace", "path": change.path, "value": "(sealed)"},)
    assert isinstance(_decide(_password("CANARY"), {**before, **body}).plan, InSync)


def test_of_several_secrets_it_is_not_known_which_moved_and_all_are_sent() -> None:
    """One change for the agent, which says so and names the others."""
    spec = _password("p", arms={"key": Sealed("k")})
    before = _after(spec)
    decision = _decide({**spec, "arms": {"key": Sealed("CANARY")}}, before)
    assert isinstance(decision.plan, Update)
    (change,) = decision.plan.changes
    assert change.path == "/arms/key"
    assert change.note == f"{DIFFER}; this one, /container/auth/password, or several: all are sent"
    assert {"container", "arms"} <= set(_body(decision))
    reordered = dict(reversed(spec.items()))
    assert isinstance(_decide(reordered, before).plan, InSync)


def test_a_secret_that_is_no_longer_declared_is_not_called_a_changed_value() -> None:
    """One fingerprint covers all: what is left may be as it was, and the note says so."""
    both = _password("a", arms={"key": Sealed("b", "env:KEY")})
    plan = _decide(_password("a"), _after(both)).plan
    assert isinstance(plan, Update)
    (change,) = plan.changes
    assert change.note.endswith("a value changed, or which are declared")


def test_what_stands_beside_a_secret_in_a_write_only_object_is_compared_along() -> None:
    """No read shows it either, so the fingerprint is made of it as well."""
    before = _after({"arms": {"key": Sealed("k"), "on": False}})
    assert isinstance(_decide({"arms": {"key": Sealed("k"), "on": False}}, before).plan, InSync)
    moved = _decide({"arms": {"key": Sealed("k"), "on": True}}, before)
    assert isinstance(moved.plan, Update)
    assert moved.plan.changes[0].path == "/arms/key"
    assert moved.plan.patch == ()  # the read has no such place


def test_a_secret_that_is_to_be_cleared_is_vouched_for_by_nobody() -> None:
    """null is no value: it is in no fingerprint and stays what cannot be compared."""
    spec = {"container": {"auth": {"password": None}}, "arms": {"key": Sealed("k")}}
    plan = _decide(spec, _after(spec)).plan
    assert isinstance(plan, InSync)
    assert [path for path, _ in plan.about.unobservable] == ["/container/auth/password"]
    assert plan.about.proved == ("/arms",)


def test_write_only_values_without_a_secret_need_no_fingerprint() -> None:
    """Nothing secret is declared: no tag is written."""
    body = _body(_decide({"arms": {"on": True}, "description": "new"}, TREE))
    assert "systemTags" not in body


@pytest.mark.parametrize(
    ("key", "tags", "told"),
    [
        (None, None, "RECONCILE_FINGERPRINT_KEY is not set"),
        (OTHER, None, "another key"),
        (KEY, [], "no fingerprint is kept yet"),
        (KEY, ["reconcile-secret-"], "none"),
        (KEY, ["reconcile-secret-zzzzzzzz-" + "0" * 32], "none"),
        (KEY, [f"reconcile-secret-{KEY.key_id}-" + "0" * 31], "none"),
        (KEY, [f"reconcile-secret-{KEY.key_id}-{n * 32}" for n in "01"], "2 tags"),
    ],
)
def test_without_a_fingerprint_of_this_key_it_cannot_be_compared(
    key: Fingerprinter | None, tags: list[str] | None, told: str
) -> None:
    """Another key, no key, no tag or a damaged one: said, and no reason to write anything."""
    spec = _password("CANARY")
    tree = _after(spec) if tags is None else {**TREE, "systemTags": tags}
    plan = _decide(spec, tree, key).plan
    assert isinstance(plan, InSync)
    ((path, reason),) = plan.about.unobservable
    assert path == "/container/auth/password"
    assert told in reason


def test_an_edited_fingerprint_is_a_difference() -> None:
    """The form is right and the key is ours: the values are sent, and the tag is true again."""
    tags = [f"reconcile-secret-{KEY.key_id}-" + "0" * 32]
    decision = _decide(_password("CANARY"), {**TREE, "systemTags": tags})
    assert isinstance(decision.plan, Update)
    assert _body(decision)["systemTags"] == secret_tags(_after(_password("CANARY"))["systemTags"])


@pytest.mark.parametrize("tags", [None, "text", 3, {"a": "b"}, [None, 3, ["x"]]])
def test_tags_of_another_form_are_no_crash(tags: Any) -> None:
    """Whatever stands where tags should: nothing is proved by it."""
    plan = _decide(_password("CANARY"), {**TREE, "systemTags": tags}).plan
    assert isinstance(plan, InSync)
    assert plan.about.unobservable


def test_a_secret_without_a_value_cannot_be_compared() -> None:
    """A plan on a machine without the secret says which one is missing."""
    plan = _decide(_password(None), _after(_password("x"))).plan
    assert isinstance(plan, InSync)
    ((_, reason),) = plan.about.unobservable
    assert reason.endswith("env:PASSWORD has no value here")


def test_the_tag_goes_along_when_something_is_written_anyway() -> None:
    """It is proved already, so any write may say it again; other tags stay as they were read."""
    spec = _password("CANARY", description="new")
    before = _after(_password("CANARY"))
    body = _body(_decide(spec, before))
    assert set(body) == {"cpu", "memory", "port", "description", "systemTags"}
    assert body["systemTags"] == before["systemTags"]


def test_a_write_without_the_secrets_does_not_claim_that_they_were_sent() -> None:
    """No tag yet, and only the description goes: the tag waits for a write that has them."""
    body = _body(_decide(_password("CANARY", description="new"), TREE))
    assert "systemTags" not in body
    both = _password("CANARY", description="new", arms={"key": Sealed("k")})
    partly = _body(_decide(both, TREE))
    assert "arms" in partly
    assert "systemTags" not in partly


@pytest.mark.parametrize("key", [None, OTHER])
def test_a_tag_that_a_write_makes_doubtful_is_taken_away(key: Fingerprinter | None) -> None:
    """Secrets go out and this run has no key, or another: the old tag would vouch for them."""
    before = _after(_password("old"))
    spec = {"container": {"image": "v2", "auth": {"password": Sealed("CANARY")}}}
    body = _body(_decide(spec, before, key))
    assert before["systemTags"][0] == body["systemTags"][0] == "team-a"
    assert _tag(before) not in body["systemTags"]
    assert len(body["systemTags"]) == (1 if key is None else 2)
    untouched = _body(_decide(_password("CANARY", description="new"), before, key))
    assert "systemTags" not in untouched


def test_declared_tags_and_the_fingerprint_go_together() -> None:
    """The user's list is held; ours stands behind it, and neither is a difference of the other."""
    spec = _password("CANARY", systemTags=["mine"])
    body = _body(_decide(spec, TREE, resend_secrets=True))
    assert body["systemTags"][0] == "mine"
    assert len(body["systemTags"]) == 2
    assert isinstance(_decide(spec, {**TREE, **body}).plan, InSync)


def test_a_new_agent_gets_its_tag_with_its_secrets() -> None:
    """What creates it sends them all; the next plan is silent."""
    spec = {**BASE, "artifactType": "Container", **_password("CANARY", arms={"key": Sealed("k")})}
    decision = decide(desired(spec), Absent(), RULES, Options(fingerprinter=KEY))
    assert isinstance(decision.plan, Create)
    tree = {**_body(decision), "container": {"auth": {"password": "abc***"}}}
    del tree["arms"]
    plan = _decide(spec, tree).plan
    assert isinstance(plan, InSync)
    assert plan.about.unobservable == ()
    assert "/systemTags" not in [change.path for change in decision.plan.changes]


def test_asked_for_they_are_sent_though_they_are_the_same() -> None:
    """--resend-secrets is for the console user who changed one: the tag cannot know."""
    spec = _password("CANARY")
    decision = _decide(spec, _after(spec), resend_secrets=True)
    assert isinstance(decision.plan, Update)
    assert "container" in _body(decision)


def test_where_the_tag_is_switched_off_nothing_is_kept_or_believed() -> None:
    """No tag is written, and one from before vouches for nothing."""
    before = _after(_password("CANARY"))
    off = replace(RULES, secret_tag=False)
    options = Options(fingerprinter=KEY)
    plan = decide(desired(_password("CANARY")), live(before), off, options).plan
    assert isinstance(plan, InSync)
    assert plan.about.unobservable == (
        ("/container/auth/password", "a secret that no read shows in clear"),
    )
    sent = decide(
        desired(_password("new")), live(before), off, replace(options, resend_secrets=True)
    )
    assert _body(sent)["systemTags"] == ["team-a"]


def _ignoring(*path: str) -> tuple[Ignore, ...]:
    return (Ignore("/" + "/".join(path), tuple((t,) for t in path), "", "r.yaml:1:1"),)


@pytest.mark.parametrize("path", [("container",), ("container", "auth", "password")])
def test_an_ignored_secret_is_no_difference(path: tuple[str, ...]) -> None:
    """A rule for its path, or for what is around it, leaves it out of the fingerprint."""
    before = _after(_password("old"))
    one = desired(_password("new"), ignore=_ignoring(*path))
    plan = decide(one, live(before), RULES, Options(fingerprinter=KEY)).plan
    assert isinstance(plan, InSync)
    assert not compare_all(one, before, RULES, KEY).differences
    words = desired(_password("old", description="new"), ignore=_ignoring("description"))
    assert not compare_all(words, before, RULES, KEY).differences


def test_what_is_ignored_beside_a_secret_is_in_no_fingerprint_of_it() -> None:
    """From its creation on: whatever the manifest says there, the secret alone counts."""
    whole = {**BASE, "artifactType": "Code", "arms": {"key": Sealed("k"), "on": True}}
    ignore, options = _ignoring("arms", "on"), Options(fingerprinter=KEY)
    created = decide(desired(whole, ignore=ignore), Absent(), RULES, options)
    tree = {name: value for name, value in _body(created).items() if name != "arms"}
    moved = {**whole, "arms": {"key": Sealed("k"), "on": False}}
    for spec in (whole, moved):
        plan = decide(desired(spec, ignore=ignore), live(tree), RULES, options).plan
        assert isinstance(plan, InSync), spec
        assert plan.about.unobservable == ()


def test_an_object_that_goes_whole_says_it_already() -> None:
    """Where its object is new, the secret in it is not told twice."""
    before = _after(_password("old"))
    bare = {**before, "container": {"image": "v1"}}
    spec = {"container": {"auth": {"userName": "bob", "password": Sealed("CANARY")}}}
    plan = _decide(spec, bare).plan
    assert isinstance(plan, Update)
    assert [change.path for change in plan.changes] == ["/container/auth"]
    both = _decide({**spec, "arms": {"key": Sealed("k")}}, bare).plan
    assert isinstance(both, Update)
    assert len(both.changes) == 2
    assert [c.path for c in both.changes] == ["/container/auth", "/arms/key"]


def test_nothing_shown_holds_a_secret_a_key_or_a_whole_fingerprint() -> None:
    """Of the fingerprint a plan shows what tells two apart, and no more."""
    decision = _decide(_password("CANARY"), _after(_password("old")))
    text = repr(decision.plan) + repr(KEY) + repr(Options(fingerprinter=KEY))
    tag = _tag(_body(decision))
    for hidden in ("CANARY", "canary-key", tag, tag[-24:]):
        assert hidden not in text
    assert tag[:-24] in text


def test_our_tag_alone_is_nothing_that_somebody_does_not_manage() -> None:
    """It is ours: neither not managed, nor a change that somebody else made."""
    tree = {**_after(_password("CANARY")), "systemTags": [_tag(_after(_password("CANARY")))]}
    assert "/systemTags" not in _decide(_password("CANARY"), tree).plan.about.not_managed
    sent = {"systemTags": ["team-a", "reconcile-secret-x"]}
    before, after = {"systemTags": ["team-a"]}, {"systemTags": ["team-a", "reconcile-secret-x"]}
    assert bystanders(before, after, sent, {}, RULES) == Bystanders()
    assert bystanders(after, before, {"systemTags": ["team-a"]}, {}, RULES) == Bystanders()
    ours = {"systemTags": ["reconcile-secret-x"]}
    assert bystanders(ours, {"systemTags": []}, {}, {}, RULES).gone == ("/systemTags",)
    assert bystanders(ours, {"systemTags": []}, {"systemTags": []}, {}, RULES) == Bystanders()
    assert bystanders(before, {"systemTags": ["x"]}, sent, {}, RULES).moved == ("/systemTags",)


def test_equal_secrets_of_two_agents_do_not_look_equal() -> None:
    """A fingerprint is bound to its agent, and to its key."""
    values = [["/container/auth/password", Sealed("CANARY")]]
    owner = ("example/v1", "Runtime", "bot")
    one = KEY.fingerprint(owner, values)
    assert one == KEY.fingerprint(owner, values)
    assert one != KEY.fingerprint(("example/v1", "Runtime", "bat"), values)
    assert one != OTHER.fingerprint(owner, values)
    assert KEY.key_id != OTHER.key_id
    elsewhere = replace(desired(_password("x")), address=Address("example/v1", "Runtime", "bat"))
    tree = _after(_password("x"))
    assert compare_all(elsewhere, tree, RULES, KEY).differences
    assert not compare_all(desired(_password("x")), tree, RULES, KEY).differences


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(JSON, JSON)
def test_fingerprints_are_equal_just_where_values_are(left: Any, right: Any) -> None:
    """As the walker sees them: 2 is 2.0, true is not 1, and no text is taken for a structure."""
    from reconciler.differ.values import same

    prints = [KEY.fingerprint(("o",), value) for value in (left, right)]
    assert (prints[0] == prints[1]) == same(left, right)


def test_text_cannot_pass_for_structure() -> None:
    """The lengths stand before what they count, so no secret can end early."""
    assert KEY.fingerprint(("o",), ["ab", "c"]) != KEY.fingerprint(("o",), ["a", "bc"])
    assert KEY.fingerprint(("o",), ["as1:b"]) != KEY.fingerprint(("o",), ["a", "b"])
    assert KEY.fingerprint(("o",), ["asb"]) != KEY.fingerprint(("o",), ["a", "b"])
    assert KEY.fingerprint(("o",), "\ud800") != KEY.fingerprint(("o",), "?")
    assert KEY.fingerprint(("o",), Sealed("x")) == KEY.fingerprint(("o",), "x")


def test_spelling_does_not_count() -> None:
    """The order of members and the spelling of a number are no content; types are."""
    one = KEY.fingerprint(("o",), {"a": 2, "b": True})
    assert one == KEY.fingerprint(("o",), {"b": True, "a": 2.0})
    assert one != KEY.fingerprint(("o",), {"a": 2, "b": 1})
    assert one != KEY.fingerprint(("o",), {"a": "2", "b": True})


def test_a_short_key_is_refused() -> None:
    """Fifteen characters are too few, sixteen are taken."""
    with pytest.raises(ValueError, match="at least 16"):
        Fingerprinter(Sealed("k" * 15))
    assert len(Fingerprinter(Sealed("k" * 16)).key_id) == 8
