"""AppStage as its pages tell it, and its switches."""

import json
from typing import Any

import pytest

from reconciler.sandbox import control, seeds
from tests.support.sandbox import AGENT, World


def test_a_new_sandbox_holds_the_seed_agent() -> None:
    """A read shows the documented metadata, and region, tags and properties."""
    live = World().asset()
    assert (live["name"], live["asset_id"]) == ("代码评审助手", seeds.AGENT_ID)
    assert (live["create_time"], live["update_time"]) == (1754035200000, 1754269200000)
    assert (live["region"], live["tags"]) == ("cn-north-5", [])
    assert len(live["properties"]) == 29
    assert json.loads(live["properties"]["model_setting"])["temperature"] == 0.3
    assert live["properties"]["file_box"] == '{"is_open":false}'


def test_update_replies_with_the_asset_and_moves_the_stamp() -> None:
    """200 with region, tags and properties; update_time moves by milliseconds at least."""
    world = World()
    stamps = [world.asset()["update_time"]]
    for text in ("您好", "欢迎"):
        reply = world.tokened("PUT", body=world.properties(prologue=text))
        assert reply.status_code == 200
        assert reply.json().keys() == {"region", "tags", "properties"}
        assert reply.json()["properties"]["prologue"] == text
        stamps.append(world.asset()["update_time"])
    assert stamps == sorted(set(stamps))
    assert world.asset()["create_time"] == 1754035200000


def test_what_an_update_leaves_out_is_gone_unless_the_switch_says_otherwise() -> None:
    """properties_update: no page says whether an update replaces or merges."""
    for style in ("replace", "merge"):
        world = World().set(properties_update=style)
        world.tokened("PUT", body={"properties": {"name": "新名字"}})
        live = world.asset()
        kept = style == "merge"
        assert (len(live["properties"]), live["region"]) == (
            (29, "cn-north-5") if kept else (1, None)
        )
        assert live["name"] == "新名字"


def test_properties_of_the_users_own_are_kept() -> None:
    """Properties are the user's: an unknown one is held and shown."""
    world = World()
    world.tokened("PUT", body=world.properties(team="support"))
    assert world.asset()["properties"]["team"] == "support"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "1st"}, "AIAE.31001701"),
        ({"name": "_x"}, "AIAE.31001701"),
        ({"name": "名" * 21}, "AIAE.31001701"),
        ({"description": "字" * 200}, "AIAE.31001701"),
        ({"instructions": "字" * 4000}, "AIAE.31001701"),
        ({"prologue": "字" * 200}, "AIAE.31001701"),
        ({"knowledge_setting": json.dumps({"a": "x" * 5000})}, "AIAE.31001701"),
        ({"agent_work_type": "agent_other"}, "AIAE.31001701"),
        ({"agent_work_type": "agent_operator"}, "AIAE.20002037"),
        ({"model_setting": {"temperature": 1}}, "AIAE.31001701"),
        ({"model_setting": "{"}, "AIAE.31001701"),
    ],
)
def test_properties_beyond_the_limits_are_refused(changes: dict[str, Any], code: str) -> None:
    """The limits of the page hold, and nothing is changed by what is refused."""
    world = World()
    reply = world.tokened("PUT", body=world.properties(**changes))
    assert (reply.status_code, reply.json()[0]["error_code"]) == (400, code)
    assert world.asset()["properties"] == seeds.PROPERTIES


def test_properties_at_the_limits_are_accepted() -> None:
    """One character fewer than the page forbids is fine."""
    world = World()
    body = world.properties(
        name="名" * 20, description="字" * 199, instructions="字" * 3999, prologue="字" * 199
    )
    assert world.tokened("PUT", body=body).status_code == 200
    operator = world.properties(agent_work_type="agent_operator", file_box="")
    assert world.tokened("PUT", body=operator).status_code == 200


@pytest.mark.parametrize(
    "part",
    [
        {"tags": ["a"] * 16},
        {"tags": ["a<b"]},
        {"tags": [1]},
        {"region": 5},
        {"properties": []},
    ],
)
def test_other_parts_beyond_the_limits_are_refused(part: dict[str, Any]) -> None:
    """At most 15 tags without forbidden characters, a region as text, properties as an object."""
    world = World()
    reply = world.tokened("PUT", body={**seeds.AGENT, **part})
    assert (reply.status_code, reply.json()[0]["error_code"]) == (400, "AIAE.31001701")


def test_a_name_is_unique() -> None:
    """Two agents of one tenant cannot share a name."""
    world = World()
    control.add_agent(world.store, "f" * 32, {"properties": {"name": "other"}}, world.now)
    reply = world.tokened("PUT", body=world.properties(name="other"))
    assert reply.json()[0]["error_msg"] == "the name is taken"


def test_a_missing_body_is_refused() -> None:
    """The page's own example of a 400, as a list."""
    reply = World().tokened("PUT")
    assert (reply.status_code, reply.json()) == (
        400,
        [{"error_code": "AIAE.00001400", "error_msg": "Request body is missing"}],
    )
    assert World().tokened("PUT", body=[1]).json()[0]["error_code"] == "AIAE.31001701"


