"""Overlays, patches and variables of a stranger: they stay in the repository and in their bounds."""

import os
from collections.abc import Mapping
from pathlib import Path

from tests.hostile.recipe import BOT, GOOD, HEAD, Content, recipe, texts, write

_SECRET = "hunter2-from-outside"
_LEAK = f"kind: AgentRuntime\nmetadata: {{name: {_SECRET}}}\n"
_OVERLAY = "kind: AgentRuntime\nmetadata: {name: a}\nspec: "
_PATCH = "kind: JSONPatch\ntarget: {kind: AgentRuntime, name: a}\nops: "
_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
_CHOSEN = ("validate", "m", "--target", "t")


def _config(*overlays: str, more: str = "") -> str:
    listed = ", ".join(f'"{overlay}"' for overlay in overlays)
    return (
        f"targets:\n  t:\n    agentrun: {{}}\n    appstage: {{}}\n    overlays: [{listed}]\n{more}"
    )


def _overlays(code: str, cases: Mapping[str, Content]) -> None:
    beside: dict[str, Content] = {"m/a.yaml": GOOD, "m/reconcile.yaml": _config("o")}
    texts("layers", code, cases, file="m/o/x.yaml", beside=beside, arguments=_CHOSEN)


def _folders(code: str, cases: Mapping[str, Content]) -> None:
    beside: dict[str, Content] = {"m/a.yaml": GOOD, "out/secret.yaml": _LEAK}
    texts("layers", code, cases, file="m/reconcile.yaml", beside=beside, arguments=_CHOSEN)


def _variables(code: str, cases: Mapping[str, Content], *, given: str = "NAME: x") -> None:
    config = _config(more=f"    vars: {{{given}}}\n")
    beside: dict[str, Content] = {"m/reconcile.yaml": config}
    texts("layers", code, cases, beside=beside, arguments=_CHOSEN)


_folders(
    "path",
    {
        "a folder above": _config("../out"),
        "a folder at the root": _config("/etc"),
        "a folder far above": _config("../" * 50 + "etc"),
        "a folder that is not there": _config("gone"),
        "a file for a folder": _config("a.yaml"),
        "a folder with a null": _config(r"a\0b"),
        "a folder with an escape sequence": _config(r"\e[31m"),
        "a folder with a long name": _config("x" * 5000),
        "a folder without a name": _config(""),
    },
)
_overlays("syntax", {"a bomb in an overlay": _BOMB, "depth in an overlay": "[" * 100_000})
_overlays("encoding", {"UTF-16 in an overlay": GOOD.encode("utf-16")})
_overlays("wrong-type", {"a text for a number": _OVERLAY + "{cpu: two}\n"})
_overlays("unknown-field", {"a prototype in an overlay": _OVERLAY + "{__proto__: {x: 1}}\n"})
_overlays(
    "wrong-value",
    {
        "a pointer that is none": _PATCH + "[{op: add, path: x, value: 1}]\n",
        "an operation of a stranger": _PATCH + "[{op: exec, path: /spec, value: x}]\n",
    },
)
_overlays(
    "patch-failed",
    {
        "a pointer to nothing": _PATCH + "[{op: replace, path: /spec/gone/x, value: 1}]\n",
        "a position beyond all": _PATCH + "[{op: remove, path: /spec/systemTags/9}]\n",
        "a position of ten thousand digits": _PATCH
        + f"[{{op: add, path: /spec/cpu/{'9' * 10_000}, value: 1}}]\n",
        "a pointer of a megabyte": _PATCH
        + f'[{{op: replace, path: "{"/a" * 500_000}", value: 1}}]\n',
        "a kind that is changed": _PATCH + "[{op: replace, path: /kind, value: Agent}]\n",
        "a move into itself": _PATCH + "[{op: move, from: /spec, path: /spec/x}]\n",
        "a test that fails": _PATCH + "[{op: test, path: /spec/cpu, value: true}]\n",
        "copies that double": _PATCH
        + "["
        + "{op: add, path: /spec/environmentVariables, value: {a: b}},"
        + "".join(
            f"{{op: copy, from: /spec, path: /spec/environmentVariables/k{n}}}," for n in range(40)
        )
        + "]\n",
    },
)
_variables(
    "undefined-variable",
    {
        "an unknown variable": BOT + '    x: "${var.GONE}"\n',
        "a variable of a hundred kilobytes": BOT + f'    x: "${{var.{"N" * 100_000}}}"\n',
    },
)
_variables(
    "malformed-variable",
    {
        "an unknown variable with an escape sequence": BOT + r'    x: "${var.\e[31m}"' + "\n",
        "a variable that is never closed": BOT + '    x: "${var.NAME"\n',
        "a variable without a name": BOT + '    x: "${var.}"\n',
        "a variable in a variable": BOT + '    x: "${var.${var.NAME}}"\n',
    },
)
_variables(
    "variable-in-key",
    {
        "a variable in a key": BOT + '    "${var.NAME}": x\n',
    },
)
_variables("wrong-type", {"a variable for a number": HEAD + 'spec: {cpu: "${var.NAME}"}\n'})
_variables(
    "wrong-value",
    {"a variable that acts in a name": GOOD.replace("name: a", 'name: "${var.NAME}"')},
    given=r'NAME: "\e[31m\u202e"',
)
_variables(
    "",
    {"a text with many variables": BOT + f'    x: "{"${var.NAME}" * 5000}"\n'},
    given=f"NAME: {'x' * 10}",
)
_variables(
    "too-large",
    {"a text that grows without end": BOT + f'    x: "{"${var.NAME}" * 50_000}"\n'},
    given=f"NAME: {'x' * 100_000}",
)


@recipe("path", "path", arguments=_CHOSEN, hides=_SECRET)
def _an_overlay_behind_a_link(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(folder / "out" / "secret.yaml", _LEAK)
    (folder / "m" / "o").symlink_to("../out")
    write(folder / "m" / "reconcile.yaml", _config("o"))


@recipe("path", arguments=_CHOSEN, hides=_SECRET)
def _a_link_in_an_overlay(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(folder / "out" / "secret.yaml", _LEAK)
    (folder / "m" / "o").mkdir()
    (folder / "m" / "o" / "x.yaml").symlink_to("../../out/secret.yaml")
    write(folder / "m" / "reconcile.yaml", _config("o"))


@recipe("path", "path", arguments=_CHOSEN)
def _an_overlay_that_leads_to_itself(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "m" / "o").symlink_to("o")
    write(folder / "m" / "reconcile.yaml", _config("o"))


@recipe("path", arguments=_CHOSEN)
def _a_pipe_in_an_overlay(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "m" / "o").mkdir()
    os.mkfifo(folder / "m" / "o" / "x.yaml")
    write(folder / "m" / "reconcile.yaml", _config("o"))


@recipe("path", arguments=("validate", "m/o", "--target", "t"))
def _an_overlay_that_is_named(folder: Path) -> None:
    (folder / ".git").mkdir()
    write(folder / "m" / "a.yaml")
    write(folder / "m" / "o" / "x.yaml", _OVERLAY + "{cpu: 4}\n")
    write(folder / "m" / "reconcile.yaml", _config("o"))


@recipe("path", arguments=_CHOSEN)
def _the_manifests_as_their_own_overlay(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(folder / "m" / "reconcile.yaml", _config("."))
