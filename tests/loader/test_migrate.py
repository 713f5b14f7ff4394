"""Rewriting the vendor's YAML: the text keeps what its owner wrote, and says the same."""

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reconciler.loader.diagnostics import render_problem
from reconciler.loader.load import load
from reconciler.loader.migrate import Migrated, migrate
from reconciler.loader.migrate.edits import Edit, Rewriting, Stuck
from reconciler.loader.references import SecretReference
from reconciler.loader.source import Source, decode
from reconciler.model.errors import InputError
from reconciler.model.manifest import Manifest
from reconciler.model.sealed import Sealed
from reconciler.providers.agentrun.provider import RUNTIME
from tests.support.ar import CONTAINER, HEAD, Case, load_theirs, rendered

OURS = "apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntime\nmetadata: {name: ours-%s}\nspec: {cpu:   2 }  # ours\n"
MODELINE = "# yaml-language-server: $schema=x.json"
CASES = [*rendered("documented"), *rendered("variants")]


def migrated(text: str, *, name: str = "a.yaml") -> Migrated:
    source = decode(Path(name), text.encode(), root=Path())
    assert isinstance(source, Source)
    return migrate(source, [RUNTIME], modeline=lambda kind: MODELINE)


def rewritten(text: str, *, name: str = "a.yaml") -> str:
    """The text without the modeline."""
    return (
        migrated(text, name=name).text.removeprefix(f"{MODELINE}\n").removeprefix(f"{MODELINE}\r\n")
    )


def same(before: Manifest, after: Manifest) -> bool:
    return (
        before.address == after.address
        and before.labels == after.labels
        and equal(before.spec, after.spec)
        and after.create_defaults is None
    )


def equal(before: object, after: object) -> bool:
    if isinstance(before, Sealed):
        return isinstance(after, SecretReference)
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(equal(before[n], after[n]) for n in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(equal, before, after))
    return type(before) is type(after) and before == after


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_rewritten_document_says_the_same(tmp_path: Path, case: Case) -> None:
    """For each recorded document: same agent, same spec; and rewriting twice changes nothing."""
    text = case.text
    before = load_theirs(tmp_path, text).manifests[0]
    result = migrated(text).text
    after = load_theirs(tmp_path, result).manifests[0]
    assert same(before, after)
    assert result.startswith(f"{MODELINE}\n")
    assert migrated(result).text == result


@st.composite
def odd_texts(draw: st.DrawFn) -> tuple[str, list[str], str, str]:
    """A document with comments in odd places: text, the comments, ours before and behind it."""
    case = draw(st.sampled_from(CASES))
    lines = case.text.rstrip("\n").split("\n")
    marks: list[str] = []
    for number in draw(st.lists(st.integers(0, len(lines) - 1), max_size=6)):
        marks.append(f"mark-{len(marks)}")
        if draw(st.booleans()):
            lines[number] += f"   # {marks[-1]}"
        else:
            indent = " " * draw(st.integers(0, 8))
            lines.insert(number, f"{indent}# {marks[-1]}")
        if draw(st.booleans()):
            lines.insert(draw(st.integers(0, len(lines))), "")
    if draw(st.integers(0, 5)) == 0:
        lines = [
            json.dumps(
                _value(case.text), ensure_ascii=False, indent=draw(st.sampled_from([None, 2]))
            )
        ]
        marks = []
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    before = draw(st.sampled_from(["", OURS % 1 + "---\n", "# head\n---\n"]))
    behind = draw(st.sampled_from(["", "---\n" + OURS % 2, "...\n# tail\n"]))
    text = newline.join("\n".join(lines).split("\n")) + newline
    return text, marks, before, behind


