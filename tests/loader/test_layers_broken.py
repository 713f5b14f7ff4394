"""Broken layers and what is said about each, word for word."""

from pathlib import Path

import pytest

from reconciler.loader.diagnostics import render_problem
from reconciler.model.errors import InputError
from tests.support.layers import BASE, COMMON, load_tree, told, write_tree

M = "manifests/a.yaml"
C = "manifests/reconcile.yaml"
O1 = "overlays/common/o.yaml"
PATCH = "kind: JSONPatch\ntarget: {kind: Runtime, name: bot}\nops:\n"
BOT = "apiVersion: bots.example.org/v1\nkind: Runtime\nmetadata: {name: bot}\nspec: {}\n"

OVERLAYS = [
    ("- 1", "1:1 wrong-type an overlay is a mapping, found a list"),
    ("spec: {}", "1:1 missing kind and metadata are missing: an overlay names its agent"),
    ("kind: Runtime\nmetadata: {}", "2:1 missing name is missing in metadata"),
    ("kind: Runtime\nmetadata: []", "2:11 wrong-type metadata: expected a mapping, found a list"),
    ("kind: 1\nmetadata: {name: bot}", "1:7 wrong-type kind: expected a string, found the number 1"),
    ("kind: Runtime\nmetadata: {name: 1}", "2:18 wrong-type metadata.name: expected a string, found the number 1"),
    ("kind: Runtim\nmetadata: {name: bot}", '1:7 unknown-kind there is no kind "Runtim" / did you mean "Runtime"?'),
    ("kind: JsonPatch\nmetadata: {name: bot}", '1:7 unknown-kind there is no kind "JsonPatch" / did you mean "JSONPatch"?'),
    ("kind: Runtime\nmetadata: {name: bto}", '2:18 unknown-agent there is no Runtime "bto" that this overlay could change / did you mean "bot"?'),
    ("kind: Runtime\nmetadata: {name: xyz}", '2:18 unknown-agent there is no Runtime "xyz" that this overlay could change / there is bot'),
    ("kind: Bot\nmetadata: {name: bot}", '2:18 unknown-agent there is no Bot "bot" that this overlay could change / no manifest has the kind Bot'),
    ("apiVersion: v2\n" + COMMON, "1:13 wrong-value the manifest of this agent has the apiVersion cloud.example.com/v1 / write the same here, or leave it out"),
    ("apiVersion: 2\n" + COMMON, "1:13 wrong-type apiVersion: expected a string, found the number 2"),
    (COMMON + "spec: {cpus: 1}", '3:8 unknown-field "cpus" is not a field of spec / did you mean "cpu"?'),
    (COMMON + "spec: {cpu: '4'}", '3:13 wrong-type cpu: expected a number, found the string "4" / remove the quotes'),
    (COMMON + "spec: 1", "3:7 wrong-type spec: expected a mapping, found the number 1"),
    (COMMON + "other: 1", '3:1 unknown-field "other" is not a field of a manifest / known are apiVersion, kind, metadata, spec and rollout'),
    (COMMON + "spec: {licenseKey: hunter2x}", '3:20 plain-secret licenseKey is a secret and cannot stand here in plain text / write {secret: "env:NAME"} and set that variable; change the secret if this was shared'),
    (COMMON + "---\n" + COMMON, '5:18 declared-twice Runtime "bot" has two overlays in this folder, the first at overlays/common/o.yaml:2:18'),
    (COMMON + "spec: {cpu: '${var.TAG}'}", '3:13 wrong-type cpu: expected a number, found the string "v3" / a variable is always text; set numbers and booleans in an overlay'),
    (COMMON + "spec: {description: 'in ${var.TGA}'}", '3:25 undefined-variable the target "prod" has no variable "TGA" / did you mean "TAG"? It has ZONE and TAG'),
    (COMMON + "spec: {cpu: '${var.NO}'}", '3:14 undefined-variable the target "prod" has no variable "NO" / it has ZONE and TAG'),
    (COMMON + "spec:\n  description: in ${var.nothing} and", '4:19 undefined-variable the target "prod" has no variable "nothing" / it has ZONE and TAG'),
    (COMMON + 'spec: {description: "\\u0024{var.X}"}', '3:21 undefined-variable the target "prod" has no variable "X" / it has ZONE and TAG'),
    (COMMON + "spec:\n  description: |\n    one\n    two ${var.1} three", "6:9 malformed-variable this is not a variable; one is written ${var.NAME} / a name has letters, digits, _ and -; the text ${var. itself is $${var."),
    (COMMON + "spec: {environmentVariables: {'${var.TAG}': x}}", "3:31 variable-in-key a variable cannot stand in a key / write it out; an overlay can add keys"),
    (COMMON + "spec: {description: a\n", '3:22 syntax a "," or "}" is missing here / close the bracket, or put a text with a bracket in it in quotes'),
]  # fmt: skip

