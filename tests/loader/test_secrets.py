"""Secret references: where they may stand, how they become sealed values, what never shows."""

import os
from pathlib import Path
from typing import Any

import pytest

from reconciler.loader.load import load
from reconciler.loader.references import SecretReference
from reconciler.loader.secrets import resolve
from reconciler.model.errors import InputError
from reconciler.model.manifest import Desired
from reconciler.model.sealed import Sealed
from reconciler.providers import discover
from tests.support.loader import BOT_HEAD, HEAD, KINDS, complaints, load_text

CANARY = "hunter2canary"


def _resolved(folder: Path, spec: str, *, strict: bool = True, **environ: str) -> Desired:
    loaded = load_text(folder, f"{HEAD}spec: {spec}\n")
    (desired,) = resolve(loaded.manifests, environ=environ, strict=strict)
    return desired


def _unresolved(folder: Path, spec: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        _resolved(folder, spec)
    return [problem.text for problem in caught.value.problems]


def _reveal(value: Any) -> str:
    assert isinstance(value, Sealed)
    return value.reveal()


def test_a_manifest_keeps_references_as_references(tmp_path: Path) -> None:
    """Loading resolves nothing: the tree holds the reference, which may be shown."""
    (manifest,) = load_text(tmp_path, HEAD + 'spec: {licenseKey: {secret: "env:KEY"}}\n').manifests
    reference = manifest.spec["licenseKey"]
    assert isinstance(reference, SecretReference)
    assert str(reference) == "env:KEY"


def test_a_variable_becomes_a_sealed_value(tmp_path: Path) -> None:
    """`env:NAME` gives the variable's value, sealed, with its reference to show."""
    desired = _resolved(tmp_path, '{licenseKey: {secret: "env:KEY"}}', KEY=CANARY)
    value = desired.spec["licenseKey"]
    assert _reveal(value) == CANARY
    assert value.reference == "env:KEY"
    assert CANARY not in repr(desired)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"s3cret", "s3cret"),
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b"s3cret\r", "s3cret\r"),
        (b"two\nlines\n\n", "two\nlines\n"),
        (" é设 ".encode(), " é设 "),
    ],
)
def test_a_file_becomes_a_sealed_value(tmp_path: Path, content: bytes, value: str) -> None:
    """`file:PATH` gives the file's text, less one line break at its end."""
    (tmp_path / "key").write_bytes(content)
    desired = _resolved(tmp_path, '{licenseKey: {secret: "file:key"}}')
    assert _reveal(desired.spec["licenseKey"]) == value


def test_references_work_in_maps_lists_and_documents(tmp_path: Path) -> None:
    """Wherever a string may stand a reference may stand; a map that is named so stays a map."""
    spec = (
        '{environmentVariables: {A: {secret: "env:X"}, secret: "env:X"},'
        ' containerConfiguration: {command: [run, {secret: "env:X"}], imageType: {secret: "env:X"}}}'
    )
    desired = _resolved(tmp_path, spec, X=CANARY)
    assert _reveal(desired.spec["environmentVariables"]["A"]) == CANARY
    assert desired.spec["environmentVariables"]["secret"] == "env:X"
    assert _reveal(desired.spec["containerConfiguration"]["command"][1]) == CANARY
    assert _reveal(desired.spec["containerConfiguration"]["imageType"]) == CANARY


def test_a_map_that_looks_like_a_reference_is_a_map(tmp_path: Path) -> None:
    """An environment with one variable called `secret` is no reference."""
    desired = _resolved(tmp_path, '{environmentVariables: {secret: "env:X"}}')
    assert desired.spec == {"environmentVariables": {"secret": "env:X"}}


def test_every_unresolved_secret_is_told_with_its_place(tmp_path: Path) -> None:
    """Before anything is written, all missing and empty ones are told together, with places."""
    text = (
        HEAD + 'spec:\n  licenseKey: {secret: "env:GONE"}\n  environmentVariables:\n'
        '    A: {secret: "env:EMPTY"}\n    B: {secret: "file:gone"}\n'
    )
    loaded = load_text(tmp_path, text)
    with pytest.raises(InputError, match="3 secrets cannot be resolved") as caught:
        resolve(loaded.manifests, environ={"EMPTY": ""}, strict=True)
    assert [(p.place.line, p.place.column, p.text) for p in caught.value.problems] == [
        (5, 15, "env:GONE: this environment variable is not set"),
        (7, 8, "env:EMPTY: this environment variable is empty"),
        (8, 8, "file:gone: the file cannot be read: No such file or directory"),
    ]


def test_a_plan_goes_on_without_secrets(tmp_path: Path) -> None:
    """Without `strict` an unresolved secret holds no value, and equals nothing."""
    desired = _resolved(tmp_path, '{licenseKey: {secret: "env:GONE"}}', strict=False)
    value = desired.spec["licenseKey"]
    assert isinstance(value, Sealed)
    assert (value.resolved, value.reference, value == value) == (False, "env:GONE", False)


