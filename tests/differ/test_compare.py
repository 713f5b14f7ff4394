"""What counts as a difference, and what does not."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.differ.compare import CLEARS, compare
from reconciler.differ.values import is_unset, same
from reconciler.model.plan import NOTHING
from reconciler.model.rules import Field, Shape
from reconciler.model.sealed import Sealed
from tests.support.shapes import PROMPT, RUNTIME

EQUAL: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("an absent field is not ours", {}, {"cpu": 4, "description": "by hand"}),
    ("2 is 2.0", {"cpu": 2}, {"cpu": 2.0}),
    ("an empty text is an unset one", {"description": ""}, {}),
    ("null asks for what is already so", {"description": None}, {"description": ""}),
    ("an empty object is an unset one", {"container": {}}, {}),
    ("zero values below make an object unset", {"container": {"image": ""}}, {"container": None}),
    ("the cloud shows zero for an unset disk", {"diskSize": 0}, {}),
    ("false is an unset switch", {"isolated": False}, {}),
    ("an alias", {"affinity": "COOKIE"}, {"affinity": "GENERATED_COOKIE"}),
    ("the order of tags", {"systemTags": ["a", "b"]}, {"systemTags": ["b", "a"]}),
    ("our own tags", {"systemTags": ["a"]}, {"systemTags": ["reconcile-owner-1", "a"]}),
    ("null in a map held whole", {"environmentVariables": {"A": None}}, {}),
    (
        "members of an object that are not declared",
        {"container": {"image": "v1"}},
        {"container": {"image": "v1", "command": ["run"], "acr": "x"}},
    ),
    (
        "a mask",
        {"container": {"auth": {"password": Sealed("new")}}},
        {"container": {"auth": {"password": "abc***"}}},
    ),
    ("a write-only field", {"arms": {"key": Sealed("k")}}, {}),
    ("an action flag", {"forceEvict": True}, {}),
    ("what the cloud computes", {"status": "READY"}, {"status": "FAILED"}),
    ("a field that a read may leave out", {"protocol": {"type": "HTTP"}}, {}),
    (
        "keyed lists in another order, defaults filled in",
        {"mounts": [{"dir": "/a"}, {"dir": "/b"}]},
        {"mounts": [{"dir": "/b", "readOnly": False}, {"dir": "/a", "readOnly": False}]},
    ),
    (
        "a sealed value that the read shows",
        {"environmentVariables": {"K": Sealed("s")}},
        {"environmentVariables": {"K": "s"}},
    ),
]

DIFFERENT: list[tuple[str, dict[str, Any], dict[str, Any], str, Any, Any]] = [
    ("a number", {"cpu": 4}, {"cpu": 2}, "/cpu", 2, 4),
    ("true is not 1", {"cpu": True}, {"cpu": 1}, "/cpu", 1, True),
    ("text is not a number", {"description": "2"}, {"description": 2}, "/description", 2, "2"),
    ("case", {"description": "Bot"}, {"description": "bot"}, "/description", "bot", "Bot"),
    (
        "composed and decomposed",
        {"description": "\u00e9"},
        {"description": "e\u0301"},
        "/description",
        "e\u0301",
        "\u00e9",
    ),
    (
        "a member",
        {"container": {"image": "v2"}},
        {"container": {"image": "v1"}},
        "/container/image",
        "v1",
        "v2",
    ),
    (
        "an object that is not there",
        {"container": {"image": "v2"}},
        {},
        "/container",
        NOTHING,
        {"image": "v2"},
    ),
    (
        "a new variable",
        {"environmentVariables": {"A": "1"}},
        {},
        "/environmentVariables/A",
        NOTHING,
        "1",
    ),
    (
        "a variable that nobody declares",
        {"environmentVariables": {}},
        {"environmentVariables": {"A": "1"}},
        "/environmentVariables/A",
        "1",
        NOTHING,
    ),
    (
        "a list",
        {"container": {"command": ["a", "b"]}},
        {"container": {"command": ["b", "a"]}},
        "/container/command",
        ["b", "a"],
        ["a", "b"],
    ),
    ("a tag", {"systemTags": ["a"]}, {"systemTags": ["b"]}, "/systemTags", ["b"], ["a"]),
    (
        "a tag twice",
        {"systemTags": ["a", "a"]},
        {"systemTags": ["a", "b"]},
        "/systemTags",
        ["a", "b"],
        ["a", "a"],
    ),
    (
        "an element by its key",
        {"mounts": [{"dir": "/a", "readOnly": True}]},
        {"mounts": [{"dir": "/a", "readOnly": False}]},
        "/mounts/0/readOnly",
        False,
        True,
    ),
    (
        "an element more",
        {"mounts": [{"dir": "/a"}, {"dir": "/b"}]},
        {"mounts": [{"dir": "/a"}]},
        "/mounts",
        [{"dir": "/a"}],
        [{"dir": "/a"}, {"dir": "/b"}],
    ),
    ("clearing a text", {"description": None}, {"description": "x"}, "/description", "x", ""),
    (
        "clearing a map",
        {"environmentVariables": None},
        {"environmentVariables": {"A": "1"}},
        "/environmentVariables",
        {"A": "1"},
        {},
    ),
    (
        "a live value of another type",
        {"container": {"image": "v"}},
        {"container": "odd"},
        "/container",
        "odd",
        {"image": "v"},
    ),
    (
        "a field that a read does show",
        {"protocol": {"type": "HTTP"}},
        {"protocol": {"type": "MCP"}},
        "/protocol/type",
        "MCP",
        "HTTP",
    ),
]


@pytest.mark.parametrize(("what", "want", "have"), EQUAL, ids=[e[0] for e in EQUAL])
def test_what_means_the_same_is_no_difference(
    what: str, want: dict[str, Any], have: dict[str, Any]
) -> None:
    """Spellings of the same state are equal, so nothing restarts for them."""
    assert compare(want, have, RUNTIME).differences == [], what


@pytest.mark.parametrize(
    ("what", "want", "have", "path", "before", "after"), DIFFERENT, ids=[d[0] for d in DIFFERENT]
)
def test_what_differs_is_told_at_its_path(
    what: str, want: dict[str, Any], have: dict[str, Any], path: str, before: Any, after: Any
) -> None:
    """Each difference is one entry with its path and both values."""
    (found,) = compare(want, have, RUNTIME).differences
    assert found.path == path, what
    assert found.before is before or same(found.before, before)
    assert found.after is after or same(found.after, after)


def test_clearing_says_that_no_page_describes_it() -> None:
    """A cleared field carries the note that the effect is undocumented."""
    (found,) = compare({"description": None}, {"description": "x"}, RUNTIME).differences
    assert found.note == CLEARS


@pytest.mark.parametrize(
    ("spec", "have"),
    [({"cpu": None}, {"cpu": 2}), ({"container": None}, {"container": {"image": "v1"}})],
)
def test_what_has_no_empty_value_cannot_be_cleared(
    spec: dict[str, Any], have: dict[str, Any]
) -> None:
    """Numbers and objects have no documented empty value: the change is blocked."""
    found = compare(spec, have, RUNTIME)
    assert len(found.blocked) == 1
    assert "no documented way to clear this" in found.blocked[0]


def test_an_immutable_field_blocks() -> None:
    """A field that no update changes blocks as soon as it differs, and only then."""
    assert compare({"artifactType": "Code"}, {"artifactType": "Code"}, RUNTIME).blocked == []
    (reason,) = compare({"artifactType": "Code"}, {"artifactType": "Container"}, RUNTIME).blocked
    assert reason.startswith("/artifactType")


def test_an_unset_secret_cannot_be_compared_and_is_no_drift() -> None:
    """A reference without a value here is reported as such, never as a difference."""
    want = {"environmentVariables": {"K": Sealed(None, "env:K"), "A": "1"}}
    found = compare(want, {"environmentVariables": {"K": "live", "A": "1"}}, RUNTIME)
    assert found.differences == []
    ((path, reason),) = found.unobservable
    assert path == "/environmentVariables/K"
    assert "env:K" in reason


def test_json_documents_are_compared_by_member() -> None:
    """A JSON string is parsed: only a declared member that differs is a difference."""
    have = {"properties": {"model_setting": '{"top_p":0.3,"temperature":0.30,"max":1}'}}
    equal = {"properties": {"model_setting": {"temperature": 0.3}}}
    assert compare(equal, have, PROMPT).differences == []
    assert (
        compare({"properties": {"model_setting": '{"top_p": 0.3}'}}, have, PROMPT).differences == []
    )
    other = {"properties": {"model_setting": {"temperature": 0.5}}}
    (found,) = compare(other, have, PROMPT).differences
    assert (found.path, found.before, found.after) == (
        "/properties/model_setting/temperature",
        0.3,
        0.5,
    )


def test_a_document_that_is_no_json_is_replaced_whole() -> None:
    """A live text that cannot be decoded differs as a whole and breaks nothing."""
    (found,) = compare(
        {"properties": {"model_setting": {"top_p": 1}}},
        {"properties": {"model_setting": "{odd"}},
        PROMPT,
    ).differences
    assert (found.path, found.before) == ("/properties/model_setting", "{odd")


def test_undescribed_values_are_explained_by_leaf() -> None:
    """Where no page describes a value, the leaves that differ are found all the same."""
    want = {"properties": {"tools": [{"id": 1, "on": True}, {"id": 2}]}}
    have = {"properties": {"tools": [{"id": 1, "on": 1}, {"id": 2}]}}
    found = compare(want, have, PROMPT).differences
    assert len(found) == 1
    assert found[0].path in ("/properties/tools", "/properties/tools/0/on")


_scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-2, 2) | st.text(max_size=3)
_trees = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(_trees)
def test_every_value_is_the_same_as_itself(value: Any) -> None:
    """Equality is reflexive over all JSON values."""
    assert same(value, copy.deepcopy(value))


@given(_trees, _trees)
def test_equality_is_symmetric(left: Any, right: Any) -> None:
    """Which side is live makes no difference to whether it differs."""
    assert same(left, right) == same(right, left)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "cpu",
                "description",
                "mounts",
                "systemTags",
                "container",
                "unknown",
                "environmentVariables",
            ]
        ),
        _trees,
        max_size=4,
    )
)
def test_a_state_never_differs_from_itself(tree: dict[str, Any]) -> None:
    """Whatever the cloud shows, declaring just that is in sync (law: plan(x, x))."""
    want = {name: value for name, value in tree.items() if value is not None}
    assert compare(want, copy.deepcopy(tree), RUNTIME).differences == []


def test_an_empty_variable_that_nobody_declared_goes_away() -> None:
    """A map is held whole: "" is a value of a variable, null is none."""
    want = {"environmentVariables": {"A": "1"}}
    found = compare(want, {"environmentVariables": {"A": "1", "EMPTY": "", "N": None}}, RUNTIME)
    (difference,) = found.differences
    assert (difference.path, difference.before) == ("/environmentVariables/EMPTY", "")
    assert difference.after is NOTHING


def test_a_rule_may_list_a_word_for_unset() -> None:
    """What a cloud shows where nothing is set is what the field's rule lists, and no more."""
    field = Field(Shape.STRING, unset=("", "NONE"))
    assert [text for text in ("", "NONE", "none", "x", "{}") if is_unset(field, text)] == [
        "",
        "NONE",
    ]
