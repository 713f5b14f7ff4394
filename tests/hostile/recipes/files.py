"""What a folder can hold instead of files: pipes, devices, sockets, links, odd names."""

import os
import socket
from pathlib import Path

from tests.hostile.recipe import GOOD, HEAD, recipe, write

_SECRET = "hunter2-from-outside"
_BAD = HEAD + "spec: {nonsense: 1}\n"


@recipe("path")
def _a_pipe(folder: Path) -> None:
    (folder / "m").mkdir()
    os.mkfifo(folder / "m" / "a.yaml")


@recipe("path", arguments=("validate", "a.yaml"))
def _a_pipe_that_is_named(folder: Path) -> None:
    os.mkfifo(folder / "a.yaml")


@recipe("path")
def _a_pipe_behind_a_link(folder: Path) -> None:
    (folder / "m").mkdir()
    os.mkfifo(folder / "m" / "pipe")
    (folder / "m" / "a.yaml").symlink_to("pipe")


@recipe("path")
def _a_pipe_beside_a_good_file(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    os.mkfifo(folder / "m" / "b.json")


@recipe(shows="1 agent in 1 file")
def _a_pipe_that_is_no_manifest(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    os.mkfifo(folder / "m" / "pipe")


@recipe("path")
def _a_pipe_as_configuration(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    os.mkfifo(folder / "m" / "reconcile.yaml")


@recipe("path")
def _a_socket(folder: Path) -> None:
    (folder / "m").mkdir()
    here = Path.cwd()
    os.chdir(folder / "m")  # a socket's path is at most 107 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("a.yaml")
    finally:
        os.chdir(here)


@recipe("path", arguments=("validate", "/dev/zero"))
def _a_device_without_end(folder: Path) -> None:
    folder.joinpath("m").mkdir()


@recipe("path", arguments=("validate", "/dev/null"))
def _a_device_without_anything(folder: Path) -> None:
    folder.joinpath("m").mkdir()


@recipe("path")
def _a_link_to_a_device(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "a.yaml").symlink_to("/dev/zero")


@recipe("path", arguments=("validate", "a.yaml"))
def _a_link_to_a_device_that_is_named(folder: Path) -> None:
    (folder / "a.yaml").symlink_to("/dev/zero")


@recipe("path")
def _a_link_to_the_standard_input(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "a.yaml").symlink_to("/dev/stdin")


@recipe("path")
def _a_link_to_the_memory_of_the_process(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "a.yaml").symlink_to("/proc/self/environ")


@recipe(exit=7)
def _a_folder_called_like_a_file(folder: Path) -> None:
    (folder / "m" / "a.yaml").mkdir(parents=True)


@recipe("path")
def _a_folder_as_configuration(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "m" / "reconcile.yaml").mkdir()


@recipe("path", hides=_SECRET)
def _a_link_to_a_file_outside(folder: Path) -> None:
    write(folder / "out" / "secret.yaml", f"password: {_SECRET}\n")
    (folder / "m").mkdir()
    (folder / "m" / "a.yaml").symlink_to("../out/secret.yaml")


@recipe("path", hides=_SECRET)
def _a_link_to_a_folder_outside(folder: Path) -> None:
    write(folder / "out" / "secret.yaml", f"password: {_SECRET}\n")
    (folder / "m").mkdir()
    (folder / "m" / "sub").symlink_to("../out")


@recipe("path", hides="root:")
def _a_link_to_the_passwords(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "a.yaml").symlink_to("/etc/passwd")


@recipe("path", hides=_SECRET)
def _a_link_through_a_link_outside(folder: Path) -> None:
    write(folder / "out" / "secret.yaml", f"password: {_SECRET}\n")
    (folder / "m").mkdir()
    (folder / "m" / "hop").symlink_to("../out/secret.yaml")
    (folder / "m" / "a.yaml").symlink_to("hop")


@recipe("path", hides=_SECRET)
def _a_configuration_that_leads_outside(folder: Path) -> None:
    write(folder / "out" / "secret.yaml", f"password: {_SECRET}\n")
    write(folder / "m" / "a.yaml")
    (folder / "m" / "reconcile.yaml").symlink_to("../out/secret.yaml")


@recipe("path")
def _a_configuration_that_leads_to_itself(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "m" / "reconcile.yaml").symlink_to("reconcile.yaml")


@recipe("path")
def _a_configuration_that_leads_to_a_device(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "m" / "reconcile.yaml").symlink_to("/dev/zero")


@recipe("path")
def _a_configuration_that_leads_nowhere(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "m" / "reconcile.yaml").symlink_to("gone.yaml")


@recipe("path")
def _a_link_to_itself(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "a.yaml").symlink_to("a.yaml")


@recipe("path", arguments=("validate", "loop"))
def _a_link_to_itself_that_is_named(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")


@recipe("path", "path")
def _two_links_to_each_other(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "a.yaml").symlink_to("b.yaml")
    (folder / "m" / "b.yaml").symlink_to("a.yaml")


@recipe("path")
def _a_link_to_the_folder_above(folder: Path) -> None:
    write(folder / "m" / "x" / "a.yaml")
    (folder / "m" / "x" / "up").symlink_to("..")


@recipe("path")
def _a_link_to_the_folder_itself(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "m" / "here").symlink_to(".")


@recipe("path")
def _a_link_to_nothing(folder: Path) -> None:
    write(folder / "m" / "b.yaml")
    (folder / "m" / "a.yaml").symlink_to("gone.yaml")


@recipe(shows="1 agent in 1 file")
def _nine_to_the_ninth_folders_by_links(folder: Path) -> None:
    for level in range(9):
        (folder / "m" / f"d{level}").mkdir(parents=True)
        for number in range(9 if level else 0):
            (folder / "m" / f"d{level - 1}" / f"l{number}").symlink_to(f"../d{level}")
    write(folder / "m" / "d8" / "a.yaml")


@recipe("path")
def _a_chain_of_a_hundred_links(folder: Path) -> None:
    write(folder / "m" / "good.yaml")
    (folder / "m" / "l0").symlink_to("good.yaml")
    for number in range(100):
        (folder / "m" / f"l{number + 1}").symlink_to(f"l{number}")
    (folder / "m" / "a.yaml").symlink_to("l100")


@recipe("path")
def _folders_without_end(folder: Path) -> None:
    (folder / "m" / Path(*["d"] * 200)).mkdir(parents=True)


@recipe("path")
def _folders_beyond_the_longest_path(folder: Path) -> None:
    (folder / "m").mkdir()
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder / "m")
        for _ in range(40):
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
    finally:
        os.fchdir(here)
        os.close(here)


@recipe("path", arguments=("validate", "x" * 5000))
def _a_name_that_is_too_long(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


@recipe("path", arguments=("validate", "x" * 300 + "/a.yaml"))
def _a_folder_name_that_is_too_long(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


for _verb in ("fmt", "migrate"):

    @recipe("path", arguments=(_verb, "x" * 300 + "/a.yaml"), name=f"a name too long for {_verb}")
    def _a_name_that_is_too_long_for_a_verb(folder: Path) -> None:
        write(folder / "m" / "a.yaml")


@recipe("path", arguments=("validate", "m/" * 3000 + "a.yaml"))
def _a_path_that_is_too_long(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


@recipe("path", arguments=("validate", "m/a.yaml/b.yaml"))
def _a_path_through_a_file(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


@recipe("path", arguments=("validate", "a\0b.yaml"))
def _a_path_with_a_null(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


@recipe("path", arguments=("validate", "\udcff\udcfe.yaml"))
def _a_path_that_is_no_UTF_8(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


@recipe(exit=1, arguments=("validate", ""), shows="a path is empty")
def _an_empty_path(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


@recipe(exit=1, arguments=("validate", "m", ""), shows="a path is empty")
def _an_empty_path_beside_a_good_one(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


for _verb in ("plan", "apply", "render", "fmt", "migrate"):

    @recipe(
        exit=1, arguments=(_verb, ""), shows="a path is empty", name=f"an empty path for {_verb}"
    )
    def _an_empty_path_for_a_verb(folder: Path) -> None:
        write(folder / "a.yaml")


@recipe("path", "path", arguments=("validate", "m/a.yaml", "gone", "m/b.txt"))
def _two_of_three_paths_are_wrong(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(folder / "m" / "b.txt")


@recipe("path")
def _a_file_that_may_not_be_read(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "m" / "a.yaml").chmod(0)


@recipe("path")
def _a_folder_that_may_not_be_read(folder: Path) -> None:
    write(folder / "m" / "x" / "a.yaml")
    (folder / "m" / "x").chmod(0)


@recipe("path")
def _a_folder_that_may_not_be_entered(folder: Path) -> None:
    write(folder / "m" / "x" / "a.yaml")
    (folder / "m" / "x").chmod(0o600)


@recipe("path")
def _a_configuration_that_may_not_be_read(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(folder / "m" / "reconcile.yaml", "targets: {}\n")
    (folder / "m" / "reconcile.yaml").chmod(0)


@recipe(exit=7)
def _hidden_files_only(folder: Path) -> None:
    write(folder / "m" / ".a.yaml")
    write(folder / "m" / ".hidden" / "b.yaml")


@recipe(exit=7)
def _no_manifest(folder: Path) -> None:
    write(folder / "m" / "README.md", "# x\n")


def _named(name: str, shows: str) -> None:
    def make(folder: Path) -> None:
        path = os.fsencode(folder / "m") + b"/" + name.encode("utf-8", "surrogateescape")
        (folder / "m").mkdir()
        with open(path, "wb") as file:  # noqa: PTH123 - a path of bytes
            file.write(_BAD.encode())

    make.__name__ = f"a file called {ascii(name)[1:-1][:40]}"
    recipe("unknown-field", shows=shows)(make)


_named("\x1b[31mred.yaml", r"m/\x1b[31mred.yaml:4:8: error")
_named("two\nlines.yaml", r"m/two\nlines.yaml:4:8: error")
_named("::error file=x::y.yaml", "m/::error file=x::y.yaml:4:8: error")
_named("\n::error ::x.yaml", r"m/\n::error ::x.yaml:4:8: error")
_named("carriage\rreturn.yaml", r"m/carriage\rreturn.yaml:4:8: error")
_named("\u202egnp.yaml", r"m/\u202egnp.yaml:4:8: error")
_named("bell\x07.yaml", r"m/bell\x07.yaml:4:8: error")
_named("\udcff\udcfe.yaml", r"m/\udcff\udcfe.yaml:4:8: error")
_named("-rf.yaml", "m/-rf.yaml:4:8: error")
_named("--target=x.yaml", "m/--target=x.yaml:4:8: error")
_named(" .yaml", "m/ .yaml:4:8: error")
_named("$(touch x).yaml", "m/$(touch x).yaml:4:8: error")
_named("`touch x`.yaml", "m/`touch x`.yaml:4:8: error")
_named("'\".yaml", "m/'\".yaml:4:8: error")
_named("%0A::warning::.yaml", "m/%0A::warning::.yaml:4:8: error")
_named("[red]x[-red].yaml", "m/[red]x[-red].yaml:4:8: error")
_named("\x1b]8;;http:example\x1b\\x.yaml", r"m/\x1b]8;;http:example\x1b\x.yaml:4:8: error")
_named("设计.yaml", "m/设计.yaml:4:8: error")
_named("x" * 250 + ".yaml", "x" * 250 + ".yaml:4:8: error")
_named("a:1:2.yaml", "m/a:1:2.yaml:4:8: error")
_named("\u200b.yaml", r"m/\u200b.yaml:4:8: error")
_named("\x9b31m.yaml", r"m/\x9b31m.yaml:4:8: error")


@recipe(shows="1 agent in 1 file")
def _a_good_file_named_twice(folder: Path) -> None:
    write(folder / "m" / "a.yaml", GOOD)
    (folder / "m" / "b.yaml").symlink_to("a.yaml")


@recipe("declared-twice")
def _a_good_file_under_two_names(folder: Path) -> None:
    write(folder / "m" / "a.yaml", GOOD)
    (folder / "m" / "b.yaml").hardlink_to(folder / "m" / "a.yaml")
