"""Switches that show the same values otherwise: nothing is changed by them, and all of it looks so."""

import json
from typing import Any

from tests.support.sandbox import World

RUNTIME = {
    "cpu": 2,
    "memory": 2048,
    "port": 8080,
    "systemTags": ["a", "b"],
    "nasConfig": {"mountPoints": [{"mountDir": "/a"}, {"mountDir": "/b"}]},
    "protocolConfiguration": {"protocolSettings": [{"type": "A2A", "config": '{"b":1,"a":"字"}'}]},
    "containerConfiguration": {"image": "i", "command": ["x", "y"]},
}


def put(world: World, body: dict[str, Any]) -> None:
    """Update the runtime of a new sandbox."""
    assert world.update(**body).status_code == 200


def test_reorders() -> None:
    """Sets and members come in another order, a command stays as it is, and the values are the same."""
    world = World()
    put(world, RUNTIME)
    before = world.runtime()
    after = world.set(reorders=True).runtime()
    ours = [name for name in before if name in RUNTIME]
    assert [name for name in after if name in RUNTIME] == ours[::-1]
    assert after["systemTags"] == ["b", "a"]
    assert [one["mountDir"] for one in after["nasConfig"]["mountPoints"]] == ["/b", "/a"]
    assert after["containerConfiguration"] == before["containerConfiguration"]
    agent = world.asset()
    world.set(reorders=False)
    assert agent == world.asset()
    assert list(agent["properties"]) == list(world.asset()["properties"])[::-1]


def test_reserialises() -> None:
    """JSON in texts has other spaces, escapes and numbers and the same values; cpu is 2.0."""
    world = World()
    put(world, RUNTIME)
    before, agent = world.runtime(), world.asset()["properties"]
    world.set(reserialises=True)
    after, again = world.runtime(), world.asset()["properties"]
    assert (after["cpu"], type(after["cpu"])) == (2, float)
    text = after["protocolConfiguration"]["protocolSettings"][0]["config"]
    assert text == '{\n "a": "\\u5b57",\n "b": 1.0\n}'
    for name in ("model_setting", "file_box", "audio_settings", "knowledge_setting"):
        assert again[name] != agent[name]
        assert json.loads(again[name]) == json.loads(agent[name])
    assert again["instructions"] == agent["instructions"]
    assert after["containerConfiguration"] == before["containerConfiguration"]


def test_server_defaults_reach_into_objects_and_documents() -> None:
    """server_defaults: members that were left out have values; those that were given keep theirs."""
    world = World().set(server_defaults=True)
    put(
        world,
        {"cpu": 2, "memory": 2048, "port": 8080, "healthCheckConfiguration": {"periodSeconds": 7}},
    )
    health = world.runtime()["healthCheckConfiguration"]
    assert health["periodSeconds"] == 7
    assert health["httpGetUrl"] == "/health"