PATCHES = [
    ("kind: JSONPatch", "1:1 missing target and ops are missing in a JSONPatch document"),
    ("kind: JSONPatch\ntarget: []\nops: {}", "2:9 wrong-type target: expected a mapping, found a list", "3:6 wrong-type ops: expected a list, found a mapping"),
    ("kind: JSONPatch\ntarget: {kind: Runtime}\nops: []", "2:9 missing name is missing in target"),
    ("kind: JSONPatch\ntarget: {kind: Runtim, nam: 1, name: 2}\nops: []", '2:16 unknown-kind there is no kind "Runtim" / did you mean "Runtime"?', '2:24 unknown-field "nam" is not a field of target / did you mean "name"?', "2:38 wrong-type target.name: expected a string, found the number 2"),
    ("kind: JSONPatch\ntarget: {kind: Runtime, name: bto}\nops: []", '2:31 unknown-agent there is no Runtime "bto" that this patch could change / did you mean "bot"?'),
    ("kind: JSONPatch\ntarget: {kind: Runtime, name: bot, apiVersion: v2}\nops: []", "2:48 wrong-value the manifest of this agent has the apiVersion cloud.example.com/v1 / write the same here, or leave it out"),
    ("kind: JSONPatch\ntarget: {kind: Runtime, name: bot}\nops: []\nmetadata: {}", '4:1 unknown-field "metadata" is not a field of a JSONPatch document / known are kind, target and ops'),
    (PATCH + "- 1", "4:3 wrong-type an operation is a mapping, found the number 1"),
    (PATCH + "- {path: /spec}", "4:3 missing op is missing in this operation / one of add, remove, replace, move, copy and test"),
    (PATCH + "- {op: 1}", "4:8 wrong-type op: expected a string, found the number 1 / one of add, remove, replace, move, copy and test"),
    (PATCH + "- {op: repalce, path: /spec}", '4:8 wrong-value "repalce" is not an operation / did you mean "replace"?'),
    (PATCH + "- {op: add, path: /spec}", "4:3 missing value is missing in the operation add"),
    (PATCH + "- {op: copy, path: /spec}", "4:3 missing from is missing in the operation copy"),
    (PATCH + "- {op: remove, path: /spec, value: 1}", '4:29 unknown-field "value" is not a field of the operation remove / known are op and path'),
    (PATCH + "- {op: remove, path: spec.cpu}", '4:22 wrong-value path: "spec.cpu" is not a JSON Pointer / write it like "/spec/cpu"'),
    (PATCH + "- {op: remove, path: /spec/a~2}", '4:22 wrong-value path: "/spec/a~2" is not a JSON Pointer / a ~ is written ~0'),
    (PATCH + "- {op: remove, path: 1}", "4:22 wrong-type path: expected a string, found the number 1"),
    (PATCH + "- {op: remove, path: /spec/cup}", '4:22 patch-failed there is no "cup" in "/spec" / did you mean "cpu"?'),
    (PATCH + "- {op: remove, path: ''}", "4:22 patch-failed the whole manifest cannot be removed"),
    (PATCH + "- {op: add, path: /spec/cpu/x, value: 1}", '4:19 patch-failed nothing can be added below a value that holds nothing (x)'),
    (PATCH + "- {op: add, path: /spec/healthCheck/periodSeconds, value: 1}", '4:19 patch-failed there is no "healthCheck" in "/spec" / add what is around it first'),
    (PATCH + "- {op: add, path: /spec/systemTags/3, value: x}", '4:19 patch-failed "3" is no position to add at / positions are 0 to 2; "-" is the end'),
    (PATCH + "- {op: replace, path: /spec/systemTags/01, value: x}", '4:23 patch-failed "01" is no position in "/spec/systemTags", which has 2 elements / positions count from 0'),
    (PATCH + "- {op: test, path: /spec/cpu, value: 3}", '4:38 patch-failed the test failed: another value stands at "/spec/cpu"'),
    (PATCH + "- {op: test, path: /spec/cpu, value: true}", '4:38 patch-failed the test failed: another value stands at "/spec/cpu"'),
    (PATCH + "- {op: move, from: /spec/x, path: /spec/y}", '4:20 patch-failed there is no "x" in "/spec"'),
    (PATCH + "- {op: move, from: /spec, path: /spec/y}", "4:33 patch-failed a value cannot be moved into itself"),
    (PATCH + "- {op: replace, path: /kind, value: Bot}", "4:23 patch-failed a patch cannot change apiVersion, kind or metadata.name"),
    (PATCH + "- {op: replace, path: /metadata/name, value: x}", "4:23 patch-failed a patch cannot change apiVersion, kind or metadata.name"),
    (PATCH + "- {op: remove, path: /metadata}", "4:22 patch-failed a patch cannot change apiVersion, kind or metadata.name"),
    (PATCH + "- {op: replace, path: /spec/cpu, value: x}", '4:41 wrong-type cpu: expected a number, found the string "x"'),
    (PATCH + "- {op: add, path: /spec/cpus, value: 1}", '4:19 unknown-field "cpus" is not a field of spec / did you mean "cpu"?'),
    (PATCH + "- {op: add, path: '/spec/${var.NO}', value: 1}", '4:26 undefined-variable the target "prod" has no variable "NO" / it has ZONE and TAG'),
]  # fmt: skip

