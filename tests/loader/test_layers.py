"""Overlays, variables and patches: what holds in the end, and where each value came from."""

from pathlib import Path

import pytest

from reconciler.model.errors import InputError
from reconciler.model.manifest import Use
from tests.support.layers import BASE, COMMON, effective, load_tree, placed, told, write_tree

M = "manifests/a.yaml"
O1 = "overlays/common/o.yaml"
O2 = "overlays/prod/o.yaml"


def test_an_overlay_merges_maps_and_replaces_the_rest(tmp_path: Path) -> None:
    """Maps are merged member by member; lists, numbers and strings are replaced; null is a value."""
    overlay = COMMON + (
        "spec: {cpu: 4, systemTags: [c], environmentVariables: {MODE: slow, NEW: x}, memory: null}\n"
    )
    manifest = effective(tmp_path, {M: BASE, O1: overlay})
    assert manifest.spec == {
        "cpu": 4,
        "memory": None,
        "environmentVariables": {"LOG_LEVEL": "info", "MODE": "slow", "NEW": "x"},
        "systemTags": ["c"],
    }
    assert list(manifest.spec) == ["cpu", "memory", "environmentVariables", "systemTags"]


def test_each_value_knows_the_file_that_set_it(tmp_path: Path) -> None:
    """A value of an overlay has the overlay's place, its key too, and remembers what it replaced."""
    manifest = effective(tmp_path, {M: BASE, O1: COMMON + "spec:\n  cpu: 4\n  port: 80\n"})
    assert placed(manifest, tmp_path, "/spec/cpu") == "overlays/common/o.yaml:4:8"
    assert placed(manifest, tmp_path, "/spec/cpu#") == "overlays/common/o.yaml:4:3"
    assert placed(manifest, tmp_path, "/spec/port") == "overlays/common/o.yaml:5:9"
    assert placed(manifest, tmp_path, "/spec/memory") == "manifests/a.yaml:6:11"
    assert placed(manifest, tmp_path, "/metadata/name") == "manifests/a.yaml:3:18"
    assert manifest.histories["/spec/cpu"].was == manifest.place.__class__(str(tmp_path / M), 5, 8)
    assert set(manifest.histories) == {"/spec/cpu"}


def test_overlays_are_merged_in_the_order_in_which_the_target_names_them(tmp_path: Path) -> None:
    """The later folder wins, whatever the folders are called; another target has its own."""
    files = {
        M: BASE,
        O1: COMMON + "spec: {cpu: 3, memory: 3072}\n",
        O2: COMMON + "spec: {cpu: 4}\n",
    }
    assert effective(tmp_path, files).spec["cpu"] == 4
    assert effective(tmp_path, files).spec["memory"] == 3072
    assert effective(tmp_path, files, "test").spec["cpu"] == 3


def test_two_targets_differ_only_where_overlays_say(tmp_path: Path) -> None:
    """What no overlay and no variable touches is the same under every target."""
    files = {M: BASE, O2: COMMON + "spec: {cpu: 4}\n"}
    prod, test = effective(tmp_path, files), effective(tmp_path, files, "test")
    assert {**prod.spec, "cpu": 2} == test.spec
    assert (prod.address, prod.labels, prod.place) == (test.address, test.labels, test.place)


def test_labels_and_rollout_come_from_overlays_too(tmp_path: Path) -> None:
    """Selectors see the labels of the effective manifest."""
    overlay = "kind: Runtime\nmetadata: {name: bot, labels: {tier: gold}}\nrollout: {timeout: 5m}\n"
    manifest = effective(tmp_path, {M: BASE, O1: overlay})
    assert manifest.labels == {"team": "support", "tier": "gold"}
    assert manifest.rollout.timeout_seconds == 300.0
    folder = write_tree(tmp_path, {})
    assert load_tree(folder, "prod", selector="tier=gold").manifests
    with pytest.raises(InputError, match="no agent has the labels"):
        load_tree(folder, "prod", selector="tier=silver")


def test_an_untouched_manifest_is_loaded_as_without_layers(tmp_path: Path) -> None:
    """An overlay for one agent leaves the others alone."""
    other = BASE.replace("name: bot", "name: other")
    folder = write_tree(tmp_path, {M: f"{BASE}---\n{other}", O1: COMMON + "spec: {cpu: 9}\n"})
    first, second = load_tree(folder).manifests
    assert (first.spec["cpu"], second.spec["cpu"]) == (9, 2)
    assert second.histories == {}


