"""Warnings of what looks like a secret: where they stand, what they show, how they are silenced."""

import json
from pathlib import Path

import pytest

from reconciler.loader.load import load
from tests.support.loader import BOT_HEAD, HEAD, KINDS, complaints, first_lines, load_text

CANARY = "hunter2canaryQ7x"
TOKEN = "sk-" + "0f1e2d3c4b5a6978" * 2
HELP = '  = help: write {secret: "env:NAME"}, or list "%s" in metadata.allowPlaintext'


def _allowing(*paths: str) -> str:
    return HEAD.replace("{name: a}", f"{{name: a, allowPlaintext: {json.dumps(list(paths))}}}")


def test_a_warning_has_the_place_and_the_way_out_and_not_the_value(tmp_path: Path) -> None:
    """File, line, column, what gave it away, a masked excerpt, and both ways to go on."""
    text = f"{HEAD}spec:\n  environmentVariables:\n    DB_PASSWORD: {CANARY}\n"
    (told,) = complaints(tmp_path, text)
    assert told.splitlines() == [
        "a.yaml:6:18: warning[looks-like-secret]: environmentVariables.DB_PASSWORD holds what looks "
        "like a secret, as its name says",
        "  |",
        "6 |     DB_PASSWORD: ****************",
        "  |                  ^^^^^^^^^^^^^^^^",
        HELP % "environmentVariables.DB_PASSWORD",
    ]


def test_a_key_inside_a_prompt_is_pointed_at(tmp_path: Path) -> None:
    """Of a long text only the key is masked, and the caret stands under it."""
    text = f"{BOT_HEAD}spec:\n  botId: a\n  properties:\n    instructions: |\n      你好\n      用 {TOKEN} 调用\n"
    (told,) = complaints(tmp_path, text)
    first, _, excerpt, caret, _ = told.splitlines()
    assert first.startswith("a.yaml:9:9: warning[looks-like-secret]: properties.instructions holds")
    assert excerpt == f"9 |       用 {'*' * len(TOKEN)} 调用"
    assert caret.endswith("^" * len(TOKEN))


PLACES = [
    ("spec: {description: %s}", "description"),
    ("spec: {environmentVariables: {A: %s}}", "environmentVariables.A"),
    ("spec: {containerConfiguration: {command: [run, %s]}}", "containerConfiguration.command"),
    ("spec: {mounts: [{mountDir: %s}]}", "mounts.mountDir"),
]


@pytest.mark.parametrize(("text", "path"), PLACES)
def test_every_string_of_a_spec_is_looked_at(tmp_path: Path, text: str, path: str) -> None:
    """Environment variables, lists, objects in lists; the help has the path that silences it."""
    told = complaints(tmp_path, HEAD + text % TOKEN + "\n")
    assert ["looks-like-secret" in one for one in told] == [True]
    assert told[0].splitlines()[-1] == HELP % path
    assert TOKEN not in told[0]
    assert complaints(tmp_path, _allowing(path) + text % TOKEN + "\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "tools: [{headers: {X-Api-Key: hunter2canaryQ7x}}]",
        'tools: [{url: "https://u:hunter2canaryQ7x@h/p"}]',
        "tools: [[--password, hunter2canaryQ7x]]",
        'model_setting: \'{"apiToken": "hunter2canaryQ7x"}\'',
        "model_setting: {apiToken: hunter2canaryQ7x}",
        "client_secrets: {secret: hunter2canaryQ7x, x: y}",
        'name: "a\\u0062c", tools: ["PASSWORD=hunter2canary\\x51\\x37x"]',
    ],
)
def test_properties_of_any_form_are_looked_at(tmp_path: Path, text: str) -> None:
    """Free members, lists, JSON in a string, and values that the file writes with escapes."""
    told = complaints(tmp_path, f"{BOT_HEAD}spec: {{botId: a, properties: {{{text}}}}}\n")
    assert sum("looks-like-secret" in one for one in told) == 1
    assert CANARY not in "".join(told)
    assert "\\x51" not in "".join(told)


@pytest.mark.parametrize(
    "path",
    [
        "environmentVariables.DB_PASSWORD",
        "environmentVariables",
        "/environmentVariables/DB_PASSWORD",
        "/environmentVariables",
    ],
)
def test_a_place_or_what_is_around_it_can_be_silenced(tmp_path: Path, path: str) -> None:
    """`metadata.allowPlaintext` takes the paths that `allowUnknown` takes."""
    text = f"spec: {{environmentVariables: {{DB_PASSWORD: {CANARY}}}}}\n"
    assert complaints(tmp_path, _allowing(path) + text) == []
    assert len(complaints(tmp_path, _allowing("description") + text)) == 1


def test_a_known_secret_field_cannot_be_silenced(tmp_path: Path) -> None:
    """The allowance is about the guess; a field that is known to be secret takes a reference."""
    told = first_lines(tmp_path, f"{_allowing('licenseKey')}spec: {{licenseKey: {CANARY}}}\n")
    assert [line.split(": ")[1] for line in told] == ["error[plain-secret]"]


def test_a_broken_allowance_is_told(tmp_path: Path) -> None:
    """It is a list of paths, like `allowUnknown`."""
    head = HEAD.replace("{name: a}", "{name: a, allowPlaintext: %s}")
    assert first_lines(tmp_path, head % "x" + "spec: {}\n") == [
        'a.yaml:3:37: error[wrong-type]: metadata.allowPlaintext: expected a list, found the string "x"'
    ]
    assert first_lines(tmp_path, head % "[a..b]" + "spec: {}\n") == [
        "a.yaml:3:38: error[wrong-value]: metadata.allowPlaintext takes paths of fields below spec"
    ]


