"""Cases of single fields, objects and lists."""

from typing import Final

from reconciler.model.sealed import Sealed
from tests.support.deciding import BASE, IMAGE, Case, runtime

CASES: Final[dict[str, Case]] = {
    # what is equal, and what is not
    "in sync": runtime(BASE),
    "in sync, with fields of others": runtime({"cpu": 2}, {"description": "d", "status": "READY"}),
    "numbers are equal by value": runtime({"cpu": 2.0}),
    "one number": runtime({"cpu": 4}),
    "several fields": runtime({"cpu": 4, "description": "d", "isolated": True}),
    "a number and a truth value": runtime({"isolated": 1}, {"isolated": True}),
    "an alias": runtime({"affinity": "COOKIE"}, {"affinity": "GENERATED_COOKIE"}),
    "another alias": runtime({"affinity": "COOKIE"}, {"affinity": "HEADER"}),
    "unset on both sides": runtime({"description": "", "diskSize": 0}),
    "a field that can be emptied": runtime({"description": None}, {"description": "d"}),
    "a field that is empty already": runtime({"description": None}, {"description": ""}),
    "a field that cannot be emptied": runtime({"diskSize": None}, {"diskSize": 512}),
    "a field that never changes": runtime({"artifactType": "B"}, {"artifactType": "A"}),
    "two fields that block": runtime(
        {"artifactType": "B", "diskSize": None}, {"artifactType": "A", "diskSize": 1}
    ),
    "an action alone": runtime({"forceEvict": True}),
    "an action with a change": runtime({"forceEvict": True, "cpu": 4}),
    "what the cloud alone sets": runtime({"status": "X"}, {"status": "READY"}),
    "a field that no rule names": runtime({"new": {"a": 1}}, {"new": {"a": 2}}),
    "leaves of a field that no rule names": runtime(
        {"new": {"a": 1, "b": [1, {"c": 2}], "e": "f"}}, {"new": {"a": 2, "b": [1, {"c": 3}]}}
    ),
    "a list that no rule names": runtime({"new": [1, 2]}, {"new": [1]}),
    "more leaves than are told": runtime(
        {"new": {f"k{i}": i for i in range(21)}}, {"new": {f"k{i}": -1 for i in range(21)}}
    ),
    "as many leaves as are told": runtime(
        {"new": {f"k{i}": i for i in range(20)}}, {"new": {f"k{i}": -1 for i in range(20)}}
    ),
    "an unnamed field with a secret": runtime({"new": {"a": Sealed("x", "env:X")}}, {"new": {"a": 1}}),
    "an unnamed field that is emptied": runtime(
        {"a": None, "b": None, "c": None, "d": None}, {"a": {"x": 1}, "b": [1], "c": "x", "d": 5}
    ),
    # objects
    "a member of an object": runtime({"container": {"image": "j"}}, {"container": IMAGE}),
    "a list of an object": runtime({"container": {"command": ["b"]}}, {"container": IMAGE}),
    "a whole object": runtime({"container": IMAGE}),
    "an object without a value": runtime({"container": {"image": "", "command": []}}),
    "an object that is emptied": runtime({"container": None}, {"container": IMAGE}),
    "a member that is emptied": runtime({"container": {"command": None}}, {"container": IMAGE}),
    "an object in place of a text": runtime({"container": IMAGE}, {"container": "odd"}),
    "a text in place of an object": runtime({"container": "odd"}, {"container": IMAGE}),
    "the same odd text": runtime({"container": "odd"}, {"container": "odd"}),
    "a live member of no rule goes along": runtime(
        {"container": {"image": "j"}}, {"container": {**IMAGE, "other": {"a": [1]}, "off": False}}
    ),
    "empty live members stay behind": runtime(
        {"container": {"image": "j"}}, {"container": {"image": "i", "command": [], "auth": {}}}
    ),
    # lists
    "a list with a key": runtime(
        {"mounts": [{"dir": "b", "readOnly": True}, {"dir": "a"}]},
        {"mounts": [{"dir": "a", "readOnly": True}, {"dir": "b", "readOnly": False}]},
    ),
    "an element more": runtime({"mounts": [{"dir": "a"}, {"dir": "b"}]}, {"mounts": [{"dir": "a"}]}),
    "another key": runtime({"mounts": [{"dir": "b"}]}, {"mounts": [{"dir": "a", "x": 1}]}),
    "a key that is not unique": runtime(
        {"mounts": [{"dir": "a"}, {"dir": "a", "readOnly": True}]},
        {"mounts": [{"dir": "a", "readOnly": True}, {"dir": "a"}]},
    ),
    "a list that is emptied": runtime({"mounts": None}, {"mounts": [{"dir": "a"}]}),
    "an empty list": runtime({"mounts": []}, {"mounts": [{"dir": "a"}]}),
    "a list in place of a text": runtime({"mounts": [{"dir": "a"}]}, {"mounts": "odd"}),
    "tags": runtime({"systemTags": ["a", "b"]}, {"systemTags": ["b", "reconcile-x", "c"]}),
    "tags in another order": runtime({"systemTags": ["a", "b"]}, {"systemTags": ["b", "a"]}),
    "tags that are emptied": runtime({"systemTags": None}, {"systemTags": ["b", "reconcile-x"]}),
    "an unreliable field that is left out": runtime({"protocol": {"type": "MCP"}}),
    "an unreliable field that differs": runtime(
        {"protocol": {"type": "MCP"}}, {"protocol": {"type": "HTTP"}}
    ),
    "an unreliable field beside a change": runtime({"protocol": {"type": "MCP"}, "cpu": 4}),
}  # fmt: skip