CONFIGS = [
    ("targets: {prod: {overlays: x}}", "1:28 wrong-type overlays: expected a list, found the string \"x\""),
    ("targets: {prod: {overlays: ../overlays/prod}}", "1:28 wrong-type overlays: expected a list, found the string \"../overlays/prod\" / write [../overlays/prod]"),
    ("targets: {prod: {overlays: [1]}}", "1:29 wrong-type overlays: expected the path of a folder, found the number 1"),
    ("targets: {prod: {overlays: ['']}}", "1:29 path the path of an overlay is printable and not empty"),
    ("targets: {prod: {overlays: [/etc]}}", "1:29 path the path of an overlay is relative to reconcile.yaml"),
    ("targets: {prod: {overlays: [../../..]}}", '1:29 path the overlay "../../.." leads outside / an overlay lies in the git repository of reconcile.yaml'),
    ("targets: {prod: {overlays: [../link]}}", '1:29 path the overlay "../link" leads outside / an overlay lies in the git repository of reconcile.yaml'),
    ("targets: {prod: {overlays: [nowhere]}}", '1:29 path the overlay "nowhere" does not exist / paths start at reconcile.yaml'),
    ("targets: {test: {overlays: [nowhere]}, prod: {}}", '1:29 path the overlay "nowhere" does not exist / paths start at reconcile.yaml'),
    ("targets: {prod: {overlays: [a.yaml]}}", '1:29 path the overlay "a.yaml" is not a folder / name the folder that it is in'),
    ("targets: {prod: {overlays: [.]}}", '1:29 path the overlay "." holds reconcile.yaml itself / an overlay is a folder of its own, beside the manifests or below them'),
    ("targets: {prod: {overlays: [..]}}", '1:29 path the overlay ".." holds reconcile.yaml itself / an overlay is a folder of its own, beside the manifests or below them'),
    ("targets: {prod: {overlays: [../overlays/prod, ../overlays/../overlays/prod]}}", "1:47 declared-twice this overlay is named twice, first at manifests/reconcile.yaml:1:29"),
    ("targets: {prod: {vars: []}}", "1:24 wrong-type vars: expected a mapping, found a list"),
    ("targets: {prod: {vars: {a b: x}}}", '1:25 wrong-value "a b" cannot be the name of a variable / letters, digits, _ and -; a letter or _ comes first'),
    ("targets: {prod: {vars: {a: [x]}}}", "1:28 wrong-type vars.a: expected a string, found a list / a variable is a piece of text"),
    ("targets: {prod: {vars: {a: null}}}", "1:28 wrong-type vars.a: expected a string, found null / a variable is a piece of text"),
]  # fmt: skip


