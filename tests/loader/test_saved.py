"""A saved plan as a file: whatever stands in it, reading it ends in a plan or in one told error."""

import json
from pathlib import Path

import pytest

from reconciler.differ.binding import content_digest
from reconciler.loader.saved import MAX_PLAN_BYTES, MAX_PLAN_VALUES, read_saved
from reconciler.model.errors import GuardError, InputError
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.sealed import Sealed

KEY = Fingerprinter(Sealed("canary-key-of-plans-1f2e3d4c5b", "env:RECONCILE_PLAN_KEY"))
BINDING = {"version": 1, "digest": "", "signature": f"hmac-sha256:{KEY.key_id}:"}


def document(member: str) -> str:
    """A plan that was edited, with this JSON as a member of it."""
    plan = {"formatVersion": "1", "binding": BINDING}
    return f'{json.dumps(plan)[:-1]}, "x": {member}}}'


@pytest.mark.parametrize("key", [None, KEY], ids=["unsigned", "signed"])
def test_any_depth_is_told(key: Fingerprinter | None, tmp_path: Path) -> None:
    """Also the one at which the text can just be read and the digest can not be made."""
    file, told = tmp_path / "plan.json", set()
    for depth in (*range(850, 1010), 100_000):
        file.write_text(document("[" * depth + "]" * depth))
        with pytest.raises((InputError, GuardError)) as error:
            read_saved(file, key)
        told.add(type(error.value))
    assert told == {InputError, GuardError}


def test_a_file_that_would_fill_the_memory_is_not_parsed(tmp_path: Path) -> None:
    """Its values are counted before any is made; a number of bytes says little of them."""
    file = tmp_path / "plan.json"
    text = document(f"[{','.join(['[]'] * (MAX_PLAN_VALUES // 2))}]")
    assert len(text) < MAX_PLAN_BYTES / 10
    file.write_text(text)
    with pytest.raises(InputError, match=r"has more than 1,500,000 values; plan fewer agents"):
        read_saved(file, None)


def test_a_number_too_long_to_be_one_is_told_without_its_digits(tmp_path: Path) -> None:
    """The reason is a whole phrase."""
    file = tmp_path / "plan.json"
    file.write_text(document("9" * 10_000))
    reason = r"no JSON \(Exceeds the limit \(4300 digits\) for integer string conversion\);"
    with pytest.raises(InputError, match=reason):
        read_saved(file, None)


def sealed(**binding: object) -> str:
    """A whole plan of no agents whose digest is right, with other members in its binding."""
    names = dict.fromkeys(("ignore", "policy", "fingerprintKey"), "")
    part = {"version": 1, "accounts": {}, "options": {}, "agents": [], **names, **binding}
    plan = {"formatVersion": "1", "target": "t", "agents": [], "binding": part}
    part["digest"] = content_digest(plan)
    return json.dumps(plan)


@pytest.mark.parametrize(
    ("binding", "error", "told"),
    [
        ({"version": 2}, GuardError, r"another version \(binding.version is 2, here it is 1\)"),
        (
            {
                "agents": [
                    {"apiVersion": "v", "kind": "k", "name": "n", "manifest": "", "fields": {}}
                    | {"secrets": [], "live": []}
                ]
            },
            InputError,
            "/binding/agents are others than /agents",
        ),
        ({"accounts": {"A": ["x"]}}, InputError, "/binding/accounts/A is no object"),
        ({"ignore": None}, InputError, "/binding/ignore is no text"),
    ],
)
def test_a_binding_that_cannot_be_held_against_anything_is_told(
    binding: dict[str, object], error: type[Exception], told: str, tmp_path: Path
) -> None:
    """Its digest alone does not make it one."""
    file = tmp_path / "plan.json"
    file.write_text(sealed())
    assert read_saved(file, None).agents == {}
    file.write_text(sealed(**binding))
    with pytest.raises(error, match=told):
        read_saved(file, None)
