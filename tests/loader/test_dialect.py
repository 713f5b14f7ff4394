"""Documents in another spelling of a kind: their own words in complaints, their own places."""

from pathlib import Path

import pytest

from reconciler.loader.diagnostics import render_problem
from reconciler.loader.load import load
from reconciler.model.errors import InputError
from reconciler.model.manifest import Address, Place
from reconciler.model.sealed import Sealed
from reconciler.providers.agentrun.provider import RUNTIME
from tests.support.ar import CONTAINER, HEAD, load_theirs

CANARY = "canary-5e0b1d"
PASSWORD = (
    f"{HEAD}spec:\n  container:\n    image: x\n"
    f"    registryConfig: {{auth: {{userName: u, password: {CANARY}}}}}\n"
)


def told(folder: Path, text: str, *, warnings: bool = False) -> list[str]:
    """The complaints about a document, the folder cut: its errors, or all."""
    try:
        problems = load_theirs(folder, text).warnings
    except InputError as error:
        problems = error.problems
    return [
        render_problem(problem).replace(f"{folder}/", "")
        for problem in problems
        if warnings or not problem.warning
    ]


def test_the_address_and_the_spec_are_ours(tmp_path: Path) -> None:
    """Whatever spelling a file has: the same agent, the same wire names."""
    text = f"{HEAD.replace('}', ', description: d, workspaceId: ws-1}')}spec:\n{CONTAINER}  env: {{A: b}}\n"
    manifest = load_theirs(tmp_path, text).manifests[0]
    assert manifest.address == Address("agentrun.aliyun.com/v1", "AgentRuntime", "a")
    assert manifest.spec == {
        "containerConfiguration": {"image": "registry.example.com/ns/agent:v1"},
        "environmentVariables": {"A": "b"},
        "description": "d",
        "workspaceId": "ws-1",
        "artifactType": "Container",
    }
    assert manifest.create_defaults is not None
    assert manifest.create_defaults.source == "agentrun-cli"


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    """A pointer into our spelling leads to what was written, keys too, through lists and moves."""
    text = (
        f"{HEAD.replace('}', ', description: d}')}spec:\n"
        "  container: {image: x, port: 8000}\n"
        "  nas:\n    mountPoints:\n      - {serverAddr: s, mountDir: /mnt}\n"
    )
    manifest = load_theirs(tmp_path, text).manifests[0]
    file = str(tmp_path / "a.yaml")
    expected = {
        "": (1, 1),
        "/metadata/name": (3, 18),
        "/spec/description": (3, 34),
        "/spec/containerConfiguration": (5, 14),
        "/spec/containerConfiguration#": (5, 3),
        "/spec/containerConfiguration/image": (5, 22),
        "/spec/containerConfiguration/port": (5, 31),
        "/spec/port": (5, 31),
        "/spec/nasConfig/mountPoints/0/mountDir": (8, 35),
        "/spec/nasConfig/mountPoints/0/mountDir#": (8, 25),
    }
    assert {at: manifest.places[at] for at in expected} == {
        at: Place(file, *position) for at, position in expected.items()
    }
    assert set(expected) <= set(manifest.places)
    assert len(manifest.places) == len(set(manifest.places))
    assert "/spec/container" not in manifest.places


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            "  containr: {image: x}\n  container: {imag: x, image: y}\n",
            [
                'a.yaml:5:3: error[unknown-field]: "containr" is not a field of spec\n'
                "  |\n5 |   containr: {image: x}\n  |   ^^^^^^^^\n"
                '  = help: did you mean "container"?',
                'a.yaml:6:15: error[unknown-field]: "imag" is not a field of container\n'
                "  |\n6 |   container: {imag: x, image: y}\n  |               ^^^^\n"
                '  = help: did you mean "image"?',
            ],
        ),
        (
            f'{CONTAINER}  memory: "4096"\n  network: {{mode: PUBLC}}\n',
            [
                'a.yaml:6:11: error[wrong-type]: memory: expected a whole number, found the string "4096"\n'
                '  |\n6 |   memory: "4096"\n  |           ^^^^^^\n  = help: remove the quotes',
                "a.yaml:7:19: error[wrong-value]: network.mode must be PUBLIC, PRIVATE or "
                'PUBLIC_AND_PRIVATE, found the string "PUBLC"\n'
                "  |\n7 |   network: {mode: PUBLC}\n  |                   ^^^^^\n"
                '  = help: did you mean "PUBLIC"?',
            ],
        ),
        (
            f"{CONTAINER}  code: {{language: python3.12}}\n",
            [
                'a.yaml:6:3: error[unknown-field]: "code" is not a field of spec\n'
                "  |\n6 |   code: {language: python3.12}\n  |   ^^^^\n"
                "  = help: agentrun-cli runs containers only; with apiVersion "
                "agentrun.aliyun.com/v1 it is spec.codeConfiguration",
            ],
        ),
        (
            f"{CONTAINER}  env: {{A: 1.5, B: true}}\n",
            [
                "a.yaml:6:12: error[wrong-type]: env.A: expected a string, found a number\n"
                "  |\n6 |   env: {A: ***, B: ****}\n  |            ^^^\n  = help: put it in quotes",
                "a.yaml:6:20: error[wrong-type]: env.B: expected a string, found a boolean\n"
                "  |\n6 |   env: {A: ***, B: ****}\n  |                    ^^^^\n  = help: put it in quotes",
            ],
        ),
    ],
)
def test_complaints_use_the_words_of_the_spelling(
    tmp_path: Path, spec: str, expected: list[str]
) -> None:
    """Unknown keys, types and choices are told as for ours, with the names that the file uses."""
    assert told(tmp_path, f"{HEAD}spec:\n{spec}") == expected


