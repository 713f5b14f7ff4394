"""Command lines that nobody types by accident."""

from pathlib import Path

from tests.hostile.recipe import GOOD, recipe, texts, write

for _name, _arguments in {
    "a target with an escape sequence": ("--target", "\x1b[31m"),
    "a target of a megabyte": ("--target", "x" * 100_000),
    "a target that is a path": ("--target", "../../etc/passwd"),
    "an empty target": ("--target", ""),
    "a target with a line break": ("--target", "a\n::error ::b"),
    "a target that is no UTF-8": ("--target", "\udcff"),
}.items():
    texts("options", "target", {_name: GOOD}, arguments=("validate", "m", *_arguments))

for _name, _arguments in {
    "a name with an escape sequence": ("--name", "\x1b[31m"),
    "a name of a hundred kilobytes": ("--name", "x" * 100_000),
    "a name with a line break": ("--name", "a\n::error ::b"),
    "a name that is no UTF-8": ("--name", "\udcff"),
    "an empty name": ("--name", ""),
}.items():
    texts("options", "unknown-name", {_name: GOOD}, arguments=("validate", "m", *_arguments))

texts(
    "options",
    "unknown-name",
    {"a second name that is too long for a file": GOOD},
    arguments=("validate", "m", "--name", "a", "x" * 300),
)


@recipe(exit=1, arguments=("validate", "m", "-o", f"json={'x' * 300}"), shows="cannot write")
def _a_report_whose_name_is_too_long(folder: Path) -> None:
    write(folder / "m" / "a.yaml")


@recipe(exit=1, arguments=("validate", "m", "-o", "json=loop"), shows="-o: loop")
def _a_report_into_a_link_to_itself(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    (folder / "loop").symlink_to("loop")


for _name, _arguments in {
    "a selector with an escape sequence": ("-l", "a=\x1b[31m"),
    "a selector with a line break": ("-l", "a=\nb"),
}.items():
    texts("options", "nothing-selected", {_name: GOOD}, arguments=("validate", "m", *_arguments))