def _value(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


@settings(max_examples=80, deadline=None)
@given(odd=odd_texts())
def test_comments_and_foreign_text_survive(
    tmp_path_factory: pytest.TempPathFactory, odd: tuple[str, list[str], str, str]
) -> None:
    """Wherever comments stand and however lines end: nothing is lost, nothing else is touched."""
    text, marks, before, behind = odd
    folder = tmp_path_factory.mktemp("m")
    whole = before + text + behind
    try:
        loaded = load_theirs(folder, whole)
    except InputError:
        reject()
    result = rewritten(whole)
    assert result.startswith(before)
    assert result.endswith(behind)
    for mark in marks:
        assert result.count(mark) == whole.count(mark), mark
        line = next(line for line in result.splitlines() if mark in line)
        assert "#" in line.partition(mark)[0]
    after = load_theirs(folder, result)
    assert len(after.manifests) == len(loaded.manifests)
    for one, other in zip(loaded.manifests, after.manifests, strict=True):
        assert same(one, other)
    assert rewritten(result) == result


SHARED = {
    "map": [
        ("network",),
        ("env",),
        ("log",),
        ("healthCheck",),
        ("container", "registryConfig", "network"),
        ("container", "registryConfig", "auth"),
        ("container", "registryConfig"),
        ("protocol",),
    ],
    "list": [
        ("container", "command"),
        ("network", "vswitchIds"),
        ("nas", "mountPoints"),
        ("ossMount", "mountPoints"),
        ("endpoints",),
    ],
}
"""Members at which one and the same value may stand."""

VALUES = [
    {},
    {"vpcId": "v"},
    {"mode": "PUBLIC", "vpcId": "v"},
    {"project": "p", "logstore": "l"},
    {"userName": "u"},
    {"password": "p-123456"},
    {"network": {"vpcId": "v"}},
    {"httpGetUrl": None},
    {"type": "HTTP"},
    [],
    ["a"],
    [{"serverAddr": "s", "mountDir": "/m"}],
    [{"name": "a"}],
]


@st.composite
def aliased_texts(draw: st.DrawFn) -> str:
    """A document in which values are repeated by anchors and aliases, whatever they mean there."""
    spec: dict[str, Any] = {"container": {"image": "x"}}
    for shape, paths in SHARED.items():
        fitting = [value for value in VALUES if isinstance(value, dict) == (shape == "map")]
        shared = [
            copy.deepcopy(value) for value in draw(st.lists(st.sampled_from(fitting), max_size=2))
        ]
        for path in draw(st.lists(st.sampled_from(paths), unique=True, max_size=4)):
            inner = spec
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
                if not isinstance(inner, dict):
                    break
            if shared and isinstance(inner, dict):
                inner[path[-1]] = draw(st.sampled_from(shared))
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = draw(st.sampled_from([True, False, None]))
    stream = io.StringIO()
    yaml.dump({**HEADER, "spec": spec}, stream)
    return stream.getvalue()


HEADER = {"apiVersion": "agentrun/v1", "kind": "AgentRuntime", "metadata": {"name": "a"}}


@settings(max_examples=150, deadline=None)
@given(text=aliased_texts())
def test_an_alias_is_rewritten_rightly_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Values that are repeated in several roles: the same manifest, or an error that says so."""
    folder = tmp_path_factory.mktemp("m")
    try:
        before = load_theirs(folder, text).manifests[0]
    except InputError:
        reject()
    try:
        result = rewritten(text)
    except InputError as error:
        codes = {problem.code for problem in error.problems if not problem.warning}
        assert codes == {"cannot-migrate"}
        assert "p-123456" not in "".join(map(render_problem, error.problems))
        return
    after = load_theirs(folder, result).manifests[0]
    assert same(before, after)
    own = after.spec.get("environmentVariables", {})  # where a password is the user's own matter
    assert "p-123456" not in result or "password" in own


def test_only_names_change_in_a_plain_document() -> None:
    """Order, quotes, blank lines and comments stay: the difference is the names."""
    text = (
        "# top\napiVersion: 'agentrun/v1' # theirs\nkind: AgentRuntime\n\nmetadata:\n  name: a\n"
        'spec:\n\n  # image\n  "container":\n    image: \'x:v1\'   # pinned\n\n  env: {A: "1"}\n'
    )
    assert migrated(text).text == (
        f"{MODELINE}\n# top\napiVersion: 'agentrun.aliyun.com/v1' # theirs\nkind: AgentRuntime\n\n"
        "metadata:\n  name: a\n"
        'spec:\n  artifactType: Container\n\n  # image\n  "containerConfiguration":\n'
        "    image: 'x:v1'   # pinned\n\n  environmentVariables: {A: \"1\"}\n"
    )


def test_a_password_becomes_a_reference_and_stands_nowhere() -> None:
    """The reference names the agent; the old value is neither in the file nor in a comment of it."""
    text = (
        HEAD.replace("name: a", "name: my-agent")
        + "spec:\n  container:\n    image: x\n    registryConfig: {auth: {userName: u, password: hunter-2}}\n"
        "    cloudBuild:\n      registry:\n        password: |\n          hunter-3\n"
    )
    done = migrated(text)
    assert 'password: {secret: "env:MY_AGENT_REGISTRY_PASSWORD"}' in done.text
    assert "hunter" not in done.text
    assert done.agents[0].variables == (
        ("MY_AGENT_REGISTRY_PASSWORD", "container.registryConfig.auth.password"),
    )


def test_the_variable_of_the_documented_sample_keeps_its_name() -> None:
    """`${REGISTRY_PASSWORD}` is what its author meant: a variable of that name."""
    text = next(case.text for case in CASES if "${REGISTRY_PASSWORD}" in case.text)
    assert 'password: {secret: "env:REGISTRY_PASSWORD"} ' not in text
    assert '{secret: "env:REGISTRY_PASSWORD"}' in migrated(text).text


def test_what_creating_needs_is_told_and_not_written() -> None:
    """Defaults of the tool would overrule live values, so they are named only."""
    done = migrated(f"{HEAD}spec:\n  cpu: 1\n{CONTAINER}")
    assert done.agents[0].needs == (
        ("memory", 4096),
        ("port", 9000),
        ("networkConfiguration", {"networkMode": "PUBLIC"}),
    )
    assert "4096" not in done.text


def test_a_null_does_not_turn_into_a_wish_to_clear() -> None:
    """With the tool null says nothing, with us it clears: it becomes a comment."""
    text = f"{HEAD}spec:\n{CONTAINER}  cpu: null\n  nas:\n    mountPoints:\n      - enableTLS: null\n        serverAddr: s\n        mountDir: /mnt\n"
    assert migrated(text).text.endswith(
        "  # cpu: null\n  nasConfig:\n    mountPoints:\n      - # enableTLS: null\n"
        "        serverAddr: s\n        mountDir: /mnt\n"
    )


def test_a_mapping_that_loses_all_members_stays_a_mapping(tmp_path: Path) -> None:
    """Empty is not null, behind a key and behind the dash of a list."""
    text = (
        f"{HEAD}spec:\n{CONTAINER}  healthCheck:\n    httpGetUrl: null  # none\n"
        "  protocol:\n    settings:\n      - type: null\n        name: null\n"
    )
    done = rewritten(text)
    assert "  healthCheckConfiguration: {}\n    # httpGetUrl: null  # none\n" in done
    assert "      - {} # type: null\n        # name: null\n" in done
    before, after = (load_theirs(tmp_path, one).manifests[0] for one in (text, done))
    assert same(before, after)


def test_a_comment_beside_a_password_stays() -> None:
    """Only the value goes, also where it is a block of text."""
    text = (
        f"{HEAD}spec:\n  container:\n    image: x\n    registryConfig:\n      auth:\n"
        "        password: |-  # rotate me\n          hunter-2\n        userName: u\n"
    )
    assert 'password: {secret: "env:A_REGISTRY_PASSWORD"}  # rotate me\n        userName: u\n' in (
        rewritten(text)
    )


@pytest.mark.parametrize(
    "flow",
    [
        "{\n    mode: PUBLIC,   # mark-1\n    vswitchIds: [] # mark-2\n  }",
        "{ # mark-1\n    vswitchIds: [],   # mark-2\n    # mark-3\n    mode: PUBLIC}",
        "{\n    vpcId: ~, # mark-1\n    # mark-2\n    vswitchIds: [] # mark-3\n  }",
    ],
)
def test_comments_between_the_members_in_brackets_stay(tmp_path: Path, flow: str) -> None:
    """Where a member is cut out of brackets, the comments around it move above them."""
    text = f"{HEAD}spec:\n{CONTAINER}  network: {flow}  # behind\n"
    done = rewritten(text)
    for number in range(1, 1 + text.count("mark-")):
        assert done.count(f"# mark-{number}") == 1
    assert "  # vswitchIds: []\n" in done
    assert "# behind" in done
    before, after = (load_theirs(tmp_path, one).manifests[0] for one in (text, done))
    assert same(before, after)


def test_edits_that_overlap_are_refused() -> None:
    """Two replacements of one text cannot both be made; two equal ones are one."""
    rewriting = Rewriting("abcdef")
    assert rewriting.whole([Edit(1, 3, "X"), Edit(1, 3, "X"), Edit(3, 3, "+")]) == "aX+def"
    with pytest.raises(Stuck):
        rewriting.whole([Edit(1, 3, "X"), Edit(2, 4, "Y")])


def test_an_alias_in_the_same_role_is_kept(tmp_path: Path) -> None:
    """An anchor and its alias stay when the members that they repeat keep their names."""
    text = f"{HEAD}spec:\n{CONTAINER}  log: &l {{project: p, logstore: s}}\n  env: &e {{A: b}}\n---\n{OURS % 1}"
    done = rewritten(text)
    assert "logConfiguration: &l {project: p, logstore: s}" in done
    assert len(load_theirs(tmp_path, done).manifests) == 2


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        (
            "  container: {image: x}\n  env: &n {mode: PUBLIC}\n  network: *n\n",
            1,
        ),
        ("  container: {image: x}\n  endpoints: [{name: &n a}]\n  credentialName: *n\n", 1),
        ("  &k container: {image: x}\n", 5),
    ],
    ids=["renamed in one role only", "an anchor in what is taken out", "an anchor on a key"],
)
def test_what_cannot_be_rewritten_is_refused_with_its_place(spec: str, line: int) -> None:
    """Nothing half right: an error that names the place, and no text."""
    text = f"{HEAD}spec:\n{spec}"
    try:
        done = migrated(text)
    except InputError as error:
        found = [(one.code, one.place.line) for one in error.problems if not one.warning]
        assert found == [("cannot-migrate", line)]
        return
    pytest.fail(done.text)


def test_a_document_with_errors_is_not_rewritten() -> None:
    """Every problem of the file is told in one run."""
    with pytest.raises(InputError) as caught:
        migrated(f"{HEAD}spec:\n{CONTAINER}  cpuu: 1\n  memory: x\n")
    assert [problem.code for problem in caught.value.problems] == ["unknown-field", "wrong-type"]


def test_json_stays_json() -> None:
    """A JSON file keeps its quotes and gets no comment; what only a comment could keep is refused."""
    spec = {
        "container": {"image": "x", "registryConfig": {"auth": {"password": "p-123456"}}},
        "env": {"A": 1},
    }
    document = {
        "apiVersion": "agentrun/v1",
        "kind": "AgentRuntime",
        "metadata": {"name": "a"},
        "spec": spec,
    }
    for indent in (None, 2):
        done = migrated(json.dumps(document, indent=indent), name="a.json").text
        assert json.loads(done)["spec"] == {
            "artifactType": "Container",
            "containerConfiguration": {
                "image": "x",
                "registryConfig": {
                    "authConfig": {"password": {"secret": "env:A_REGISTRY_PASSWORD"}}
                },
            },
            "environmentVariables": {"A": "1"},
        }
    with pytest.raises(InputError) as caught:
        migrated(json.dumps({**document, "spec": {**spec, "endpoints": []}}), name="a.json")
    assert caught.value.problems[-1].code == "cannot-migrate"


def test_an_overlay_is_rewritten_without_what_only_a_whole_document_has(tmp_path: Path) -> None:
    """A document without container is taken for an overlay: names change, nothing is added."""
    done = rewritten(f"{HEAD}spec:\n  env: {{A: b}}\n")
    assert done.endswith("spec:\n  environmentVariables: {A: b}\n")


def test_an_overlay_that_only_describes_gets_a_spec_with_it() -> None:
    """Members that stand in metadata there come into an empty spec as well."""
    head = HEAD.replace("}", ", description: d, workspaceId: ws-1}")
    assert rewritten(f"{head}spec: {{}}\n").endswith(
        'metadata: {name: a}\nspec: {description: d, workspaceId: "ws-1"}\n'
    )


def test_a_file_without_such_documents_is_untouched(tmp_path: Path) -> None:
    """Ours stay byte for byte, odd spacing included, and so does a file that is not about agents."""
    for text in (OURS % 1, "a: 1\n---\nb: [\n", ""):
        if "[" in text:
            continue
        assert migrated(text).text == text
    (tmp_path / "a.yaml").write_text(OURS % 1)
    assert len(load([tmp_path], kinds=[RUNTIME]).manifests) == 1
