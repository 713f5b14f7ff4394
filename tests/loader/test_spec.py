"""What a manifest's spec holds after loading: nothing coerced, nothing of the cloud's own."""

from pathlib import Path

import pytest
from pydantic import Field

from reconciler.loader.load import load
from reconciler.model.errors import InputError
from reconciler.model.manifest import OnFailure, Rollout
from reconciler.model.rules import BodyStyle, Readiness, Rules, Shape, Trait
from reconciler.model.rules import Field as Rule
from reconciler.ports.provider import Kind
from reconciler.providers.fields import Spec
from tests.support.loader import BOT_HEAD, HEAD, first_lines, load_text


def _spec(folder: Path, text: str) -> dict[str, object]:
    (manifest,) = load_text(folder, text).manifests
    return manifest.spec


def test_values_are_kept_as_they_were_written(tmp_path: Path) -> None:
    """Numbers, strings and lists come out with the types that they went in with."""
    spec = _spec(tmp_path, HEAD + "spec: {cpu: 2, description: '2', paused: false, mounts: []}\n")
    assert spec == {"cpu": 2, "description": "2", "paused": False, "mounts": []}
    assert type(spec["cpu"]) is int


def test_null_asks_to_clear_but_in_a_free_map_says_nothing(tmp_path: Path) -> None:
    """A null field is kept as a wish to clear it; a null variable is as good as none."""
    text = HEAD + "spec: {description: null, environmentVariables: {A: null, B: ''}}\n"
    assert _spec(tmp_path, text) == {"description": None, "environmentVariables": {"B": ""}}


def test_what_the_cloud_computes_is_warned_about(tmp_path: Path) -> None:
    """A server-computed field is kept as it is written, compared with nothing, and that is said."""
    loaded = load_text(tmp_path, HEAD + "spec: {cpu: 1, runtimeId: r-1}\n")
    assert loaded.manifests[0].spec == {"cpu": 1, "runtimeId": "r-1"}
    assert [(p.code, p.warning) for p in loaded.warnings] == [("server-field", True)]


def test_documents_are_kept_in_the_form_they_were_written_in(tmp_path: Path) -> None:
    """A JSON document stays a mapping or a string; both are checked."""
    for form in ("{temperature: 0.3}", "'{\"temperature\": 0.3}'", "''"):
        text = f"{BOT_HEAD}spec: {{botId: a, properties: {{model_setting: {form}}}}}\n"
        held = _spec(tmp_path, text)["properties"]
        assert held == {"model_setting": _plain(form)}


def _plain(form: str) -> object:
    return {"temperature": 0.3} if form.startswith("{") else form.strip("'")


def test_an_unknown_property_passes_with_a_warning(tmp_path: Path) -> None:
    """Properties are the user's own: one that nobody documents is sent, and pointed out."""
    text = BOT_HEAD + "spec: {botId: a, properties: {nmae: x, theme: dark}}\n"
    loaded = load_text(tmp_path, text)
    assert loaded.manifests[0].spec["properties"] == {"nmae": "x", "theme": "dark"}
    assert [problem.help for problem in loaded.warnings] == ['did you mean "name"?', ""]


@pytest.mark.parametrize(
    "allowed",
    ["/newField", "newField", "/mounts/0/newField", "mounts.newField", "mounts.*.newField"],
)
def test_allow_unknown_lets_one_field_through(tmp_path: Path, allowed: str) -> None:
    """`metadata.allowUnknown` takes a pointer or a dotted path; positions in lists don't matter."""
    head = HEAD.replace("name: a", f'name: a, allowUnknown: ["{allowed}"]')
    field = "mounts: [{mountDir: /a, newField: 1}]" if "mounts" in allowed else "newField: {x: 1}"
    assert first_lines(tmp_path, f"{head}spec: {{{field}}}\n") == []
    (told,) = first_lines(tmp_path, f"{head}spec: {{{field}, other: 1}}\n")
    assert told.endswith('error[unknown-field]: "other" is not a field of spec')


