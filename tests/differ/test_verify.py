"""What a write did to the fields that nobody declared."""

import copy
from typing import Any

from reconciler.differ.verify import bystanders
from tests.support.differ import BASE, PROPERTIES
from tests.support.shapes import PROMPT, RUNTIME


def test_a_field_that_went_away_without_being_sent_is_noticed() -> None:
    """A cloud that replaces where it was held to merge is found by the read after the write."""
    before = {
        **BASE,
        "description": "d",
        "isolated": True,
        "container": {"image": "v1", "command": ["x"]},
        "protocol": {"type": "HTTP"},
    }
    after = {**BASE, "isolated": False, "container": {"image": "v2"}}
    body = {**BASE, "container": {"image": "v2", "command": ["x"]}}
    spec = {"container": {"image": "v2"}}
    found = bystanders(before, after, body, spec, RUNTIME)
    assert found.gone == ("/description", "/isolated")
    assert found.moved == ("/container/command",)
    assert bystanders(before, before, body, spec, RUNTIME).gone == ()


def test_what_somebody_else_changed_meanwhile_is_told() -> None:
    """Another value, but still one: a console edit between the reads."""
    found = bystanders({"description": "a"}, {"description": "b"}, {}, {}, RUNTIME)
    assert found.moved == ("/description",)


def test_what_was_sent_back_and_did_not_arrive_is_told() -> None:
    """Where everything goes, a property that nobody declared and that is otherwise afterwards."""
    before: dict[str, Any] = {"region": "r", "properties": {**PROPERTIES, "mine": "x"}}
    after = copy.deepcopy(before)
    after["properties"] |= {"name": "new", "mine": "y", "model_setting": "{}", "instructions": ""}
    spec = {"properties": {"name": "new"}}
    found = bystanders(before, after, before, spec, PROMPT)
    assert found.gone == ()
    assert set(found.moved) == {
        "/properties/mine",
        "/properties/instructions",
        "/properties/model_setting/temperature",
        "/properties/model_setting/top_p",
    }


def test_a_masked_member_that_went_away_is_noticed() -> None:
    """A password that a read showed as a mask and shows no more was lost with the write."""
    before = {"container": {"image": "v1", "auth": {"userName": "u", "password": "abc***"}}}
    after = {"container": {"image": "v2", "auth": {"userName": "u"}}}
    sent = {"container": {"image": "v2", "auth": {"userName": "u"}}}
    found = bystanders(before, after, sent, {"container": {"image": "v2"}}, RUNTIME)
    assert (found.gone, found.moved) == (("/container/auth/password",), ())