def test_references_and_refused_secrets_are_not_warned_of_again(tmp_path: Path) -> None:
    """One complaint for one value."""
    text = f'{HEAD}spec: {{licenseKey: {TOKEN}, environmentVariables: {{PASSWORD: {{secret: "env:P"}}}}}}\n'
    assert [line.split(": ")[1] for line in first_lines(tmp_path, text)] == ["error[plain-secret]"]


def test_a_warning_does_not_stop_anything(tmp_path: Path) -> None:
    """The manifest is loaded with the value as it stands."""
    text = f"{HEAD}spec: {{environmentVariables: {{DB_PASSWORD: {CANARY}}}}}\n"
    loaded = load_text(tmp_path, text)
    assert loaded.manifests[0].spec["environmentVariables"]["DB_PASSWORD"] == CANARY
    assert [(one.code, one.warning) for one in loaded.warnings] == [("looks-like-secret", True)]


def test_other_problems_do_not_show_it_either(tmp_path: Path) -> None:
    """A key that is wrong for other reasons is masked in every message and excerpt."""
    text = f"{HEAD}spec: {{cpu: {TOKEN}, region: {TOKEN}, {TOKEN}: 1, memory: x}} # {TOKEN}\n"
    told = complaints(tmp_path, text)
    assert len(told) >= 4
    assert TOKEN[:12] not in "".join(told)


def test_a_message_about_anything_else_seals_it(tmp_path: Path) -> None:
    """Also where nobody got as far as looking at the spec."""
    (told,) = complaints(tmp_path, HEAD.replace("cloud.example.com/v1", TOKEN) + "spec: {}\n")
    assert TOKEN[:16] not in told
    assert '"(sealed)" is not an apiVersion' in told


def test_the_beginning_of_a_long_secret_is_sealed_as_well(tmp_path: Path) -> None:
    """Messages shorten what they repeat; a secret does not get out that way."""
    long = CANARY * 4
    told = complaints(tmp_path, f"{HEAD}spec: {{licenseKey: {long}, cpu: {long}}}\n")
    assert len(told) == 2
    assert CANARY not in "".join(told)


INSERTED = [
    f"environmentVariables: {{DB_PASSWORD: {CANARY}}}",
    f"environmentVariables: {{DB_PASSWORD: [{CANARY}]}}",
    f"licenseKey: {CANARY}",
    f"password: {CANARY}",
    f"api_key: {{x: {CANARY}}}",
    f"containerConfiguration: {{registryConfig: {{authConfig: {{password: [{CANARY}]}}}}}}",
    f'description: "https://u:{CANARY}@h"',
    f'healthCheck: {{httpGetUrl: "http://h/?token={CANARY}", periodSeconds: x}}',
    f"containerConfiguration: {{command: [--api-key={CANARY}]}}",
    f"region: sk-{CANARY}{CANARY}",
    f"cpu: sk-{CANARY}{CANARY}",
]


def _broken() -> list[str]:
    folder = Path(__file__).parent / "broken"
    heads = {"file": "", "runtime": HEAD, "bot": BOT_HEAD}
    texts: list[str] = []
    for path in sorted(folder.glob("*.txt")):
        for case in path.read_text("utf-8").split(">>> ")[1:]:
            head, _, rest = case.partition("\n")
            texts.append(heads.get(head, "") + rest.partition("\n<<<\n")[0] + "\n")
    return texts


def _with_canaries(number: int, text: str) -> list[str]:
    """The text with a canary in its comments, and in three of the secret-sounding places each."""
    found = ["".join(f"{line} # api_key: {CANARY}\n" for line in text.splitlines())]
    for inserted in (INSERTED * 2)[number % len(INSERTED) :][:3]:
        for opening, closing in (("spec: {", ", "), ("spec:\n", "\n"), ("properties: {", ", ")):
            if opening in text:
                indent = "  " if opening.endswith("\n") else ""
                found.append(text.replace(opening, f"{opening}{indent}{inserted}{closing}", 1))
    return found


def test_no_broken_manifest_shows_a_secret(tmp_path: Path) -> None:
    """Whatever is wrong, a canary in a place that sounds secret shows in no message of the file."""
    texts = [changed for n, text in enumerate(_broken()) for changed in _with_canaries(n, text)]
    assert len(texts) > 300
    shown: list[str] = []
    for text in texts:
        told = "\n".join(complaints(tmp_path, text))
        if CANARY in told:
            shown.append(f"{text}\n=> {told}")
    assert shown[:3] == []


def test_realistic_manifests_give_no_warning() -> None:
    """The samples of this repository hold no secret."""
    samples = Path(__file__).parents[2] / "manifests"
    from reconciler.providers import discover

    kinds = tuple(kind for provider in discover() for kind in provider.kinds)
    loaded = load([samples], kinds=kinds, config=samples / "reconcile.yaml")
    assert KINDS
    assert [one for one in loaded.warnings if one.code == "looks-like-secret"] == []


def test_a_file_is_searched_closely_up_to_a_bound_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file full of what begins like a secret takes no time without end, and no silence either."""
    monkeypatch.setattr("reconciler.loader.plaintext.MAX_SEARCHED", 3000)
    texts = [f"{HEAD.replace('a}', f'a{n}}}')}spec: {{description: {TOKEN}}}\n" for n in range(9)]
    told = [one.splitlines()[0] for one in complaints(tmp_path, "---\n".join(texts))]
    assert [line.partition("[")[2].partition("]")[0] for line in told] == [
        "looks-like-secret",
        "looks-like-secret",
        "too-many",
    ]
    assert "no more texts of this file are searched" in told[2]