def test_variables_are_replaced_in_every_layer(tmp_path: Path) -> None:
    """Base, overlays and patches may hold variables, names and secret references too."""
    base = BASE.replace("name: bot", 'name: "bot-${var.ZONE}"').replace(
        "fast", '"m-${var.TAG}-${var.TAG}"'
    )
    overlay = (
        "kind: Runtime\nmetadata: {name: bot-north-1}\n"
        'spec: {description: "in ${var.ZONE}", licenseKey: {secret: "env:KEY_${var.TAG}"}}\n'
        "---\nkind: JSONPatch\ntarget: {kind: Runtime, name: 'bot-${var.ZONE}'}\n"
        "ops: [{op: add, path: '/spec/environmentVariables/Z_${var.TAG}', value: 'a ${var.TAG}'}]\n"
    )
    manifest = effective(tmp_path, {M: base, O1: overlay})
    assert manifest.address.name == "bot-north-1"
    assert manifest.spec["description"] == "in north-1"
    assert str(manifest.spec["licenseKey"]) == "env:KEY_v3"
    assert manifest.spec["environmentVariables"] == {
        "LOG_LEVEL": "info", "MODE": "m-v3-v3", "Z_v3": "a v3",
    }  # fmt: skip
    (use,) = manifest.histories["/spec/environmentVariables/MODE"].variables
    assert isinstance(use, Use)
    assert (use.name, use.place.line, use.place.column) == ("TAG", 4, 32)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("${HOME} $var.X $(x) ${variable} $$", "${HOME} $var.X $(x) ${variable} $$"),
        ("$${var.TAG}", "${var.TAG}"),
        ("$$${var.TAG}", "$${var.TAG}"),
        ("$${var.", "${var."),
        ("${var.TAG}$${var.TAG}${var.TAG}", "v3${var.TAG}v3"),
        ("a${var.TAG}b", "av3b"),
    ],
)
def test_nothing_but_a_variable_is_touched(tmp_path: Path, written: str, text: str) -> None:
    """Prompts are full of dollar signs; only `${var.` is ours, and `$${var.` writes it."""
    manifest = effective(tmp_path, {M: f"{BASE}  description: '{written}'\n"})
    assert manifest.spec["description"] == text


def test_a_number_or_a_boolean_is_a_variable_as_it_is_written(tmp_path: Path) -> None:
    """`1.50` stays `1.50`: a variable is text."""
    config = "targets: {prod: {vars: {A: 1.50, B: TRUE, C: 0x1F, D: 'x y', _e-1: ''}}}\n"
    text = "${var.A}|${var.B}|${var.C}|${var.D}|${var._e-1}"
    files = {"manifests/reconcile.yaml": config, M: f"{BASE}  description: '{text}'\n"}
    assert effective(tmp_path, files).spec["description"] == "1.50|TRUE|0x1F|x y|"


def test_the_text_of_a_variable_is_not_looked_into(tmp_path: Path) -> None:
    """A variable that mentions another stays as it is, and a warning says so."""
    config = "targets: {prod: {vars: {A: 'see ${var.B}', B: b}}}\n"
    files = {"manifests/reconcile.yaml": config, M: BASE + "  description: '${var.A}'\n"}
    assert effective(tmp_path, files).spec["description"] == "see ${var.B}"
    assert told(tmp_path, files) == [
        "manifests/reconcile.yaml:1:28: warning[nested-variable]: the text of a variable is not "
        "looked into: ${var. stays as it is",
        "= help: write the text out",
    ]


def test_a_secret_among_the_variables_is_warned_about_and_not_shown(tmp_path: Path) -> None:
    """Variables stand in the repository in plain text."""
    config = "targets: {prod: {vars: {API_TOKEN: q8Zr4tLw9xKd2mVb}}}\n"
    lines = told(tmp_path, {"manifests/reconcile.yaml": config, M: BASE})
    assert lines[0].endswith(
        "warning[looks-like-secret]: vars.API_TOKEN looks like a secret, and variables are no place "
        "for one"
    )
    assert "q8Zr4tLw9xKd2mVb" not in "".join(lines)


def test_a_file_secret_is_relative_to_the_layer_that_wrote_it(tmp_path: Path) -> None:
    """A reference of an overlay starts at the overlay's file and stays in its folder."""
    files = {M: BASE, O1: COMMON + "spec: {licenseKey: {secret: 'file:key.txt'}}\n"}
    reference = effective(tmp_path, files).spec["licenseKey"]
    assert reference.folder == tmp_path / "overlays" / "common"
    assert reference.root == (tmp_path / "overlays" / "common").resolve()