def _short(lines: list[str], file: str) -> list[str]:
    """`line:column code text / help` of each complaint about this file."""
    short: list[str] = []
    for line in lines:
        if line.startswith("= help: "):
            short[-1] += f" / {line.removeprefix('= help: ')}"
        else:
            where, _, rest = line.partition(": error[")
            assert where.startswith(f"{file}:"), line
            code, _, text = rest.partition("]: ")
            short.append(f"{where.removeprefix(f'{file}:')} {code} {text}")
    return short


@pytest.mark.parametrize("case", [*OVERLAYS, *PATCHES], ids=lambda case: case[1])
def test_each_broken_layer_gets_its_message(tmp_path: Path, case: tuple[str, ...]) -> None:
    """What is wrong in an overlay or a patch is told with its place in that file."""
    text, *expected = case
    assert _short(told(tmp_path, {M: BASE, O1: text + "\n"}), O1) == expected


@pytest.mark.parametrize(("text", "expected"), CONFIGS, ids=lambda case: case)
def test_each_broken_setting_gets_its_message(tmp_path: Path, text: str, expected: str) -> None:
    """What is wrong with `overlays` and `vars` is told with its place in reconcile.yaml."""
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "link").symlink_to(tmp_path)
    lines = told(repository, {M: BASE, C: text + "\n"})
    assert _short(lines, C) == [expected]


def test_outside_of_a_repository_an_overlay_lies_below_the_configuration(tmp_path: Path) -> None:
    """Without a repository there is no other bound for what an error may show."""
    lines = told(tmp_path, {M: BASE, C: "targets: {prod: {overlays: [../overlays/prod]}}\n"})
    assert lines == []
    (tmp_path / ".git").rmdir()
    (tmp_path / "overlays" / "inside").mkdir()
    from reconciler.loader.config import read_config
    from tests.support.loader import SETTINGS

    _, (problem,) = read_config(tmp_path / C, settings=SETTINGS)
    assert (problem.code, problem.place.column) == ("path", 29)
    assert problem.text == 'the overlay "../overlays/prod" leads outside'


def test_a_patch_is_carried_out_whole_or_not_at_all(tmp_path: Path) -> None:
    """A failing operation takes back those before it: nothing of them is complained about."""
    text = PATCH + "- {op: replace, path: /spec/cpu, value: x}\n- {op: remove, path: /spec/none}\n"
    assert _short(told(tmp_path, {M: BASE, O1: text}), O1) == [
        '5:22 patch-failed there is no "none" in "/spec"'
    ]


def test_copies_cannot_make_a_manifest_grow_without_end(tmp_path: Path) -> None:
    """Copies of copies are bounded as aliases are."""
    ops = "".join(
        f"- {{op: copy, from: /spec/environmentVariables, path: /spec/environmentVariables/a{n}}}\n"
        for n in range(40)
    )
    (line, *_) = _short(told(tmp_path, {M: BASE, O1: PATCH + ops}), O1)
    assert line.endswith("the manifest would have more than 50,000 values")
    deep = "".join(f"- {{op: add, path: '/spec{'/a' * n}', value: {{}}}}\n" for n in range(1, 110))
    (line, *_) = _short(told(tmp_path, {M: BASE, O1: PATCH + deep}), O1)
    assert line.endswith("values would be nested more than 100 deep")


def test_variables_cannot_make_manifests_grow_without_end(tmp_path: Path) -> None:
    """A long text that is used again and again is refused, once."""
    config = "targets: {prod: {vars: {A: " + "x" * 1_000_000 + "}}}\n"
    base = BASE + "  description: '" + "${var.A}" * 70 + "'\n"
    lines = told(tmp_path, {M: base + "---\n" + base.replace("bot", "b"), C: config})
    assert [line for line in lines if "too-large" in line] == [
        "manifests/a.yaml:9:16: error[too-large]: variables would put more than 67,108,864 "
        "characters into the manifests"
    ]


