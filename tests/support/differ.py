"""What several tests of the differ ask about: a small agent, a prompt's properties, an update."""

from typing import Any

from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.model.plan import Update
from tests.support.shapes import RUNTIME, desired, live

BASE = {"cpu": 2, "memory": 2048, "port": 8080}

PROPERTIES = {
    "name": "old",
    "instructions": "long",
    "model_setting": '{"temperature":0.30,"top_p":0.3}',
    "tools": [{"api_key": "x"}],
    "id": "19",
    "api_key": None,
}


def updated(spec: dict[str, Any], tree: dict[str, Any], options: Options | None = None) -> Update:
    """The update that these two states ask for."""
    decision = decide(desired(spec), live(tree), RUNTIME, options or Options())
    assert isinstance(decision.plan, Update), decision.plan
    return decision.plan