def test_what_only_our_spelling_has_is_refused_with_the_way(tmp_path: Path) -> None:
    """Labels, rollout and the like are no part of that spelling, and the message says what to do."""
    text = f"{HEAD.replace('}', ', labels: {a: b}}')}spec:\n{CONTAINER}rollout: {{timeout: 1m}}\n"
    first, second = told(tmp_path, text)
    assert first.startswith(
        'a.yaml:3:21: error[unknown-field]: "labels" is not a field of metadata'
    )
    assert first.endswith("agentrun.aliyun.com/v1 has (reconcile migrate rewrites this file)")
    assert second.startswith(
        'a.yaml:6:1: error[unknown-field]: "rollout" is not a field of a manifest'
    )
    assert "reconcile migrate" in second


def test_our_names_lead_to_those_of_the_spelling(tmp_path: Path) -> None:
    """Who writes a member as our spelling has it is told how this one calls it."""
    spec = f"{CONTAINER}  environmentVariables: {{A: b}}\n  network: {{networkMode: PUBLIC}}\n"
    first, second = told(tmp_path, f"{HEAD}spec:\n{spec}")
    assert first.endswith("= help: in this spelling it is env")
    assert second.endswith("= help: in this spelling it is mode")


def test_what_looks_like_a_secret_is_silenced_in_our_spelling_only(tmp_path: Path) -> None:
    """That spelling has no metadata.allowPlaintext, so the way out is not to list a path there."""
    spec = f"{CONTAINER}  env: {{DB_PASSWORD: {CANARY}}}\n"
    (warning,) = told(tmp_path, f"{HEAD}spec:\n{spec}", warnings=True)
    assert "warning[looks-like-secret]: env.DB_PASSWORD holds" in warning
    assert warning.endswith(
        '= help: write {secret: "env:NAME"}, or use metadata.allowPlaintext: apiVersion '
        "agentrun.aliyun.com/v1 has it (reconcile migrate rewrites this file)"
    )


def test_a_password_in_plain_text_is_sealed_and_warned_about(tmp_path: Path) -> None:
    """It works as with the tool, and stands in no message; the loader says how to do better."""
    loaded = load_theirs(tmp_path, PASSWORD)
    auth = loaded.manifests[0].spec["containerConfiguration"]["registryConfig"]["authConfig"]
    assert isinstance(auth["password"], Sealed)
    assert auth["password"].matches(CANARY)
    assert [problem.code for problem in loaded.warnings] == ["plain-secret"]
    assert CANARY not in "".join(told(tmp_path, PASSWORD, warnings=True))


@pytest.mark.parametrize(
    "broken", ["  cpu: many\n", f"  credentialName: [{CANARY}]\n", f"  {CANARY}: 1\n", "  x: [\n"]
)
def test_a_password_is_in_no_complaint(tmp_path: Path, broken: str) -> None:
    """Whatever else is wrong in the file, and wherever the same text stands."""
    text = PASSWORD + broken
    complaints = told(tmp_path, text, warnings=True)
    assert complaints
    assert CANARY not in "".join(complaints)


@pytest.mark.parametrize("value", ["90125501", "[90125501]", "{word: 90125501}"])
def test_a_password_of_a_wrong_type_is_not_repeated(tmp_path: Path, value: str) -> None:
    """A password that lacks its quotes is one all the same."""
    (complaint,) = told(tmp_path, PASSWORD.replace(CANARY, value))
    assert "registryConfig.auth.password: expected a string" in complaint
    assert "90125501" not in complaint


def test_a_reference_is_taken_as_well(tmp_path: Path) -> None:
    """The way that is recommended brings no warning."""
    text = PASSWORD.replace(CANARY, '{secret: "env:REGISTRY_PASSWORD"}')
    assert load_theirs(tmp_path, text).warnings == ()


def test_text_that_looks_like_a_variable_is_told_to_be_text(tmp_path: Path) -> None:
    """The tool's own page shows such a password; that tool and this program send it as it is."""
    complaint = told(tmp_path, PASSWORD.replace(CANARY, '"${REGISTRY_PASSWORD}"'), warnings=True)[0]
    assert "warning[not-interpolated]" in complaint
    assert complaint.endswith('= help: write {secret: "env:REGISTRY_PASSWORD"}')