def test_base_patches_come_before_overlays_and_overlay_patches_after_its_merges(
    tmp_path: Path,
) -> None:
    """The order: manifests, their patches, then folder by folder the overlays and their patches."""

    def patch(value: int, was: int) -> str:
        return (
            "kind: JSONPatch\ntarget: {kind: Runtime, name: bot, apiVersion: cloud.example.com/v1}\n"
            f"ops: [{{op: test, path: /spec/cpu, value: {was}}},"
            f" {{op: replace, path: /spec/cpu, value: {value}}}]\n"
        )

    files = {
        M: f"{patch(3, 2)}---\n{BASE}",
        O1: f"{patch(5, 4)}---\n{COMMON}spec: {{cpu: 4}}\n",
        O2: patch(6, 5),
    }
    manifest = effective(tmp_path, files)
    assert manifest.spec["cpu"] == 6
    assert placed(manifest, tmp_path, "/spec/cpu") == "overlays/prod/o.yaml:3:84"
    assert placed(manifest, tmp_path, "/spec/cpu#") == "overlays/prod/o.yaml:3:66"


def test_overlays_of_two_agents_of_one_name_say_which_is_meant(tmp_path: Path) -> None:
    """An apiVersion is needed only where kind and name are not enough, and then it decides."""
    folder = write_tree(tmp_path, {M: BASE})
    overlay = "apiVersion: cloud.example.com/v1\n" + COMMON + "spec: {cpu: 5}\n"
    write_tree(folder, {O1: overlay})
    (manifest,) = load_tree(folder).manifests
    assert manifest.spec["cpu"] == 5


def test_a_folder_that_any_target_names_is_no_source_of_manifests(tmp_path: Path) -> None:
    """Overlays may lie inside the manifests' folder, and one overlay inside another."""
    config = "targets: {prod: {overlays: [prod]}, test: {overlays: [prod/test]}}\n"
    folder = write_tree(
        tmp_path,
        {
            "manifests/reconcile.yaml": config,
            M: BASE,
            "manifests/prod/o.yaml": COMMON + "spec: {cpu: 4}\n",
            "manifests/prod/test/o.yaml": COMMON + "spec: {cpu: 1}\n",
        },
    )
    assert load_tree(folder, "prod").manifests[0].spec["cpu"] == 4
    assert load_tree(folder, "test").manifests[0].spec["cpu"] == 1
    for path in ("manifests/prod", "manifests/prod/o.yaml", "manifests/prod/test"):
        (line, _) = told(folder, {"manifests/reconcile.yaml": config}, "prod", path)
        assert line.startswith(f"{path}:1:1: error[path]: belongs to an overlay")


def test_an_overlay_of_an_agent_outside_of_the_named_path_is_passed_over(tmp_path: Path) -> None:
    """A run over a part of the tree is no reason to complain about the overlays of the rest."""
    other = BASE.replace("name: bot", "name: 'other-${var.ZONE}'")
    overlay = COMMON.replace("bot", "other-north-1") + "spec: {cpu: 4}\n"
    folder = write_tree(tmp_path, {M: BASE, "manifests/sub/b.yaml": other, O1: overlay})
    assert [one.spec["cpu"] for one in load_tree(folder, "prod", M).manifests] == [2]
    assert [one.spec["cpu"] for one in load_tree(folder, "prod", "manifests/sub").manifests] == [4]


def test_without_a_target_manifests_are_checked_under_each(tmp_path: Path) -> None:
    """A mistake that only one target's overlay makes is found, and what is common is told once."""
    files = {M: BASE + "  prot: 1\n", O2: COMMON + "spec: {memory: x}\n"}
    assert [line for line in told(tmp_path, files, None) if line[0] != "="] == [
        'manifests/a.yaml:9:3: error[unknown-field]: "prot" is not a field of spec',
        'overlays/prod/o.yaml:3:16: error[wrong-type]: memory: expected a whole number, found the string "x"',
    ]
    good = {M: BASE, O2: COMMON + "spec: {memory: 4096}\n"}
    assert told(tmp_path, good, None) == []


def test_without_a_target_an_agent_of_any_target_can_be_chosen(tmp_path: Path) -> None:
    """Names and labels that only one target gives are known; an agent of several is told once."""
    folder = write_tree(tmp_path, {M: BASE.replace("bot", "'bot-${var.ZONE}'")})

    def chosen(**options: object) -> list[str]:
        return [one.address.name for one in load_tree(folder, None, **options).manifests]

    assert chosen() == ["bot-north-1", "bot-south-1"]
    assert chosen(names=["bot-south-1"]) == ["bot-south-1"]
    write_tree(folder, {M: BASE.replace("team: support", "zone: '${var.ZONE}'")})
    assert chosen() == chosen(selector="zone=south-1") == ["bot"]
