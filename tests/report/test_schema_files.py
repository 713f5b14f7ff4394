"""The schemas of `reconcile.yaml` and of JSONPatch documents, held against what the loader says."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.cli.schema import schemas
from reconciler.cli.setup import Catalogue
from reconciler.model.errors import InputError
from reconciler.providers import discover
from tests.support.cli import run_cli
from tests.support.loader import load_config

CATALOGUE = Catalogue(discover())
CONFIG = Draft202012Validator(schemas(CATALOGUE)["config"]())
PATCH = Draft202012Validator(schemas(CATALOGUE)["JSONPatch"]())


def _target(**members: Any) -> dict[str, Any]:
    return {"targets": {"prod": members}}


RIGHT = [
    {},
    {"defaultTarget": "sandbox"},
    {"defaultTarget": None, "targets": None},
    {"targets": {"prod": None, "sandbox": {"wait": {"settle": "1s"}}}},
    _target(agentrun=None, appstage={"iam": {"region": "cn-north-4"}}, wait=None, limits=None),
    _target(agentrun={"region": "cn-hangzhou", "workspace": None, "requestsPerSecond": 0.5}),
    _target(agentrun={"endpoint": "http://127.0.0.1:8080", "nested": "merge"}),
    _target(wait={"timeout": "168h", "settle": "1h2m3s4ms", "inDoubt": "0.5s"}),
    _target(limits={"maxChange": "100%", "maxUnavailable": 1, "maxFailures": 3}),
    _target(limits={"maxFailures": 0}),
    *(_target(limits={"maxChange": share}) for share in ("0%", "007%", "99.999999%", "100.0%")),
    *(_target(limits={"maxUnavailable": share}) for share in ("25%", "0.5%", "100%")),
    *(_target(limits={"maxRestarts": number}) for number in (0, 7)),
    _target(vars={"A": "text", "b-c": 1.5, "_d": True}, overlays=["o"]),
    _target(vars=None, overlays=None),
]
WRONG = [
    {"target": {}},
    {"defaultTarget": 1},
    {"targets": []},
    {"targets": {"prod": []}},
    {"targets": {"sandbox": {"agentrun": {}}}},
    _target(agentrum={}),
    _target(agentrun={"region": "Hangzhou"}),
    _target(agentrun={"region": None}),
    _target(agentrun={"region": {"secret": "env:REGION"}}),
    _target(agentrun={"workspace": ""}),
    _target(agentrun={"endpoint": "ftp://127.0.0.1"}),
    _target(agentrun={"maxConcurrency": 11}),
    _target(agentrun={"requestsPerSecond": 0}),
    _target(agentrun={"nested": "deep"}),
    _target(appstage={"iam": {"project": ""}}),
    _target(appstage={"iam": None}),
    _target(appstage={"iam": {"regoin": "x"}}),
    _target(wait={"timeout": 600}),
    _target(wait={"timeout": "0s"}),
    _target(wait={"settle": "1m1h"}),
    _target(wait={"settle": "15"}),
    _target(wait={"setle": "15s"}),
    *(_target(limits={"maxChange": share}) for share in (30, "30", "101%", "-1%", "100.1%")),
    *(_target(limits={"maxUnavailable": most}) for most in (0, "5", "0%", "00.0%", "101%")),
    *(_target(limits={"maxRestarts": number}) for number in (-1, "1", "5%", True, None)),
    _target(limits={"maxFailures": True}),
    _target(vars={"1A": "x"}),
    _target(vars={"A": None}),
    _target(vars={"A": ["x"]}),
    _target(vars=["A"]),
    _target(overlays="o"),
    _target(overlays=[""]),
    _target(overlays=["/o"]),
    _target(overlays=["o", "o"]),
    _target(overlays=[1]),
]


def refused(folder: Path, config: Any) -> bool:
    """Whether the loader refuses such a `reconcile.yaml`."""
    (folder / "o").mkdir()
    path = folder / "reconcile.yaml"
    path.write_text(json.dumps(config))
    try:
        load_config(path, settings=CATALOGUE.settings)
    except InputError:
        return True
    return False


@pytest.mark.parametrize("config", RIGHT, ids=str)
def test_a_right_configuration_is_right_for_both(tmp_path: Path, config: Any) -> None:
    """What the program reads, an editor does not complain about."""
    assert not refused(tmp_path, config)
    assert [error.message for error in CONFIG.iter_errors(config)] == []


@pytest.mark.parametrize("config", WRONG, ids=str)
def test_a_wrong_configuration_is_wrong_for_both(tmp_path: Path, config: Any) -> None:
    """A mistake that the program refuses is seen in the editor already."""
    assert refused(tmp_path, config)
    assert list(CONFIG.iter_errors(config))


BASE = {
    "apiVersion": "agentrun.aliyun.com/v1",
    "kind": "AgentRuntime",
    "metadata": {"name": "a"},
    "spec": {"cpu": 2, "memory": 4096},
}
OF_A = {"kind": "AgentRuntime", "name": "a"}


def _patch(*ops: Any, **members: Any) -> dict[str, Any]:
    return {"kind": "JSONPatch", "target": OF_A, "ops": list(ops), **members}


RIGHT_PATCHES = [
    _patch(),
    _patch({"op": "add", "path": "/spec/port", "value": 80}),
    _patch(
        {"op": "replace", "path": "/spec/cpu", "value": 4}, {"op": "remove", "path": "/spec/cpu"}
    ),
    _patch({"op": "copy", "from": "/spec/memory", "path": "/spec/diskSize"}),
    _patch({"op": "test", "path": "/spec/cpu", "value": 2}),
    _patch(target={**OF_A, "apiVersion": "agentrun.aliyun.com/v1"}),
]
WRONG_PATCHES = [
    _patch(opps=[]),
    {"kind": "JSONPatch", "ops": []},
    _patch(target={"kind": "AgentRuntime"}),
    _patch(target={**OF_A, "kind": "Bot"}),
    _patch(target={**OF_A, "labels": {}}),
    {**_patch(), "ops": {}},
    _patch("add"),
    _patch({"op": "put", "path": "/spec/cpu", "value": 2}),
    _patch({"op": "add", "path": "/spec/port"}),
    _patch({"op": "remove", "path": "spec.cpu"}),
    _patch({"op": "remove", "path": "/spec/cpu", "value": 2}),
    _patch({"op": "move", "path": "/spec/cpu"}),
    _patch({"op": "remove", "path": "/spec/~cpu"}),
]


@pytest.mark.parametrize(
    ("patch", "right"),
    [*((patch, True) for patch in RIGHT_PATCHES), *((patch, False) for patch in WRONG_PATCHES)],
    ids=str,
)
def test_a_patch_is_right_or_wrong_for_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patch: Any, right: bool
) -> None:
    """The form of a patch is judged alike by `validate` and by an editor."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a.json").write_text(json.dumps(BASE))
    (tmp_path / "m" / "patch.json").write_text(json.dumps(patch))
    assert (run_cli("validate", "m").code == 0) is right
    assert (list(PATCH.iter_errors(patch)) == []) is right
