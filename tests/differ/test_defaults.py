"""Values for creating alone: where they are laid, and what is told of them."""

from typing import Any

from reconciler.differ.defaults import creation_note, kept_note, with_defaults
from reconciler.model.manifest import CreateDefaults
from tests.support.shapes import desired

DEFAULTS = CreateDefaults(
    "the-tool",
    {"cpu": 2, "network": {"mode": "PUBLIC", "vpc": {"id": "v"}}, "code": {"language": "python"}},
    {"health": {"path": "/ping", "tls": {"on": True}}},
)


def whole(spec: dict[str, Any]) -> dict[str, Any]:
    """What an agent of this spec is made with."""
    return with_defaults(desired(spec, create_defaults=DEFAULTS)).spec


def test_silence_is_filled_and_what_is_said_stays() -> None:
    """In objects member by member, at any depth."""
    assert whole({}) == DEFAULTS.tree
    assert whole({"cpu": 4, "network": {"vpc": {"name": "n"}}}) == {
        "cpu": 4,
        "network": {"vpc": {"name": "n", "id": "v"}, "mode": "PUBLIC"},
        "code": {"language": "python"},
    }


def test_a_null_and_another_shape_are_no_silence() -> None:
    """They ask for something, so nothing is laid under them."""
    spec: dict[str, Any] = {"cpu": None, "network": None, "code": "x", "health": "x"}
    assert whole(spec) == spec


def test_members_within_an_object_wait_for_the_object() -> None:
    """Without it there is none to be filled."""
    assert "health" not in whole({})
    assert whole({"health": {"path": "/"}})["health"] == {"path": "/", "tls": {"on": True}}
    assert whole({"health": {}})["health"] == {"path": "/ping", "tls": {"on": True}}


def test_nothing_else_of_what_is_wanted_changes() -> None:
    """The manifest's own spec stays as it is; without defaults it is the same object."""
    given = desired({"network": {}}, create_defaults=DEFAULTS, labels={"team": "a"})
    made = with_defaults(given)
    assert given.spec == {"network": {}}
    assert (made.address, made.place, made.labels) == (given.address, given.place, {"team": "a"})
    plain = desired({"cpu": 1})
    assert with_defaults(plain) is plain


def test_a_creation_tells_which_of_a_field_is_a_default() -> None:
    """All of it, members of it, or nothing."""
    given = desired({"network": {"vpc": {}}, "cpu": 4}, create_defaults=DEFAULTS)
    told = "default of the-tool, used for creating only"
    assert creation_note(given, "code") == told
    assert creation_note(given, "network") == f"vpc.id, mode: {told}"
    assert creation_note(given, "cpu") == ""
    assert creation_note(given, "other") == ""
    assert creation_note(desired({}), "code") == ""


def test_a_live_agent_keeps_what_its_manifest_leaves_out() -> None:
    """One value, two and three, each with what the other tool would set."""
    one = desired({"cpu": 1, "network": {"mode": "x", "vpc": {}}}, create_defaults=DEFAULTS)
    assert kept_note(one) == (
        "network.vpc.id is not in the manifest and keeps its live value (the-tool would set v)"
    )
    two = desired({"network": {"mode": "x", "vpc": {}}}, create_defaults=DEFAULTS)
    assert kept_note(two) == (
        "network.vpc.id and cpu are not in the manifest and keep their live values "
        "(the-tool would set v and 2)"
    )
    three = desired({"network": {"vpc": {}}}, create_defaults=DEFAULTS)
    assert kept_note(three) == (
        "network.vpc.id, network.mode and cpu are not in the manifest and keep their live values "
        "(the-tool would set v, PUBLIC and 2)"
    )


def test_an_object_that_only_creating_needs_is_not_told_of_a_live_agent() -> None:
    """The other tool would not reset it; one inside an object that is declared counts."""
    quiet = desired({"cpu": 1}, create_defaults=DEFAULTS)
    assert kept_note(quiet) == ""
    assert kept_note(desired({})) == ""
    inside = desired({"cpu": 1, "network": {"mode": "x"}}, create_defaults=DEFAULTS)
    assert kept_note(inside).startswith("network.vpc is not in the manifest")
