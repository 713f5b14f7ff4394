"""Cases of the agent as a whole: its health, its creation, and what is ignored of it."""

from typing import Final

from reconciler.differ.options import Options
from reconciler.model.live import Absent, Ambiguous, Health, Unread
from reconciler.model.outcome import Cause
from reconciler.model.sealed import Sealed
from tests.support.deciding import AUTH, DEFAULTS, FAILED, IMAGE, KEY, WHOLE, Case, prompt, runtime
from tests.support.ignoring import rules as ignoring
from tests.support.shapes import PROMPT

CASES: Final[dict[str, Case]] = {
    # the agent as a whole
    "busy": runtime({"cpu": 4}, health=Health.BUSY),
    "of unknown health": runtime({"cpu": 4}, health=Health.UNKNOWN),
    "failed and equal": runtime({"cpu": 2}, about={"status_reason": "no image"}, **FAILED),
    "failed and different": runtime({"cpu": 4}, about={"status_reason": "no image"}, **FAILED),
    "failed, sent again": runtime({"cpu": 2}, options=Options(retry_failed=True), **FAILED),
    "ready, not sent again": runtime({"cpu": 2}, options=Options(retry_failed=True)),
    "restarted": runtime({"cpu": 2}, options=Options(restart=True)),
    "restarted without a restart": prompt({"name": "old"}, options=Options(restart=True)),
    "restarted and not there": runtime({"cpu": 2}, Absent(), options=Options(restart=True)),
    "ambiguous": runtime({"cpu": 2}, Ambiguous(("ar-1", "ar-2"))),
    "unreadable": runtime({"cpu": 2}, Unread("not allowed", Cause.CREDENTIALS)),
    "with hints": runtime({"cpu": 4}, health=Health.BUSY, about={"hints": ("a hint",)}),
    "in sync without what is not managed": runtime(
        {"cpu": 2}, {"description": "d"}, options=Options(unmanaged=False)
    ),
    "half of a surrogate pair": runtime({"description": "\ud83d"}),
    "defaults of a live agent": runtime({"cpu": 4}, more={"create_defaults": DEFAULTS}),
    # creations
    "created": runtime({"cpu": 1, "artifactType": "Code"}, Absent()),
    "created with too little": runtime({"artifactType": "Container", "description": "d"}, Absent()),
    "created with everything": runtime(
        {
            "cpu": 1,
            "artifactType": "Container",
            "container": {"image": "i", "command": None, "auth": AUTH},
            "affinity": "COOKIE",
            "status": "X",
            "forceEvict": True,
            "description": None,
            "environmentVariables": {"A": Sealed("1", "env:A"), "B": "2"},
        },
        Absent(),
        options=Options(fingerprinter=KEY),
    ),
    "created with defaults": runtime(
        {"cpu": 1, "artifactType": "Code", "container": {}},
        Absent(),
        more={"create_defaults": DEFAULTS},
    ),
    "created with half of a pair": runtime(
        {"cpu": 1, "artifactType": "Code", "description": "\ud83d"}, Absent()
    ),
    "not to be created": Case(WHOLE, Absent(), PROMPT),
    # ignore rules
    "an ignored field": runtime({"cpu": 4, "port": 1}, more={"ignore": ignoring("/cpu")}),
    "an ignored variable": runtime(
        {"environmentVariables": {"A": "1", "B": "2"}},
        {"environmentVariables": {"A": "0", "FC_X": "3"}},
        more={"ignore": ignoring("/environmentVariables/FC_*", "/environmentVariables/B")},
    ),
    "an ignored element": runtime(
        {"mounts": [{"dir": "a", "readOnly": True}]},
        {"mounts": [{"dir": "a"}, {"dir": "z"}]},
        more={"ignore": ignoring("/mounts/*")},
    ),
    "an ignored element by its key": runtime(
        {"mounts": [{"dir": "a", "readOnly": True}, {"dir": "b", "readOnly": True}]},
        {"mounts": [{"dir": "a"}, {"dir": "b"}]},
        more={"ignore": ignoring("/mounts/dir=a", "/mounts/0/readOnly")},
    ),
    "an ignored member": runtime(
        {"container": {"image": "j", "command": ["b"]}},
        {"container": IMAGE},
        more={"ignore": ignoring("/container/command")},
    ),
    "an ignored member that is not there": runtime(
        {"container": {"image": "j", "command": ["b"]}, "code": {"command": "x"}},
        more={"ignore": ignoring("/container/command", "/code")},
    ),
    "an ignored member of a document": prompt(
        {"name": "new", "model_setting": {"temperature": 0.5, "top_p": 0.1}},
        more={"ignore": ignoring("/properties/model_setting/top_p")},
    ),
    "an ignored property": prompt(
        {"name": "new", "instructions": "short"},
        more={"ignore": ignoring("/properties/instructions")},
    ),
}  # fmt: skip