def test_files_outside_the_root_are_not_read(tmp_path: Path) -> None:
    """Neither `..` nor a link leads out of the folder of the manifests."""
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "key").write_text(CANARY)
    (inside / "link").symlink_to(tmp_path / "key")
    text = "the file lies outside the folder of the manifests"
    told = _unresolved(
        inside, '{licenseKey: {secret: "file:../key"}, description: {secret: "file:link"}}'
    )
    assert sorted(told) == [f"file:../key: {text}", f"file:link: {text}"]


def test_the_root_is_the_folder_that_was_named(tmp_path: Path) -> None:
    """A manifest in a sub-folder may use a file of the folder given on the command line."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "key").write_text(CANARY)
    (tmp_path / "sub" / "a.yaml").write_text(HEAD + 'spec: {licenseKey: {secret: "file:../key"}}\n')
    loaded = load([tmp_path], kinds=KINDS)
    (desired,) = resolve(loaded.manifests, environ={}, strict=True)
    assert _reveal(desired.spec["licenseKey"]) == CANARY
    alone = load([tmp_path / "sub"], kinds=KINDS)
    with pytest.raises(InputError, match="1 secret cannot be resolved"):
        resolve(alone.manifests, environ={}, strict=True)


def test_odd_files_are_no_secrets(tmp_path: Path) -> None:
    """A pipe, a folder, a file that is empty, large or not UTF-8 gives an error, and no hang."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "large").write_bytes(b"x" * (64 * 1024 + 1))
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    names = ("pipe", "folder", "empty", "large", "bytes")
    members = ", ".join(f'{name}: {{secret: "file:{name}"}}' for name in names)
    told = _unresolved(tmp_path, f"{{environmentVariables: {{{members}}}}}")
    assert told == [
        "file:pipe: the file is not a regular file",
        "file:folder: the file is not a regular file",
        "file:empty: the file is empty",
        "file:large: the file has 65,537 bytes; at most 65,536 are read",
        "file:bytes: the file is not UTF-8",
    ]


def test_places_of_desired_values_begin_at_spec(tmp_path: Path) -> None:
    """A desired value's place is found by its path in the spec; an unknown path by what is near."""
    desired = _resolved(tmp_path, '{cpu: 2, licenseKey: {secret: "env:K"}}', K="x")
    assert desired.place_of("/cpu").column == 13
    assert desired.place_of("/licenseKey").column == 28
    assert desired.place_of("/nasConfig/x").column == 7
    assert sorted(path for path in desired.places if "#" not in path) == [
        "",
        "/cpu",
        "/licenseKey",
        "/licenseKey/secret",
    ]


LEAKS = [
    f"{HEAD}spec: {{licenseKey: {CANARY}}}\n",
    f"{HEAD}spec: {{licenseKey: {CANARY}, cpu: x, memory: x}}\n",
    f"{HEAD}spec: {{licenseKey: [{CANARY}]}}\n",
    f"{HEAD}spec: {{licenseKey: {{value: {CANARY}}}}}\n",
    f"{HEAD}spec:\n  licenseKey: |\n    {CANARY}\n    more\n",
    f"{HEAD}spec:\n  licenseKey: >-\n    {CANARY}\n  cpu: x\n",
    f"{HEAD}spec:\n  region: &k {CANARY}\n  licenseKey: *k\n",
    f"{HEAD}spec: {{licenseKey: {{secret: {CANARY}}}}}\n",
    f"{HEAD}spec: {{description: {{secret: {CANARY}}}}}\n",
    f"{HEAD}spec: {{description: {{secret: 'env:{CANARY}!'}}}}\n",
    f"{HEAD}spec: {{description: {{secret: 'exec:echo \"{CANARY}'}}}}\n",
    f"{HEAD}spec: {{cpu: {{secret: '{CANARY}'}}}}\n",
    f"{HEAD}spec: {{licenseKey: a, licenseKey: {CANARY}}}\n",
    f"{HEAD}spec: {{authConfig: {{password: {CANARY}}}}}\n",
    f"{HEAD}spec: {{environmentVariables: {{DB: [{CANARY}]}}}}\n",
    f"{HEAD}spec: {{password: {CANARY}, cpu: [}}\n",
    f"{HEAD}spec:\n  licenseKey: {CANARY}: x\n",
    f'{HEAD}spec:\n  licenseKey: "{CANARY}\n',
    f"{HEAD}spec:\n  - API_KEY={CANARY}\n",
    f"{HEAD}spec:\n  licenseKey:\n    {CANARY}: : x\n",
    f"{HEAD}spec:\n  licenseKey: |  # the key\n    {CANARY}\n\t{CANARY}\n",
    f"{BOT_HEAD}spec: {{botId: a, properties: {{api_key: {CANARY}}}}}\n",
    f"{BOT_HEAD}spec: {{botId: a, properties: {{tools: [{{api_key: {CANARY}}}]}}}}\n",
    f"{BOT_HEAD}spec: {{botId: a, properties: {{model_setting: {{api_key: {CANARY}}}}}}}\n",
    f"{HEAD}spec:\n  licenceKeys: {CANARY}\n",
    f"{HEAD}spec: {{containerConfiguration: {{registryConfig: {{authConfig: {{pass: {CANARY}}}}}}}}}\n",
    f"{HEAD}spec: {{containerConfiguration: {{registryConfig: {{authConfig: {CANARY}}}}}}}\n",
    f"{HEAD}spec: {{containerConfiguration: {{registryConfig: {{authConfig: [{CANARY}]}}}}}}\n",
    f"{HEAD}spec: {{licenseKey: *{CANARY}}}\n",
    f"{HEAD}spec:\n  licenseKey: !{CANARY} x\n",
]


