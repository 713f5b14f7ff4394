"""Saved plans that nobody saved: `apply --plan` reads a file that may have come from anywhere."""

import json
import os
from pathlib import Path
from typing import Final

from tests.hostile.recipe import GOOD, Content, recipe, write

_APPLY: Final = ("apply", "m", "--target", "sandbox", "--plan", "plan.json")
_MIB: Final = 1 << 20
_AGENT: Final = {"apiVersion": "v", "kind": "k", "name": "n"}


def _plan(more: str = "", **members: object) -> str:
    """A plan document with nothing in it, which everything but its digest is right in."""
    binding = {
        "version": 1,
        "accounts": {},
        "options": {},
        "ignore": "",
        "policy": "",
        "fingerprintKey": "",
        "agents": [],
        "digest": "sha256:0",
    }
    plan = {"formatVersion": "1", "target": "sandbox", "agents": [], "binding": binding, **members}
    return json.dumps(plan)[:-1] + more + "}"


def _added(content: str) -> str:
    """The same with one more member."""
    return _plan(f', "x": {content}')


_UNREADABLE: Final[dict[str, tuple[Content, str]]] = {
    "nothing": ("", "is no JSON (line 1, column 1"),
    "blanks": (" " * _MIB, "is no JSON"),
    "zero bytes": (b"\0" * 4096, "is no JSON"),
    "bytes of a program": (bytes(range(256)) * 16, "is not UTF-8"),
    "UTF-16": (_plan().encode("utf-16"), "is not UTF-8"),
    "YAML": ("formatVersion: '1'\n", "is no JSON"),
    "a text that breaks off": (_plan()[:80], "is no JSON"),
    "two documents": (_plan() + _plan(), "is no JSON"),
    "a number": ("1", "is JSON, but no plan"),
    "a list": ("[]", "is JSON, but no plan"),
    "null": ("null", "is JSON, but no plan"),
    "an object of something else": ('{"\\u001b[31mresources": []}', "is JSON, but no plan"),
    "a member that is there twice": ('{"formatVersion": "1", "formatVersion": "1"}', "twice"),
    "a member that is there twice far inside": (_added('{"a": {"b": 1, "b": 1}}'), "twice"),
    "no number": (_added("NaN"), "NaN is no JSON"),
    "no end of a number": (_added("-Infinity"), "-Infinity is no JSON"),
    "a number of ten thousand digits": (_added("9" * 10_000), "is no JSON"),
    "brackets without end": ("[" * 200_000, "is nested too deeply"),
    "objects without end": ('{"a":' * 200_000, "is nested too deeply"),
    "half a million empty lists too many": (lambda: _added(_of("[]", 1_000_000)), "values"),
    "a million objects": (lambda: _added(_of('{"":0}', 1_000_000)), "more than 1,500,000 values"),
    "more bytes than are read": (lambda: b" " * (49 * _MIB), "at most 50,331,648 are read"),
}
"""Texts of the file, and what is said of each: exit 1."""

_REFUSED: Final[dict[str, tuple[Content, str]]] = {
    "an edited plan": (_plan(), "was edited after it was written"),
    "a plan of a later version": (_plan(formatVersion="2"), "of another version"),
    "a version that is a sequence": (_plan(formatVersion="\x1b]8;;http://x\x07"), "another versi"),
    "a version that is half a character": (_plan(formatVersion="\ud800"), "of another version"),
    "a version of a megabyte": (_plan(formatVersion="9" * _MIB), "of another version"),
    "a version that is a mapping": (_plan(formatVersion={"a": [{}]}), "of another version"),
    "a plan that is bound to nothing": (_plan(binding=None), "holds nothing that binds it"),
    "a binding that is a text": (_plan(binding="sha256:0"), "holds nothing that binds it"),
    "a binding of a later version": (_plan(binding={"version": 2}), "binding.version is 2"),
    "a binding without a digest": (_plan(binding={"version": 1}), "was edited"),
    "a digest that is a list": (_plan(binding={"version": 1, "digest": []}), "was edited"),
    "agents that are a text": (_plan(agents="\x1b[2J"), "was edited"),
    "brackets that are just read": (_added("[" * 900 + "]" * 900), "was edited"),
    "an agent twice": (_plan(agents=[_AGENT, _AGENT]), "was edited"),
    "as many lists as are read": (lambda: _added(_of("[]", 700_000)), "was edited"),
    "as many objects as are read": (lambda: _added(_of('{"":0}', 700_000)), "was edited"),
    "as many members as are read": (lambda: _added(_members(1_000_000)), "was edited"),
    "as many bytes as are read": (lambda: _added(f'"{"a" * (47 * _MIB)}"'), "was edited"),
    "wide characters among many bytes": (
        lambda: _added(f'"{"a" * (47 * _MIB)}\U0001f600"'),
        "was edited",
    ),
}
"""Documents that have the form of a plan, and why they are refused: exit 7."""

_SLOW: Final = {"as many members as are read", "wide characters among many bytes"}


def _of(text: str, count: int) -> str:
    return f"[{','.join([text] * count)}]"


def _members(count: int) -> str:
    return "{" + ",".join(f'"{number:x}":0' for number in range(count)) + "}"


def _register(name: str, content: Content, shows: str, code: int) -> None:
    @recipe(exit=code, arguments=_APPLY, shows=shows, name=name, slow=name in _SLOW)
    def _make(folder: Path) -> None:
        write(folder / "m" / "a.yaml")
        write(folder / "plan.json", content)


for _name, (_content, _shows) in _UNREADABLE.items():
    _register(_name, _content, _shows, 1)
for _name, (_content, _shows) in _REFUSED.items():
    _register(_name, _content, _shows, 7)


@recipe(exit=1, arguments=_APPLY, shows="plan.json is not a regular file")
def _a_pipe(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    os.mkfifo(folder / "plan.json")


@recipe(exit=1, arguments=_APPLY, shows="plan.json is not a regular file")
def _a_link_to_a_device(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "plan.json").symlink_to("/dev/zero")


@recipe(exit=1, arguments=_APPLY, shows="plan.json is not a regular file")
def _a_folder(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "plan.json").mkdir()


@recipe(exit=1, arguments=_APPLY, shows="plan.json cannot be read: Too many levels")
def _a_link_to_itself(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "plan.json").symlink_to("plan.json")


@recipe(exit=1, arguments=_APPLY, shows="plan.json cannot be read: No such file")
def _no_file(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


@recipe(exit=1, arguments=_APPLY, shows="plan.json has 4,294,967,296 bytes")
def _a_file_of_four_gigabytes_of_nothing(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    with (folder / "plan.json").open("wb") as file:
        file.truncate(4 << 30)


@recipe(exit=1, arguments=("apply", "m", "--target", "sandbox", "--plan", "\x1b[31m\n"), shows="\\")
def _a_name_with_an_escape_sequence(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


@recipe(
    exit=1,
    arguments=_APPLY,
    environ={"RECONCILE_PLAN_KEY": "hunter2"},
    shows="RECONCILE_PLAN_KEY is shorter",
    hides="hunter2",
)
def _a_key_that_can_be_guessed(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(folder / "plan.json", _plan())


@recipe(
    exit=7,
    arguments=_APPLY,
    environ={"RECONCILE_PLAN_KEY": "hunter2-hunter2-hunter2"},
    shows="was signed with another key (",
    hides="hunter2",
)
def _a_signature_that_is_a_sequence(folder: Path) -> None:
    write(folder / "m" / "a.yaml", GOOD)
    signed = {"version": 1, "signature": "\x1b]8;;http://x\x07:\u202e"}
    write(folder / "plan.json", _plan(binding=signed))
