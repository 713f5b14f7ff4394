"""`reconcile render`: the effective manifests as text that loads again, and where values come from.

The expected texts stand in `golden/render/`.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.cli.render import effective
from reconciler.loader.config import read_config
from reconciler.loader.load import load
from reconciler.loader.write import to_yaml
from tests.support.cli import CANARY, SECRETS, Ran, run_cli
from tests.support.loader import KINDS, SETTINGS

GOLDEN = Path(__file__).parent / "golden" / "render"

CONFIG = """\
defaultTarget: sandbox
targets:
  sandbox:
    overlays: [../overlays/common, ../overlays/prod]
    vars: {TAG: v3, TEAM: support, REPLICA: 007}
  test:
    agentrun: {}
    overlays: [../overlays/common]
    vars: {TAG: latest, TEAM: support, REPLICA: 1}
"""
RUNTIME = """\
# who answers customers
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: customer-service, labels: {team: "${var.TEAM}"}}
spec:
  cpu: 2
  memory: 4096
  port: 8080
  description: |
    Answers customers.
      Politely: "yes", never 'no' # always
  containerConfiguration: {image: "registry.example.com/support/agent:${var.TAG}", command: ["run", "007"]}
  environmentVariables: {LOG_LEVEL: info, SHELL: "$${var.TAG} ${HOME}", API_KEY: {secret: "env:SUPPORT_API_KEY"}}
rollout: {timeout: 5m}
"""
AGENT = """\
apiVersion: appstage.myhuaweicloud.com/v1
kind: Agent
metadata: {name: reviewer}
spec:
  agentId: "0123456789abcdef0123456789abcdef"
  region: cn-north-5
  tags: []
  properties:
    prologue: 你好,请贴出改动
    model_setting: {temperature: 0.5}
"""
COMMON = """\
kind: AgentRuntime
metadata: {name: customer-service, labels: {tier: gold}}
spec:
  cpu: 4
  environmentVariables: {LOG_LEVEL: warn, REPLICA: "${var.REPLICA}"}
"""
PROD = """\
kind: JSONPatch
target: {kind: AgentRuntime, name: customer-service}
ops:
- {op: test, path: /spec/cpu, value: 4.0}
- {op: replace, path: /spec/containerConfiguration/command/1, value: "8"}
- {op: move, from: /spec/environmentVariables/REPLICA, path: /spec/environmentVariables/INSTANCE}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with manifests of both clouds and two overlays."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name, text in {
        "manifests/reconcile.yaml": CONFIG,
        "manifests/a.yaml": RUNTIME,
        "manifests/b.yaml": AGENT,
        "overlays/common/a.yaml": COMMON,
        "overlays/prod/p.yaml": PROD,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def render(*arguments: str) -> Ran:
    """Render; it has to succeed."""
    ran = run_cli("render", "manifests", *arguments, environ=SECRETS)
    assert (ran.code, ran.err.partition(" ")[0]) == (0, "Target:")
    return ran


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((), "plain.yaml"),
        (("--why",), "why.yaml"),
        (("--target", "test", "--name", "customer-service"), "test.yaml"),
        (("-o", "json"), "why.json"),
    ],
)
def test_the_effective_manifests_are_printed(arguments: tuple[str, ...], name: str) -> None:
    """Standard output holds the manifests and nothing else, word for word."""
    assert render(*arguments).out == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.usefixtures("folder")
def test_the_target_is_told_on_standard_error() -> None:
    """The stream can be piped into another program."""
    assert render().err.startswith("Target: sandbox (both clouds emulated")


def test_what_is_printed_loads_again_and_says_the_same(folder: Path) -> None:
    """Rendered manifests are manifests: rendered again they give the same text."""
    first = render().out
    (folder / "again").mkdir()
    (folder / "again" / "all.yaml").write_text(first, encoding="utf-8")
    again = run_cli("render", "again", "--target", "sandbox")
    assert (again.code, again.out) == (0, first)


def test_with_reasons_it_loads_again_too(folder: Path) -> None:
    """`--why` adds comments only."""
    (folder / "again").mkdir()
    (folder / "again" / "all.yaml").write_text(render("--why").out, encoding="utf-8")
    assert run_cli("render", "again", "--target", "sandbox").out == render().out


@pytest.mark.usefixtures("folder")
def test_every_line_with_a_value_has_its_reason() -> None:
    """No value is left without a place, and each place leads to a line of that file."""
    for line in render("--why").out.splitlines():
        value = line.strip().removeprefix("- ")
        if value.endswith(":") or value == "---" or value.startswith(("Answers", "Politely")):
            continue
        file, number, column = value.partition("  # ")[2].split(" ")[0].rsplit(":", 2)
        text = Path(file).read_text(encoding="utf-8").splitlines()[int(number) - 1]
        assert 1 <= int(column) <= len(text)


@pytest.mark.usefixtures("folder")
def test_only_what_is_chosen_is_printed() -> None:
    """Selectors see the labels that overlays set."""
    assert render("-l", "tier=gold").out.count("apiVersion") == 1
    assert render("-l", "tier=gold", "-l", "team=support").out.count("apiVersion") == 1
    both = run_cli("render", "manifests", "-l", "tier=gold", "-l", "team=review")
    assert (both.code, both.out) == (1, "")  # the second selector does not undo the first
    assert render("--name", "reviewer").out.startswith("apiVersion: appstage")