def test_metadata_and_rollout_are_read(tmp_path: Path) -> None:
    """Labels, completeness, wave, timeout and what follows a failure come from its manifest."""
    head = HEAD.replace("name: a", "name: a, labels: {team: x}, complete: true")
    text = head + "spec: {}\nrollout: {wave: 3, timeout: 90s, onFailure: rollback}\n"
    (manifest,) = load_text(tmp_path, text).manifests
    assert (manifest.labels, manifest.complete) == ({"team": "x"}, True)
    assert manifest.rollout == Rollout(90.0, 3, OnFailure.ROLLBACK)
    assert (manifest.place.line, str(manifest.address)) == (1, "Runtime/a")


def test_what_rollout_does_not_know_is_told_at_its_place(tmp_path: Path) -> None:
    """A wave is a whole number from 0, onFailure one of three words."""
    wrong = {
        "{wave: -1}": "rollout.wave: expected a whole number from 0, found the number -1",
        "{wave: 1.5}": "rollout.wave: expected a whole number from 0, found the number 1.5",
        '{wave: "1"}': 'rollout.wave: expected a whole number from 0, found the string "1"',
        "{onFailure: halt}": "rollout.onFailure is stop, continue or rollback, "
        'found the string "halt"',
        "{onFailure: null}": "rollout.onFailure is stop, continue or rollback, found null",
    }
    for rollout, text in wrong.items():
        (told,) = first_lines(tmp_path, f"{HEAD}spec: {{}}\nrollout: {rollout}\n")
        assert told.endswith(text)


def test_many_documents_of_one_file_keep_their_places(tmp_path: Path) -> None:
    """Each document of a file is a manifest with lines counted in the file."""
    second = HEAD.replace("name: a", "name: b") + "spec: {cpu: 1}\n"
    loaded = load_text(tmp_path, HEAD + "spec: {}\n---\n" + second)
    assert [manifest.place.line for manifest in loaded.manifests] == [1, 6]
    assert loaded.manifests[1].places["/spec/cpu"].line == 9


class _NamedSpec(Spec):
    key: str | None = Field(None, json_schema_extra={"usualLength": 4})


_NAMED = Kind(
    "cloud.example.com/v1",
    "NamedThing",
    _NamedSpec,
    Rules(
        Rule(
            Shape.OBJECT,
            members={
                "key": Rule(Shape.STRING),
                "namedThingName": Rule(Shape.STRING, Trait.SERVER),
                "otherName": Rule(Shape.STRING, Trait.SERVER),
            },
        ),
        BodyStyle.CHANGED,
        Readiness.STATUS,
    ),
)
_NAMED_HEAD = HEAD.replace("Runtime", "NamedThing")


def test_a_text_of_an_unusual_length_is_pointed_out(tmp_path: Path) -> None:
    """Where the vendor's page gives a length that nothing enforces, another one is a warning."""
    for key, told in (("abcd", []), ("abc", [True])):
        path = tmp_path / "a.yaml"
        path.write_text(f"{_NAMED_HEAD}spec: {{key: {key}}}\n")
        warnings = load([path], kinds=[_NAMED]).warnings
        assert [problem.warning for problem in warnings] == told
    assert warnings[0].text == "key: the vendor's page says 4 characters, this has 3"


@pytest.mark.parametrize(
    ("name", "text", "help_text"),
    [
        (
            "namedThingName",
            "namedThingName is the agent's name and stands in metadata.name only",
            "remove it; metadata.name names the agent",
        ),
        ("otherName", "otherName is computed by the cloud and cannot be set", "remove it"),
    ],
)
def test_the_name_in_spec_is_led_to_metadata(
    tmp_path: Path, name: str, text: str, help_text: str
) -> None:
    """The agent's name under the vendor's word for it is refused with where it belongs."""
    path = tmp_path / "a.yaml"
    path.write_text(f"{_NAMED_HEAD}spec: {{{name}: x}}\n")
    with pytest.raises(InputError) as caught:
        load([path], kinds=[_NAMED])
    (problem,) = caught.value.problems
    assert (problem.text, problem.help) == (text, help_text)