@pytest.mark.parametrize("text", LEAKS)
def test_a_secret_in_plain_text_is_never_repeated(tmp_path: Path, text: str) -> None:
    """Whatever is wrong with a file, what stands in it as a secret shows in no message."""
    told = complaints(tmp_path, text)
    assert told
    assert CANARY not in "\n".join(told)


@pytest.mark.parametrize("word", ["plain", "secret", "text", "stand here"])
def test_a_secret_that_is_an_ordinary_word_leaves_the_message_whole(
    tmp_path: Path, word: str
) -> None:
    """The excerpt hides the value; our own words stay words even where they are the same."""
    (told,) = complaints(tmp_path, f"{HEAD}spec: {{licenseKey: {word}}}\n")
    first, *rest = told.splitlines()
    assert first.endswith("licenseKey is a secret and cannot stand here in plain text")
    assert rest[1] == "4 | spec: {licenseKey: " + "*" * len(word) + "}"


def test_an_alias_in_the_place_of_a_secret_is_not_named(tmp_path: Path) -> None:
    """A password that begins with a star is an alias as far as YAML goes, and stays hidden."""
    (told,) = complaints(tmp_path, f"{HEAD}spec:\n  licenseKey: *hunter\n")
    assert told.splitlines()[0].endswith("the anchor &(sealed) is not defined above")
    assert "hunter" not in told


def test_a_secret_that_is_an_ordinary_word_is_hidden_where_it_is_repeated(tmp_path: Path) -> None:
    """The same text elsewhere is a value again, and stands in quotes: it is sealed."""
    told = complaints(tmp_path, f"{HEAD}spec: {{licenseKey: hunter, cpu: hunter}}\n")
    assert any('found the string "(sealed)"' in one for one in told)
    assert "hunter" not in "".join(told)


@pytest.mark.parametrize("name", ["api_key", "apiKey", "API-Key"])
def test_the_name_of_a_secret_counts_in_every_spelling(tmp_path: Path, name: str) -> None:
    """What clouds write as api_key or apiKey takes a reference only, wherever it stands."""
    text = f"{BOT_HEAD}spec: {{botId: a, properties: {{tools: [{{{name}: {CANARY}}}]}}}}\n"
    told = complaints(tmp_path, text)
    assert ["error[plain-secret]" in one for one in told] == [True]
    assert CANARY not in told[0]


AGENTRUN = "apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntime\nmetadata: {name: a}\n"
APPSTAGE = (
    "apiVersion: appstage.myhuaweicloud.com/v1\nkind: Agent\nmetadata: {name: a}\n"
    'spec:\n  agentId: "0123456789abcdef0123456789abcdef"\n  region: r\n  tags: []\n  properties:\n'
)
AUTH = "spec:\n  containerConfiguration:\n    registryConfig:\n      authConfig:\n        "
REAL_SECRETS = [
    f"{AGENTRUN}spec:\n  armsConfiguration:\n    armsLicenseKey: %s\n",
    f"{AGENTRUN}{AUTH}userName: u\n        password: %s\n",
    f"{APPSTAGE}    api_key: %s\n",
    f"{APPSTAGE}    apiKey: %s\n",
    f"{APPSTAGE}    plugins: [{{auth: {{API-KEY: %s}}}}]\n",
]


@pytest.mark.parametrize("text", REAL_SECRETS)
@pytest.mark.parametrize(
    "value", [CANARY, f'"{CANARY}"', f"|\n                {CANARY}", f"[{CANARY}]"]
)
def test_the_secret_fields_of_the_clouds_take_no_plain_text(
    tmp_path: Path, text: str, value: str
) -> None:
    """License key, registry password and API key, in every spelling and form, are refused."""
    if "{API" in text and "|" in value:
        value = f"'{CANARY}'"  # a flow mapping holds no block
    (tmp_path / "a.yaml").write_text(text % value)
    kinds = tuple(kind for provider in discover() for kind in provider.kinds)
    with pytest.raises(InputError) as caught:
        load([tmp_path], kinds=kinds)
    assert "plain-secret" in {problem.code for problem in caught.value.problems}
    assert CANARY not in repr(caught.value.problems)
    (tmp_path / "a.yaml").write_text(text % '{secret: "env:X"}')
    assert load([tmp_path], kinds=kinds).manifests