def test_a_target_may_have_layers_and_no_cloud(folder: Path) -> None:
    """What manifests say in the end needs no account: that is asked for where a plan is made."""
    config = CONFIG.replace("agentrun: {}\n    ", "")
    (folder / "manifests" / "reconcile.yaml").write_text(config, encoding="utf-8")
    assert render("--target", "test", "-l", "team=support").out.count("apiVersion") == 1
    ran = run_cli("plan", "manifests", "--target", "test")
    assert (ran.code, "error[no-section]" in ran.err) == (1, True)


def test_no_secret_is_resolved(folder: Path) -> None:
    """References stay references, though their values are at hand."""
    for arguments in ((), ("--why",), ("-o", "json")):
        ran = render(*arguments)
        assert CANARY not in ran.out + ran.err
        assert "env:SUPPORT_API_KEY" in ran.out
    assert run_cli("render", "manifests", environ={}).code == 0


def test_a_file_begins_with_its_schema_where_there_is_one(folder: Path) -> None:
    """Editors check a written file of one kind; a mixed one has no single schema."""
    ran = render("-o", "text=one.yaml", "--name", "customer-service")
    first, _, rest = (folder / "one.yaml").read_text(encoding="utf-8").partition("\n")
    assert first.startswith("# yaml-language-server: $schema=")
    assert first.endswith(".reconcile/schemas/AgentRuntime.json")
    assert rest == ran.out
    ran = render("-o", "text=both.yaml", "-o", "json=both.json")
    assert (folder / "both.yaml").read_text(encoding="utf-8") == ran.out
    document = json.loads((folder / "both.json").read_text(encoding="utf-8"))
    assert [one["document"]["kind"] for one in document["manifests"]] == ["AgentRuntime", "Agent"]


def test_problems_are_told_and_nothing_is_printed(folder: Path) -> None:
    """A manifest that is wrong under this target is not rendered."""
    (folder / "overlays" / "common" / "a.yaml").write_text(COMMON.replace("cpu", "cpus"))
    ran = run_cli("render", "manifests")
    assert (ran.code, ran.out) == (1, "")
    assert 'overlays/common/a.yaml:4:3: error[unknown-field]: "cpus"' in ran.err


_WORDS = st.sampled_from(
    [
        *(
            "info",
            "007",
            "no",
            "1e3",
            "a: b",
            " x",
            "${HOME}",
            "${var.TAG}",
            "$${var.TAG}",
            "中",
            "",
        ),
        *("two\nlines\n", "# x", "'", '"', "\\", "\u2028", "~", "null", "5m", "- a", "{", "\t"),
    ]
)
_SPECS = st.fixed_dictionaries(
    {},
    optional={
        "cpu": st.sampled_from([1, 2.0, 0.5, 16]),
        "memory": st.integers(128, 1024),
        "description": _WORDS,
        "paused": st.booleans(),
        "environmentVariables": st.dictionaries(
            _WORDS.filter(lambda text: "${var." not in text),
            _WORDS | st.just({"secret": "env:KEY"}),
            max_size=3,
        ),
        "containerConfiguration": st.fixed_dictionaries({"command": st.lists(_WORDS, max_size=3)}),
        "licenseKey": st.sampled_from([{"secret": "env:KEY"}, {"secret": "file:a b.txt"}]),
    },
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(_SPECS, _SPECS, st.lists(_WORDS, max_size=2))
def test_any_layered_manifest_renders_to_one_that_says_the_same(
    base: dict[str, Any], overlay: dict[str, Any], patched: list[str]
) -> None:
    """Whatever is merged, patched and replaced: the text loads to the same agent."""
    head = {"kind": "Runtime", "metadata": {"name": "a"}}
    ops = [
        {"op": "add", "path": f"/spec/mounts/{n}", "value": {"mountDir": f"/{n}", "readOnly": True}}
        for n, _ in enumerate(patched)
    ]
    config = "targets: {t: {overlays: [over], vars: {TAG: 'v 3'}}}\n"
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, value in {
            "a.json": {
                **head,
                "apiVersion": "cloud.example.com/v1",
                "spec": {"mounts": [], **base},
            },
            "over/o.json": {**head, "spec": overlay},
            "over/p.json": {
                "kind": "JSONPatch",
                "target": {"kind": "Runtime", "name": "a"},
                "ops": ops,
            },
        }.items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(json.dumps(value), encoding="utf-8")
        (folder / "reconcile.yaml").write_text(config, encoding="utf-8")
        read, problems = read_config(folder / "reconcile.yaml", settings=SETTINGS)
        assert read is not None
        assert not problems
        (one,) = load(
            [folder],
            kinds=KINDS,
            config=read.path,
            targets=[read.targets["t"]],
            overlays=read.overlays,
        ).manifests
        (folder / "flat").mkdir()
        (folder / "flat" / "a.yaml").write_text(to_yaml(effective(one)), encoding="utf-8")
        (two,) = load([folder / "flat"], kinds=KINDS).manifests
    assert (one.address, one.labels) == (two.address, two.labels)
    assert json.dumps(one.spec, default=str) == json.dumps(two.spec, default=str)