def test_an_overlay_of_agents_under_two_api_versions_is_ambiguous(tmp_path: Path) -> None:
    """Where kind and name are not enough the overlay must say which agent it is for."""
    lines = told(tmp_path, {M: BASE + "---\n" + BOT, O1: COMMON + "spec: {cpu: 3}\n"})
    assert lines == [
        'manifests/a.yaml:11:7: error[unknown-kind]: "Runtime" is not a kind of bots.example.org/v1',
        '= help: "Runtime" belongs to apiVersion cloud.example.com/v1',
        'overlays/common/o.yaml:2:18: error[ambiguous-agent]: Runtime "bot" is declared under more '
        "than one apiVersion",
        "= help: give this overlay the apiVersion that it is for: bots.example.org/v1 and "
        "cloud.example.com/v1",
    ]


def test_everything_wrong_in_all_layers_is_told_in_one_run(tmp_path: Path) -> None:
    """Manifests, overlays, patches and settings: one run, sorted by place."""
    files = {
        C: "targets: {prod: {overlays: [../overlays/common, nowhere], vars: {a: []}}}\n",
        M: BASE + "  prot: 1\n  description: '${var.x}${var.a}'\n",
        O1: COMMON + "spec: {cpu: x}\n---\n" + PATCH + "- {op: remove, path: /spec/none}\n",
        "overlays/common/p.yaml": COMMON.replace("bot", "bta"),
    }
    lines = [line for line in told(tmp_path, files) if line[0] != "="]
    assert [line.partition("]")[0] for line in lines] == [
        "manifests/a.yaml:9:3: error[unknown-field",
        "manifests/a.yaml:10:17: error[undefined-variable",
        "manifests/reconcile.yaml:1:49: error[path",
        "manifests/reconcile.yaml:1:69: error[wrong-type",
        "overlays/common/o.yaml:3:13: error[wrong-type",
        "overlays/common/o.yaml:8:22: error[patch-failed",
        "overlays/common/p.yaml:2:18: error[unknown-agent",
    ]


def test_a_broken_file_hides_agents_and_so_no_overlay_is_called_lost(tmp_path: Path) -> None:
    """After a syntax error nobody knows which agents the file declares."""
    lines = told(tmp_path, {M: BASE + "---\na: [\n", O1: COMMON.replace("bot", "other")})
    assert [line.partition("]")[0] for line in lines] == ["manifests/a.yaml:10:5: error[syntax"]


def test_a_nameless_manifest_may_be_the_one_an_overlay_is_for(tmp_path: Path) -> None:
    """Where a manifest does not say whose it is, only that is complained about."""
    nameless = BASE.replace("name: bot", "name: 1")
    lines = told(tmp_path, {M: f"{BASE}---\n{nameless}", O1: COMMON.replace("bot", "other")})
    assert [line.partition("]")[0] for line in lines] == [
        "manifests/a.yaml:12:18: error[wrong-type",
        "= help: put it in quotes",
    ]


def test_no_secret_of_a_layer_is_shown(tmp_path: Path) -> None:
    """A password in an overlay or in a patch is blanked in every excerpt."""
    canary = "canary-7f3a9c"
    patch = PATCH + f"- {{op: add, path: /spec/licenseKey, value: {canary}}}\n"
    for text in (COMMON + f"spec: {{licenseKey: {canary}, cpus: 1}}\n", patch):
        with pytest.raises(InputError) as caught:
            load_tree(write_tree(tmp_path, {M: BASE, O1: text}))
        shown = "\n".join(map(render_problem, caught.value.problems))
        assert "plain-secret" in shown
        assert canary not in shown


@pytest.mark.parametrize("op", ["op: test", "op: tset", "op: add, form: x"])
@pytest.mark.parametrize("flow", [True, False])
def test_no_secret_of_an_operation_that_fails_is_shown(tmp_path: Path, op: str, flow: bool) -> None:
    """Where a patch goes says that its value is a secret, whatever its own key is called."""
    canary = "canary-7f3a9c"
    text = f"- {{{op}, path: /spec/licenseKey, value: {canary}, vlaue: {canary}}}\n"
    if not flow:
        text = text.replace("{", "").replace("}", "").replace(", ", "\n  ")
    with pytest.raises(InputError) as caught:
        load_tree(write_tree(tmp_path, {M: BASE, O1: PATCH + text}))
    shown = "\n".join(map(render_problem, caught.value.problems))
    assert "overlays/common/o.yaml" in shown
    assert canary not in shown
