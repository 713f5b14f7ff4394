"""References to secrets that lead somewhere else: not resolved, or resolved and refused."""

import os
from pathlib import Path

from tests.hostile.recipe import HEAD, recipe, texts, write


def _env(reference: str) -> str:
    return HEAD + f"spec: {{environmentVariables: {{K: {{secret: {reference}}}}}}}\n"


texts(
    "references",
    "secret-reference",
    {
        "an empty one": _env('""'),
        "no scheme": _env("API_KEY"),
        "an unknown scheme": _env('"vault:x"'),
        "a variable without a name": _env('"env:"'),
        "a variable with spaces": _env('"env:A B"'),
        "a variable with a line break": _env(r'"env:A\nB"'),
        "a variable with an escape sequence": _env(r'"env:\e[31m"'),
        "a variable of digits": _env('"env:1A"'),
        "a variable in Chinese": _env('"env:密钥"'),
        "a file without a name": _env('"file:"'),
        "a file at the root": _env('"file:/etc/passwd"'),
        "a file with a null": _env(r'"file:a\0b"'),
        "a file with an escape sequence": _env(r'"file:\e[31m"'),
        "a variable of a megabyte": _env('"env:' + "-" * 1_000_000 + '"'),
        "a scheme of a megabyte": _env('"' + "x" * 1_000_000 + '"'),
        "a command of a megabyte": _env("'exec:a " + "x" * 1_000_000 + "'"),
        "a command of a million words": _env("'exec:" + "x " * 1_000_000 + "'"),
    },
)

texts(
    "references",
    "secret-place",
    {
        "for a number": HEAD + 'spec: {cpu: {secret: "env:A"}}\n',
        "for a list": HEAD + 'spec: {systemTags: {secret: "env:A"}}\n',
        "for a mapping": HEAD + 'spec: {containerConfiguration: {secret: "env:A"}}\n',
    },
)

_SECRET = "hunter2-from-outside"
_APPLY = ("apply", "m", "--target", "sandbox")


def _file(folder: Path, reference: str) -> None:
    write(folder / "m" / "a.yaml", _env(f'"{reference}"'))
    write(folder / "out" / "secret", f"{_SECRET}\n")


@recipe("secret-unresolved", arguments=_APPLY, hides=_SECRET)
def _a_file_above_the_folder(folder: Path) -> None:
    _file(folder, "file:../out/secret")


@recipe("secret-unresolved", arguments=_APPLY, hides="root:")
def _a_file_far_above_the_folder(folder: Path) -> None:
    _file(folder, "file:" + "../" * 40 + "etc/passwd")


@recipe("secret-unresolved", arguments=_APPLY, hides=_SECRET)
def _a_file_behind_a_link(folder: Path) -> None:
    _file(folder, "file:link")
    (folder / "m" / "link").symlink_to("../out/secret")


@recipe("secret-unresolved", arguments=_APPLY, hides=_SECRET)
def _a_file_behind_a_linked_folder(folder: Path) -> None:
    _file(folder, "file:.sub/secret")
    (folder / "m" / ".sub").symlink_to("../out")


@recipe("secret-unresolved", arguments=_APPLY)
def _a_file_that_leads_to_itself(folder: Path) -> None:
    _file(folder, "file:.loop")
    (folder / "m" / ".loop").symlink_to(".loop")


@recipe("secret-unresolved", arguments=_APPLY)
def _a_file_that_is_a_pipe(folder: Path) -> None:
    _file(folder, "file:pipe")
    os.mkfifo(folder / "m" / "pipe")


@recipe("secret-unresolved", arguments=_APPLY)
def _a_file_that_is_a_folder(folder: Path) -> None:
    _file(folder, "file:.")


@recipe("secret-unresolved", arguments=_APPLY)
def _a_file_without_end(folder: Path) -> None:
    _file(folder, "file:big")
    write(folder / "m" / "big", b"")
    os.truncate(folder / "m" / "big", 1 << 40)


@recipe("secret-unresolved", arguments=_APPLY)
def _a_file_that_is_no_UTF_8(folder: Path) -> None:
    _file(folder, "file:odd")
    write(folder / "m" / "odd", b"\xff\xfe")


@recipe("secret-unresolved", arguments=_APPLY)
def _a_file_that_is_empty(folder: Path) -> None:
    _file(folder, "file:empty")
    write(folder / "m" / "empty", b"")


@recipe("secret-unresolved", arguments=_APPLY)
def _a_file_with_a_long_name(folder: Path) -> None:
    _file(folder, "file:" + "x" * 5000)


@recipe("secret-unresolved", arguments=_APPLY)
def _a_file_that_may_not_be_read(folder: Path) -> None:
    _file(folder, "file:locked")
    write(folder / "m" / "locked", f"{_SECRET}\n")
    (folder / "m" / "locked").chmod(0)


@recipe("secret-unresolved", arguments=_APPLY)
def _a_variable_that_is_not_set(folder: Path) -> None:
    _file(folder, "env:NOT_SET_ANYWHERE")


@recipe("exec-not-allowed", arguments=_APPLY)
def _a_command_that_nobody_allowed(folder: Path) -> None:
    _file(folder, "exec:touch ran")


@recipe("secret-unresolved", arguments=_APPLY, hides=_SECRET)
def _a_sops_file_above_the_folder(folder: Path) -> None:
    _file(folder, "sops:../out/secret#/x")


@recipe(arguments=("validate", "m"), shows="1 agent in 1 file")
def _a_command_is_never_run_by_validate(folder: Path) -> None:
    _file(folder, "exec:touch ran")


@recipe(arguments=("validate", "m"), shows="1 agent in 1 file")
def _a_pipe_is_never_opened_by_validate(folder: Path) -> None:
    _file(folder, "file:pipe")
    os.mkfifo(folder / "m" / "pipe")


@recipe(arguments=("render", "m", "--target", "sandbox"), shows="exec:")
def _a_command_is_never_run_by_render(folder: Path) -> None:
    _file(folder, "exec:touch ran")
