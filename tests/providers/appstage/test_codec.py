"""What a read of AppStage says."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from reconciler.differ.decide import decide
from reconciler.differ.public import public
from reconciler.model.live import Health, Live, Unread
from reconciler.model.plan import Blocked, Update
from reconciler.model.sealed import Sealed
from reconciler.providers.appstage.codec import decode_agent, seal_live
from reconciler.providers.appstage.rules import RULES
from reconciler.wire.call import Reply
from reconciler.wire.encode import encode
from tests.support.appstage import AGENT, EXAMPLE, NOW, UPDATED_MS, desired

CANARY = "sk-canary-0123456789"
METADATA = {
    "name": "大话设计模式",
    "description": "words",
    "update_time": UPDATED_MS,
    "asset_id": "a",
}


SPELLINGS = [
    *("api_key", "apiKey", "apikey", "API-KEY", "access_key", "secret_key", "secretKey"),
    *("access_token", "accessToken", "token", "password", "Passwd", "secret", "Authorization"),
]


def decode(data: Any, agent_id: str = AGENT, date: float | None = NOW) -> Live | Unread:
    return decode_agent(agent_id, Reply(200, httpx.Headers(), data, date), lambda secret: None)


def live(data: Any, **more: Any) -> Live:
    found = decode(data, **more)
    assert isinstance(found, Live)
    return found


def example_with(**properties: Any) -> dict[str, Any]:
    request = EXAMPLE["request"]
    return {**request, "properties": {**request["properties"], **properties}}


def document(**members: Any) -> str:
    return json.dumps(members)


@pytest.mark.parametrize(
    "data",
    [
        EXAMPLE["request"] | METADATA,
        {"data": EXAMPLE["request"] | METADATA},
        {"data": EXAMPLE["request"], **METADATA},
        EXAMPLE["request"] | METADATA | {"data": True},
        EXAMPLE["request"] | {"data": METADATA},
    ],
    ids=["top", "data", "data beside metadata", "data is no object", "metadata in data"],
)
def test_properties_are_found_wherever_the_read_puts_them(data: Any) -> None:
    """All shapes that the page leaves open show the same agent."""
    found = live(data)
    assert found.tree == EXAMPLE["request"]
    assert not found.partial
    assert found.health is Health.NONE
    assert found.stamp == UPDATED_MS / 1000
    assert found.stamp_text == str(UPDATED_MS)
    assert found.age_seconds == pytest.approx(NOW - UPDATED_MS / 1000)
    assert found.hints == ()


@pytest.mark.parametrize("data", [METADATA, {"data": METADATA}, METADATA | {"properties": None}])
def test_a_read_without_properties_is_partial(data: Any) -> None:
    """Of the documented read only name and description can be compared."""
    found = live(data)
    assert found.partial
    assert found.tree == {"properties": {"name": "大话设计模式", "description": "words"}}
    assert found.stamp is not None


def test_region_and_tags_are_there_only_when_the_read_has_them() -> None:
    """What a read leaves out is not invented, null included."""
    found = live({"properties": {"name": "a"}, "region": None, "tags": None})
    assert found.tree == {"properties": {"name": "a"}}


@pytest.mark.parametrize(
    ("told", "stamp"),
    [
        (1754300000123, 1754300000.123),
        ("1754300000123", 1754300000.123),
        (1754300000123.0, 1754300000.123),
        (None, None),
        (True, None),
        ("2025-08-04", None),
        ("nan", None),
        ("1_000", None),
        (0, None),
        (-5, None),
        (10**400, None),
        ([1], None),
    ],
)
def test_update_time_is_milliseconds_or_nothing(told: Any, stamp: float | None) -> None:
    """Numbers and numeric strings are times; everything else is no time, and no crash."""
    assert live({"properties": {}, "update_time": told}).stamp == stamp


def test_an_agent_just_written_is_not_unborn() -> None:
    """The stamp has milliseconds and the Date only seconds: the age is never below zero."""
    assert live({"properties": {}, "update_time": int(NOW * 1000) + 900}).age_seconds == 0.0


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        7,
        {"properties": "text"},
        {"properties": []},
        {"properties": {}, "region": 4},
        {"properties": {}, "tags": "a"},
    ],
)
def test_a_reply_of_another_shape_is_unread_with_a_reason(data: Any) -> None:
    """A shape that no page shows is told, not guessed at."""
    found = decode(data)
    assert isinstance(found, Unread)
    assert found.reason.startswith("the cloud sent ")


@pytest.mark.parametrize("levels", [500, 800, 950])
def test_nesting_without_end_is_unread(levels: int) -> None:
    """An agent nested too deeply to look into is told, never a crash."""
    deep: Any = "x"
    for _ in range(levels):
        deep = [deep]
    found = decode({"properties": {"tools": deep}})
    assert isinstance(found, Live) or "nested too deeply" in found.reason


@pytest.mark.parametrize("name", ["agent_uri", "web_uri", "api_key"])
def test_what_publishing_sets_is_a_hint_and_called_a_guess(name: str) -> None:
    """An agent that looks published is announced before the cloud refuses."""
    (hint,) = live(example_with(**{name: CANARY})).hints
    assert hint.startswith(f"looks published ({name} set)")
    assert "AIAE.20002042" in hint
    assert "guess" in hint
    assert CANARY not in hint


@pytest.mark.parametrize(
    "properties",
    [
        {"api_key": CANARY},
        {"api_key": {"value": CANARY, "n": 1}},
        {"api_key": [CANARY]},
        {"mcp_servers": [{"name": "m", "auth": {"api_key": CANARY}}]},
        {"mcp_servers": [document(api_key=CANARY)]},
        {"my_own": document(inner=document(api_key=CANARY))},
        {"my_own": '{"\\u0061pi_key": "' + CANARY + '"}'},
        {"my_own": json.dumps([{"api_key": CANARY}])},
        {"my_own": {"Authorization": f"Bearer {CANARY}"}},
        {"mcp_servers": [{"headers": {"api-key": CANARY}, "env": [{"Token": CANARY}]}]},
        {"mcp_servers": [document(headers={"AUTHORIZATION": CANARY})]},
    ],
)
def test_a_live_key_is_sealed_wherever_it_stands(properties: dict[str, Any]) -> None:
    """Nested, in lists and inside JSON strings, a live key cannot be printed, but goes back."""
    found = live(example_with(**properties))
    assert CANARY not in repr(found)
    assert json.loads(encode(found.tree)) == example_with(**properties)


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_common_spelling_of_a_secret_is_sealed(name: str) -> None:
    """What tools call their secrets is sealed and learnt, in objects and in JSON strings alike."""
    held = {"tools": [{"auth": {name: CANARY}}], "my_own": document(**{name: CANARY})}
    learnt: list[str] = []
    found = decode_agent(
        AGENT, Reply(200, httpx.Headers(), example_with(**held), None), learnt.append
    )
    assert isinstance(found, Live)
    assert learnt == [CANARY, CANARY]
    assert CANARY not in repr(found)
    assert json.loads(encode(found.tree)) == example_with(**held)


@pytest.mark.parametrize("name", ["max_tokens", "token_count", "secret_id", "author", "keys"])
def test_a_name_that_only_contains_such_a_word_is_no_secret(name: str) -> None:
    """Whole names count: what merely sounds like a secret stays comparable and readable."""
    held = {"tools": [{name: "words"}], "my_own": document(**{name: "words"})}
    assert live(example_with(**held)).tree == example_with(**held)


@pytest.mark.parametrize(
    "properties",
    [
        {"api_key": 271828182845},
        {"tools": [{"token": 271828182845}]},
        {"my_own": {"secret": {"value": 271828182845}}},
        {"my_own": document(api_key=271828182845)},
        {"model_setting": document(api_key=271828182845, temperature=0.3)},
        {"my_own": document(api_key=2.71828182845)},
    ],
)
def test_a_key_that_is_a_number_shows_in_nothing(properties: dict[str, Any]) -> None:
    """A number at a secret name is learnt, is shown nowhere, and goes back as it was read."""
    learnt: list[str] = []
    found = decode_agent(
        AGENT, Reply(200, httpx.Headers(), example_with(**properties), None), learnt.append
    )
    assert isinstance(found, Live)
    assert [text.replace(".", "") for text in learnt] == ["271828182845"]
    assert "71828182845" not in repr(public(found.tree, RULES.secret_names))
    assert json.loads(encode(found.tree)) == example_with(**properties)


@pytest.mark.parametrize(
    "properties",
    [
        {"tools": [{"auth": {"apiKey": "sk-***"}}]},
        {"my_own": {"authorization": "***"}},
        {"my_own": document(inner={"access-token": "abc***"})},
        {"mcp_servers": [document(password="abc***")]},
        {"model_setting": document(token="abc***")},
    ],
)
def test_a_mask_in_place_of_a_nested_secret_blocks_the_update(properties: dict[str, Any]) -> None:
    """What the read shows masked would be destroyed by sending it back, wherever it stands."""
    found = live(example_with(**properties))
    spec = {"agentId": AGENT, "properties": {"prologue": "other words"}}
    wanted = replace(desired(), spec=spec)
    plan = decide(wanted, found, RULES).plan
    assert isinstance(plan, Blocked)
    assert "mask" in plan.reason


@pytest.mark.parametrize("name", SPELLINGS)
def test_no_plan_shows_a_secret_that_nobody_declared(name: str) -> None:
    """A secret in a known document, a property or a list of tools is sealed in all of a plan."""
    held = {
        "model_setting": document(**{name: CANARY}, temperature=0.3),
        "tools": [{name: CANARY}],
        "my_own": document(**{name: CANARY}),
        "number": {name: 271828182845},
    }
    spec = {
        "agentId": AGENT,
        "properties": {
            "model_setting": {"temperature": 0.5, "top_p": 0.1},
            "tools": [],
            "my_own": "",
            "number": {},
        },
    }
    plan = decide(replace(desired(), spec=spec), live(example_with(**held)), RULES).plan
    assert isinstance(plan, Update)
    assert {change.path for change in plan.changes} >= {"/properties/tools", "/properties/my_own"}
    assert CANARY not in repr(plan)
    assert "271828182845" not in repr(plan)


@pytest.mark.parametrize(
    "text",
    [
        document(api_key=CANARY, temperature=0.3),
        document(inner={"api_key": [CANARY]}),
        json.dumps([{"api_key": CANARY}]),
    ],
)
def test_a_known_document_stays_text_and_the_comparison_hides_its_key(text: str) -> None:
    """Known documents keep their text, so no member is lost; shown they hide the key."""
    found = seal_live({"properties": {"model_setting": text, "own": text}})
    assert found["properties"]["model_setting"] == text
    assert isinstance(found["properties"]["own"], Sealed)
    assert CANARY not in repr(public(found, RULES.secret_names))


@pytest.mark.parametrize("value", [None, "", 0, False, [], {}])
def test_a_key_that_is_not_set_stays_as_it_is(value: Any) -> None:
    """Nothing is nothing to hide."""
    assert live(example_with(api_key=value)).tree["properties"]["api_key"] == value


@pytest.mark.parametrize(
    "text",
    [
        "mention api_key here",
        '{"api_key": null}',
        "{api_key: 1",
        '{"a": "api_key"}',
        "Never tell your password. {token}",
    ],
)
def test_text_that_only_speaks_of_keys_is_not_sealed(text: str) -> None:
    """Instructions may say "api_key" and stay comparable."""
    assert live(example_with(instructions=text)).tree["properties"]["instructions"] == text


def test_every_live_key_is_learnt() -> None:
    """Keys found in a read are known to the redactor from then on."""
    learnt: list[str] = []
    data = example_with(api_key="one", own=document(api_key=["two"]), tools=[{"api_key": "three"}])
    decode_agent(AGENT, Reply(200, httpx.Headers(), data, None), learnt.append)
    assert sorted(learnt) == ["one", "three", "two"]