def test_what_does_not_exist_is_a_400() -> None:
    """AIAE.20002023, never a 404: an object from reads, a list from an update."""
    world = World()
    path = f"{AGENT[:-1]}0"
    assert world.tokened("GET", path).json()["error_code"] == "AIAE.20002023"
    assert world.tokened("DELETE", path).json()["error_code"] == "AIAE.20002023"
    reply = world.tokened("PUT", path, seeds.AGENT)
    assert (reply.status_code, reply.json()[0]["error_code"]) == (400, "AIAE.20002023")


def test_delete_is_at_once() -> None:
    """200 with data true, and the agent is gone."""
    world = World()
    reply = world.tokened("DELETE")
    assert (reply.status_code, reply.json()) == (
        200,
        {"data": True, "error_code": None, "error_msg": None},
    )
    assert world.tokened("GET").json()["error_code"] == "AIAE.20002023"


def test_published_agents_refuse_updates_in_either_shape() -> None:
    """published and appstage_error_shape: a list of one error, or the object alone."""
    for shape in ("array", "object"):
        world = World().set(published=seeds.AGENT_NAME, appstage_error_shape=shape)
        reply = world.tokened("PUT", body=world.properties(prologue="x"))
        error = {"error_code": "AIAE.20002042", "error_msg": "Agent已经发布过,不能修改"}
        assert (reply.status_code, reply.json()) == (400, [error] if shape == "array" else error)
        assert world.asset()["properties"]["prologue"] == ""
        world.set(published="")
        assert world.tokened("PUT", body=world.properties(prologue="x")).status_code == 200


def test_where_a_read_shows_the_properties() -> None:
    """appstage_read: at the top, below data, or not at all; the documented read has none."""
    world = World()
    assert "properties" in world.set(appstage_read="top-level").asset()
    below = world.set(appstage_read="data").asset()
    assert "properties" not in below
    assert below["data"].keys() == {"region", "tags", "properties"}
    without = world.set(appstage_read="absent").asset()
    assert not {"properties", "data"} & without.keys()
    assert (without["name"], without["region"]) == (seeds.AGENT_NAME, "cn-north-5")


def test_whether_a_read_shows_region_and_tags() -> None:
    """appstage_read_region_tags: the documented read has neither."""
    for shown in (True, False):
        live = World().set(appstage_read_region_tags=shown).asset()
        assert ({"region", "tags"} <= live.keys()) is shown
        assert "properties" in live


def test_what_the_reply_of_an_update_shows() -> None:
    """appstage_put_reply: the example's reply does not show what was sent, so it proves nothing."""
    for shown, text in (("new", "x"), ("old", "")):
        world = World().set(appstage_put_reply=shown)
        reply = world.tokened("PUT", body=world.properties(prologue="x"))
        assert reply.json()["properties"]["prologue"] == text
        assert world.asset()["properties"]["prologue"] == "x"


def test_a_live_api_key() -> None:
    """api_key_read: as it is, as a mask, or not at all."""
    for style, shown in (("clear", "sk-live-1"), ("masked", "sk-***"), ("absent", None)):
        world = World().set(api_key_read=style)
        control.set_value(
            world.store, seeds.AGENT_ID, "/properties/api_key", "sk-live-1", world.now
        )
        assert world.asset()["properties"].get("api_key") == shown
        assert control.value_of(world.store, seeds.AGENT_ID, "/properties/api_key", world.now) == (
            "sk-live-1"
        )


def test_explicit_empty_properties() -> None:
    """The switches for null, "", {} and [] hold for properties that are set."""
    for effect, code, text in (("clears", 200, ""), ("ignored", 200, "hi"), ("refused", 400, "hi")):
        world = World()
        world.tokened("PUT", body=world.properties(prologue="hi"))
        world.set(empty_string_effect=effect)
        assert world.tokened("PUT", body=world.properties()).status_code == code
        assert world.asset()["properties"]["prologue"] == text


def test_an_update_that_lags_or_is_not_kept() -> None:
    """Read lag, dropped fields, invented defaults and values not kept are for this cloud too."""
    world = World().set(read_lag_seconds=5)
    before = world.asset()
    world.tokened("PUT", body=world.properties(prologue="x"))
    assert world.later(4.9).asset() == before
    assert world.later(0.1).asset()["properties"]["prologue"] == "x"

    world = World().set(not_kept="/properties/model_setting/temperature")
    setting = '{"temperature":0.9,"top_p":0.9}'
    world.tokened("PUT", body=world.properties(model_setting=setting))
    assert world.asset()["properties"]["model_setting"] == '{"temperature":0.3,"top_p":0.9}'

    world = World().set(dropped_fields="tags,logo")
    assert "tags" not in world.asset()
    assert "logo" not in world.asset()["properties"]

    world = World().set(server_defaults=True)
    world.tokened("PUT", body={"region": "cn-north-5", "properties": {"name": "x"}})
    assert world.asset()["properties"]["agent_work_type"] == "agent_llm"


def test_appstage_restarts_nothing() -> None:
    """Updates are counted, restarts are not: there are none."""
    world = World()
    world.tokened("PUT", body=world.properties(prologue="x"))
    assert control.restart_counts(world.store)[seeds.AGENT_NAME] == 0
    assert control.write_counts(world.store)[seeds.AGENT_NAME] == 1
