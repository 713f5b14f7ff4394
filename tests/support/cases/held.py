"""Cases of plans that were reviewed, by a later read."""

from typing import Final

from reconciler.differ.options import Options
from reconciler.model.live import Absent, Health, Live, Unread
from reconciler.model.outcome import Cause
from reconciler.model.sealed import Sealed
from tests.support.deciding import BASE, FAILED, HEADERS, IMAGE, KEY, Case, prompt, runtime

CASES: Final[dict[str, Case]] = {
    # plans that were reviewed
    "held: as it was": runtime({"cpu": 4}, later=BASE),
    "held: done meanwhile": runtime({"cpu": 4}, later={**BASE, "cpu": 4}),
    "held: moved": runtime({"cpu": 4}, later={**BASE, "cpu": 3}),
    "held: another field differs": runtime({"cpu": 4, "port": 8080}, later={**BASE, "port": 1}),
    "held: only another field differs": runtime(
        {"cpu": 4, "port": 8080}, later={**BASE, "cpu": 4, "port": 1}
    ),
    "held: in sync then": runtime({"cpu": 2, "port": 8080}, later={**BASE, "cpu": 4, "port": 1}),
    "held: a secret moved": runtime(
        {"environmentVariables": {"A": Sealed("1", "env:A")}},
        {"environmentVariables": {"A": "0"}},
        later={**BASE, "environmentVariables": {"A": "9"}},
        keys=(KEY,),
    ),
    "held: a secret stayed": runtime(
        {"environmentVariables": {"A": Sealed("1", "env:A")}},
        {"environmentVariables": {"A": "0"}},
        later={**BASE, "environmentVariables": {"A": "0"}},
        keys=(KEY,),
    ),
    "held: inside an object": runtime(
        {"container": {"image": "j", "command": ["a"]}},
        {"container": IMAGE},
        later={**BASE, "container": {"image": "i", "command": ["z"]}},
    ),
    "held: the whole object went": runtime(
        {"container": {"image": "j", "command": ["a"]}}, {"container": IMAGE}, later=BASE
    ),
    "held: a list moved": runtime(
        {"mounts": [{"dir": "a"}]},
        {"mounts": [{"dir": "b"}]},
        later={**BASE, "mounts": [{"dir": "b"}, {"dir": "c"}]},
    ),
    "held: gone": runtime({"cpu": 4}, later=Absent()),
    "held: unreadable now": runtime({"cpu": 4}, later=Unread("HTTP 500", Cause.CLOUD)),
    "held: created": runtime({"cpu": 1, "artifactType": "Code"}, Absent(), later=Absent()),
    "held: created meanwhile": runtime({"cpu": 1, "artifactType": "Code"}, Absent(), later=BASE),
    "held: was in sync and is gone": runtime({"cpu": 2, "artifactType": "Code"}, later=Absent()),
    "held: another agent": runtime({"cpu": 4}, later=Live("ar-2", dict(BASE), Health.READY)),
    "held: blocked then": runtime(
        {"artifactType": "B"}, {"artifactType": "A"}, later={**BASE, "artifactType": ""}
    ),
    "held: unreadable then": runtime({"cpu": 4}, Unread("HTTP 500", Cause.CLOUD), later=BASE),
    "held: unhealthy then": runtime({"cpu": 2}, later={**BASE, "cpu": 9}, **FAILED),
    "held: failed now": runtime(
        {"cpu": 2}, later=Live("ar-1", {**BASE, "cpu": 9}, Health.FAILED, "FAILED", "no image")
    ),
    "held: failed now, to be sent again": runtime(
        {"cpu": 2}, later=Live("ar-1", dict(BASE), Health.FAILED, "FAILED", "no image"),
        options=Options(retry_failed=True),
    ),
    "held: created as something else": runtime(
        {"cpu": 1, "artifactType": "Code"}, Absent(), later=Unread("HTTP 500", Cause.CLOUD)
    ),
    "a read that leaves out a field of no rule": prompt(
        {"name": "new", "other": 1}, about={"partial": True}, spec={"unknown": 1}
    ),
    "a hidden member of an element": runtime(
        {"container": {"image": "j"}},
        {"container": {**IMAGE, "headers": [{"name": "n", "value": "s", "on": True, "no": "", "other": "o"}, "x"]}},
        rules=HEADERS,
    ),
    "what the cloud sets is not managed by anybody": runtime(
        {"cpu": 2}, {"status": "READY", "description": "d"}
    ),
    "half of a pair in a secret": runtime(
        {"environmentVariables": {"A": Sealed("\ud83d", "env:A")}}, {}
    ),
    "held: something else is wanted": runtime({"cpu": 4}, later=BASE, later_spec={"cpu": 8}),
    "held: something else is to be created": runtime(
        {"cpu": 1, "artifactType": "Code", "port": 1}, Absent(), later=Absent(),
        later_spec={"cpu": 2, "artifactType": "Code", "memory": 1},
    ),
    "held: inside what was to be made": runtime(
        {"container": IMAGE}, later={**BASE, "container": {"image": "z", "command": ["a"]}}
    ),
    "variables of a read that leaves things out": runtime(
        {"environmentVariables": {"A": "1"}},
        {"environmentVariables": {"A": "0"}},
        about={"partial": True}, options=Options(show_live_values=True),
    ),
    "a sealed text with a mask in it": prompt(
        {"name": "new"}, {"properties": {"extra": Sealed('{"apikey": "abc***"}'), "name": "old"}}
    ),
    "a text with a secret and signs of its own": prompt(
        {"extra": '{"authorization": "x", "名": "值"}'}, {"properties": {"extra": "e"}}
    ),
    "held: no read shows it now": runtime(
        {"protocol": {"type": "MCP"}}, {"protocol": {"type": "HTTP"}}, later=BASE
    ),
}  # fmt: skip
