"""Cases of documents, and of bodies that carry everything."""

from typing import Final

from reconciler.differ.options import Options
from reconciler.model.sealed import Sealed
from tests.support.deciding import PROPERTIES, STRICT, UNKNOWN, Case, prompt, runtime
from tests.support.shapes import PROMPT

CASES: Final[dict[str, Case]] = {
    # documents and whole bodies
    "a property": prompt({"name": "new"}, {"properties": {**PROPERTIES, "tools": []}}),
    "a property beside a mask": prompt({"name": "new"}),
    "a masked tool is declared": prompt(
        {"tools": [{"type": "web", "api_key": Sealed("k", "env:K")}]}
    ),
    "a document": prompt(
        {"model_setting": {"temperature": 0.5}}, {"properties": {**PROPERTIES, "tools": []}}
    ),
    "a document as text": prompt(
        {"model_setting": '{"top_p": 0.3, "temperature": 0.3}', "name": "new"},
        {"properties": {**PROPERTIES, "tools": []}},
    ),
    "a document with a secret": prompt(
        {"model_setting": {"apikey": Sealed("k", "env:K"), "temperature": 0.5}},
        {"properties": {**PROPERTIES, "tools": []}},
    ),
    "a document with a secret without a value": prompt(
        {"model_setting": {"apikey": UNKNOWN, "temperature": 0.5}},
        {"properties": {**PROPERTIES, "tools": []}},
    ),
    "a document with a masked member": prompt(
        {"model_setting": {"temperature": 0.5}},
        {"properties": {"model_setting": '{"apikey":"abc***","temperature":1}'}},
    ),
    "a document that is emptied": prompt({"model_setting": None}, {"properties": {**PROPERTIES, "tools": []}}),
    "a document that is no object": prompt({"model_setting": "plain"}, {"properties": {**PROPERTIES, "tools": []}}),
    "what the cloud computes is passed back": prompt(
        {"id": "20", "name": "new"}, {"properties": {"id": "19", "name": "old"}}
    ),
    "tags of a whole body": prompt({"name": "old"}, {"properties": {"name": "old"}}, spec={"tags": ["y"]}),
    "required and nowhere": Case(
        {"agentId": "a", "properties": {"name": "new"}},
        {"properties": {"name": "old"}},
        PROMPT,
    ),
    "a whole body of the first kind": runtime(
        {"container": {"image": "j"}}, {"container": {"image": "i", "auth": {"password": "x***"}}}, rules=STRICT
    ),
    "a read that leaves things out": prompt({"name": "new"}, about={"partial": True}),
    "the same of a complete manifest": prompt(
        {"name": "new", "model_setting": {"temperature": None, "top_p": 1}},
        about={"partial": True},
        more={"complete": True},
    ),
    "the same, written": prompt(
        {"name": "new", "model_setting": {"temperature": None, "top_p": 1}},
        {"properties": {"name": "old"}},
        about={"partial": True},
        more={"complete": True},
        options=Options(write_unverifiable=True),
    ),
    "the same with too little": Case(
        {"agentId": "a", "properties": {"name": "new", "id": "5"}},
        {"properties": {}},
        PROMPT,
        Options(write_unverifiable=True),
        {"complete": True},
        about={"partial": True},
    ),
}  # fmt: skip