def test_what_is_not_used_is_said_at_its_key(tmp_path: Path) -> None:
    """Endpoints, image builds, a workspace's name and an overruled port: warned about, never silent."""
    text = (
        f"{HEAD.replace('}', ', workspace: w}')}spec:\n"
        "  container: {image: x, port: 1, cloudBuild: {dir: .}}\n  port: 2\n  endpoints: []\n"
    )
    loaded = load_theirs(tmp_path, text)
    found = [(one.code, one.place.line, one.place.column) for one in loaded.warnings]
    assert found == [
        ("not-used", 3, 21),
        ("not-used", 5, 34),
        ("not-used", 6, 9),
        ("not-used", 7, 3),
    ]
    spec = loaded.manifests[0].spec
    assert spec["port"] == 1
    assert spec["containerConfiguration"] == {"image": "x", "port": 1}
    assert "endpoints" not in spec


def test_a_number_for_the_environment_is_told_to_be_text(tmp_path: Path) -> None:
    """The tool sends numbers there as text; it is done, and it is said."""
    loaded = load_theirs(tmp_path, f"{HEAD}spec:\n{CONTAINER}  env: {{PORT: 8080}}\n")
    assert loaded.manifests[0].spec["environmentVariables"] == {"PORT": "8080"}
    assert [(one.code, one.place.column) for one in loaded.warnings] == [("number-as-text", 15)]


@pytest.mark.parametrize("value", ["True", "true", "0o17", "0x1F", "+5", "1e3", "[1]"])
def test_only_a_plain_number_becomes_text(tmp_path: Path, value: str) -> None:
    """What the tool sends for these is not what was written, so they are errors as ours are."""
    (complaint,) = told(tmp_path, f"{HEAD}spec:\n{CONTAINER}  env: {{PORT: {value}}}\n")
    assert "error[wrong-type]: env.PORT: expected a string" in complaint


def test_two_equal_ports_are_no_surprise(tmp_path: Path) -> None:
    """Only a port that is overruled by another number is spoken of."""
    text = f"{HEAD}spec:\n  container: {{image: x, port: 80}}\n  port: 80\n"
    assert load_theirs(tmp_path, text).warnings == ()


def test_a_name_that_ends_in_a_number_sign_has_a_place(tmp_path: Path) -> None:
    """`#` marks the place of a key; a key may end in it as well."""
    manifest = load_theirs(tmp_path, f"{HEAD}spec:\n{CONTAINER}  env: {{A#: b}}\n").manifests[0]
    assert manifest.places["/spec/environmentVariables/A#"].column == 13
    assert manifest.places["/spec/environmentVariables/A##"].column == 9


def test_null_says_what_absence_says(tmp_path: Path) -> None:
    """With the tool null is no wish to clear anything."""
    text = (
        f"{HEAD}spec:\n{CONTAINER}  cpu: null\n  healthCheck: {{httpGetUrl: ~, periodSeconds: 5}}\n"
    )
    spec = load_theirs(tmp_path, text).manifests[0].spec
    assert "cpu" not in spec
    assert spec["healthCheckConfiguration"] == {"periodSeconds": 5}


def test_twins_are_found_across_spellings(tmp_path: Path) -> None:
    """The same agent in both spellings is declared twice, and both places are named."""
    (tmp_path / "a.yaml").write_text(f"{HEAD}spec:\n{CONTAINER}")
    (tmp_path / "b.yaml").write_text(
        "apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntime\nmetadata: {name: a}\nspec: {}\n"
    )
    with pytest.raises(InputError) as caught:
        load([tmp_path], kinds=[RUNTIME])
    assert [problem.code for problem in caught.value.problems] == ["declared-twice"]
    assert "a.yaml:3:18" in caught.value.problems[0].text


def test_a_near_miss_of_the_spelling_gets_a_suggestion(tmp_path: Path) -> None:
    """A wrong version or kind is led to the right one."""
    version = told(tmp_path, f"{HEAD.replace('/v1', '/v2')}spec:\n{CONTAINER}")
    kind = told(tmp_path, f"{HEAD.replace('AgentRuntime', 'AgentRuntim')}spec:\n{CONTAINER}")
    assert 'did you mean "agentrun/v1"?' in version[0]
    assert 'did you mean "AgentRuntime"?' in kind[0]


@pytest.mark.parametrize("metadata", ["[]", "null", "x", "{name: {a: b}}", "{name: null}", "{}"])
@pytest.mark.parametrize("spec", ["[]", "null", "x", "{container: []}", "{env: 1}", "{}"])
def test_odd_shapes_are_refused_and_break_nothing(tmp_path: Path, metadata: str, spec: str) -> None:
    """Every combination of wrong types is a list of errors with places."""
    text = f"apiVersion: agentrun/v1\nkind: AgentRuntime\nmetadata: {metadata}\nspec: {spec}\n"
    with pytest.raises(InputError) as caught:
        load_theirs(tmp_path, text)
    assert all(problem.place.line in {1, 3, 4} for problem in caught.value.problems)
