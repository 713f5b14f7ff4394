"""Reads that leave something out: what is remembered of it, and what can still be compared."""

from reconciler.differ.partial import remembered, unseen, visible
from reconciler.differ.public import public
from reconciler.model.live import Health, Live
from tests.support.shapes import PROMPT


def test_what_a_read_may_leave_out_is_remembered() -> None:
    """The read's own value counts where it has one; other fields are not made up."""
    earlier = {"region": "r", "tags": ["x"], "agentId": "a", "properties": {}}
    read = Live("1", {"tags": ["y"], "region": None, "properties": {}}, Health.READY)
    found = remembered(read, earlier, PROMPT)
    assert found.tree == {"tags": ["y"], "region": "r", "properties": {}}
    assert (found.id, found.health) == ("1", Health.READY)
    assert read.tree["region"] is None


def test_a_read_that_leaves_nothing_out_is_itself() -> None:
    """And so is one of which nothing is known from before."""
    read = Live("1", {"tags": ["y"], "region": "r"}, Health.READY)
    assert remembered(read, {"tags": ["x"], "region": "s"}, PROMPT) is read
    silent = Live("1", {}, Health.READY)
    assert remembered(silent, {"tags": None}, PROMPT) is silent


def test_members_that_a_read_has_are_visible() -> None:
    """One level down, where both sides are objects."""
    spec = {"properties": {"name": "n", "tools": []}, "region": "r", "other": {"a": 1}}
    assert visible(spec, {"properties": {"name": "m"}, "region": "r", "other": "x"}) == {
        "properties": {"name": "n"}
    }


def test_what_it_leaves_out_is_told_but_for_what_is_no_field_of_ours() -> None:
    """Parameters and what the cloud alone sets are not told; a field of no rule is."""
    spec = {"agentId": "a", "region": "r", "new": {"a": 1}, "properties": {"name": "n", "id": "1"}}
    assert unseen(spec, {"properties": {}}, PROMPT) == tuple(
        (path, "this read leaves it out") for path in ("/region", "/new", "/properties/name")
    )


def test_a_secret_name_is_found_in_json_with_blanks_before_it() -> None:
    """JSON in a text may begin with a blank or a new line; other texts are left as they are."""
    names = frozenset({"apikey"})
    assert public(' \n{"apiKey": "x", "a": 1}', names) == '{"apiKey":"(sealed)","a":1}'
    assert public(' \n{"a": 1}', names) == ' \n{"a": 1}'
    assert public('x {"apiKey": "x"}', names) == 'x {"apiKey": "x"}'
