"""The cheap look says nothing that the walk would not say, and equal pairs are never explained."""

from typing import Any

import deepdiff
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.differ import compare as walk
from reconciler.differ.compare import Comparison, compare
from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.differ.quick import all_surely_equal
from reconciler.model.live import Health
from reconciler.model.plan import InSync
from reconciler.model.sealed import Sealed
from tests.differ.test_corpus import DIFFERENT, EQUAL, RULES, decided
from tests.support.differ import BASE
from tests.support.shapes import RUNTIME, desired, live
from tests.support.states import property_specs, runtime_specs, runtime_states

ATOMS: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, 1, 1.0, 2, 2.5, "", "1", "true", [], ["a"], [1], [True], {}]
)
VALUES = st.recursive(
    ATOMS, lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=4
)
NAMES = st.sampled_from([*RULES["agentrun"].root.members, "unknown"])


def found(comparison: Comparison) -> tuple[Any, ...]:
    """All that a comparison says."""
    return (comparison.paths, comparison.unobservable, comparison.blocked)


def walked(monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> tuple[Any, ...]:
    """What the walk alone finds."""
    with monkeypatch.context() as patched:
        patched.setattr(walk, "surely_equal", lambda *_: False)
        return found(compare(*arguments))


@settings(max_examples=400, deadline=None)
@given(
    spec=st.dictionaries(NAMES, VALUES, max_size=3), tree=st.dictionaries(NAMES, VALUES, max_size=3)
)
def test_the_look_agrees_with_the_walk_on_anything(spec: Any, tree: Any) -> None:
    """For any two trees, of whatever types: what it calls equal the walk calls equal."""
    with pytest.MonkeyPatch.context() as patch:
        expected = walked(patch, spec, tree, RULES["agentrun"])
        assert found(compare(spec, tree, RULES["agentrun"])) == expected
        if all_surely_equal(spec, tree, RULES["agentrun"]):
            assert expected == (set(), [], [])


@settings(max_examples=150, deadline=None)
@given(spec=runtime_specs(), tree=runtime_states())
def test_it_agrees_on_states_of_runtimes(spec: Any, tree: Any) -> None:
    """The same for states as the pages describe them, and for the state itself."""
    with pytest.MonkeyPatch.context() as patch:
        for want in (spec, tree):
            expected = walked(patch, want, tree, RULES["agentrun"])
            assert found(compare(want, tree, RULES["agentrun"])) == expected


@settings(max_examples=100, deadline=None)
@given(one=property_specs(), other=property_specs())
def test_it_agrees_on_properties(one: Any, other: Any) -> None:
    """And for properties, mappings on our side and objects on the other."""
    with pytest.MonkeyPatch.context() as patch:
        for want in (one, other):
            pair = ({"properties": want}, {"properties": other}, RULES["appstage"])
            assert found(compare(*pair)) == walked(patch, *pair)


def test_equal_pairs_are_never_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pair of the corpus that is equal reaches the library that explains, different ones do."""
    calls: list[object] = []
    real = deepdiff.DeepDiff

    def counted(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        return real(*arguments, **options)

    monkeypatch.setattr(deepdiff, "DeepDiff", counted)
    for cloud, case in EQUAL:
        assert isinstance(decided(cloud, case).plan, InSync)
    assert calls == []
    for cloud, case in DIFFERENT:
        decided(cloud, case)
    assert calls != []


WHOLE = Options(unmanaged=True)


@pytest.mark.parametrize("health", list(Health))
def test_the_short_way_says_what_the_long_way_says(health: Health) -> None:
    """An agent in sync has the same entry, whether it was looked at or walked: notes and all."""
    tree = {**BASE, "description": "d", "diskSize": 1}
    plain = decide(desired(BASE), live(tree, health), RUNTIME, WHOLE)
    # A rule that meets nothing sends it the long way round.
    from tests.support.ignoring import rules

    long = decide(desired(BASE, ignore=rules("/nothing")), live(tree, health), RUNTIME, WHOLE)
    assert plain == long


def test_what_is_not_managed_can_be_left_out() -> None:
    """A plan that nobody asks for it does not look for it; a difference is told with it anyway."""
    tree = {**BASE, "description": "d"}
    short = Options(unmanaged=False)
    assert decide(desired(BASE), live(tree), RUNTIME, short).plan.about.not_managed == ()
    assert decide(desired(BASE), live(tree), RUNTIME).plan.about.not_managed == ("/description",)
    differs = decide(desired({**BASE, "cpu": 9}), live(tree), RUNTIME, short)
    assert differs.plan.about.not_managed == ("/description",)


def test_what_names_the_agent_is_no_field_of_it() -> None:
    """`agentId` stands in no read, and the look does not stumble over it."""
    spec = {"agentId": "1", "properties": {"name": "n"}}
    assert all_surely_equal(spec, {"properties": {"name": "n"}}, RULES["appstage"])
    assert not all_surely_equal(spec, {"properties": {"name": "m"}}, RULES["appstage"])


def test_a_secret_is_compared_by_the_walk() -> None:
    """The look knows nothing of sealed values: it never calls one equal."""
    spec = {"environmentVariables": {"KEY": Sealed("v", "env:KEY")}}
    tree = {"environmentVariables": {"KEY": "v"}}
    assert not all_surely_equal(spec, tree, RULES["agentrun"])
    assert compare(spec, tree, RULES["agentrun"]).differences == []


def test_what_no_read_need_show_is_never_equal_at_a_glance() -> None:
    """An archive that a read happens to show as it is declared is told as unobservable still."""
    spec = {"codeConfiguration": {"zipFile": "UEsDBA=="}}
    assert not all_surely_equal(spec, spec, RULES["agentrun"])
    assert [path for path, _ in compare(spec, spec, RULES["agentrun"]).unobservable] == [
        "/codeConfiguration/zipFile"
    ]
