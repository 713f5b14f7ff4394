"""Whatever is sent is answered: no request makes the sandbox itself fail."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.sandbox import agentrun_fields, seeds
from tests.support.sandbox import RUNTIME, RUNTIMES, World, sign

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["password", "authConfig", "a", "name"]), inner)
    ),
    max_leaves=8,
)
RUNTIME_BODY = st.dictionaries(st.sampled_from([*agentrun_fields.TYPES, "x"]), JSON, max_size=6)
ASSET_BODY = st.fixed_dictionaries(
    {},
    optional={
        "region": JSON,
        "tags": JSON,
        "properties": st.dictionaries(st.sampled_from(list(seeds.PROPERTIES)), JSON) | JSON,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(runtime=RUNTIME_BODY, asset=ASSET_BODY, valid=st.booleans())
def test_any_json_is_answered_and_logged(runtime: dict[str, Any], asset: Any, valid: bool) -> None:
    """A reply with a JSON body comes back, and the agent can still be read and listed."""
    world = World()
    base = dict(seeds.RUNTIME) if valid else {}
    for method, path in (("PUT", RUNTIME), ("POST", RUNTIMES)):
        reply = world.signed(method, path, {**base, **runtime})
        assert reply.status_code in (200, 400, 404, 409)
        assert reply.json()["code"]
    assert world.tokened("PUT", body=asset).status_code in (200, 400)
    assert world.items(status="READY,UPDATING,CREATING", systemTags="a") is not None
    assert world.runtime()["agentRuntimeId"] == seeds.RUNTIME_ID
    assert world.asset()["asset_id"] == seeds.AGENT_ID
    assert world.log()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 150 + b"1" + b"}" * 150,
        b'{"cpu":NaN}',
        b'{"agentRuntimeName":"\\ud800"}',
        b"\xff\xfe",
        b'{"cpu":2,"x":"' + b'{\\"password\\":' * 50 + b'"}',
    ],
    ids=["bomb", "deep", "nan", "half a pair", "not text", "broken inside"],
)
def test_odd_bodies_are_answered(body: bytes) -> None:
    """Bodies that are hardly JSON get a refusal or are taken, and are logged."""
    world = World()
    headers = sign("PUT", RUNTIME, "", body, world.now, {})
    assert world.send("PUT", RUNTIME, body, headers).status_code in (200, 400)
    assert world.log()[-1].method == "PUT"


@pytest.mark.parametrize("size", ["0", "-1", "1e3", "9" * 30, "٣", ""])
def test_odd_page_sizes_are_answered(size: str) -> None:
    """Nothing that is no page size reaches the database."""
    reply = World().signed("GET", RUNTIMES, query={"pageSize": size, "pageNumber": "999999999"})
    assert reply.status_code == (200 if size == "" else 400)


def test_odd_paths_and_queries_are_answered() -> None:
    """Escapes that are no text, names with SQL in them, ids with slashes."""
    world = World()
    for path in (f"{RUNTIMES}/%FF%00", f"{RUNTIMES}/a%2Fb", f"{RUNTIMES}/%27%20OR%201=1"):
        assert world.signed("GET", path).status_code in (400, 404)
    assert world.items(agentRuntimeName="' OR 1=1 --") == []
    assert world.items(workspaceIds="','") == []
    assert json.dumps([line.target for line in world.log()])
