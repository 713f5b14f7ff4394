"""Much of everything: bytes, lines, values, documents, errors."""

import os
from collections.abc import Callable
from pathlib import Path

from tests.hostile.recipe import BOT, GOOD, HEAD, recipe, texts, write

MEGABYTE = 1 << 20


def _named(count: int) -> str:
    return "---\n".join(GOOD.replace("name: a", f"name: a{n}") for n in range(count))


texts(
    "bounds",
    "path",
    {
        "a hundred megabytes of text": lambda: b"# hello\n" * (100 * MEGABYTE // 8),
        "a hundred megabytes of brackets": lambda: b"[" * (100 * MEGABYTE),
        "one byte more than is taken": lambda: b"#" * (32 * MEGABYTE + 1),
    },
)

texts(
    "bounds",
    "syntax",
    {
        "ten megabytes in a text": lambda: (
            BOT + '    instructions: "' + "x" * (10 * MEGABYTE) + '"\n'
        ),
        "ten megabytes in a literal": lambda: (
            BOT + "    instructions: |\n" + ("      " + "x" * 100 + "\n") * 100_000
        ),
        "ten megabytes in a plain text": lambda: BOT + "    instructions: " + "x " * (5 * MEGABYTE),
        "ten megabytes in a document": lambda: BOT + '    x: "y"\n' + "    # comment\n" * 700_000,
        "sixty thousand values": HEAD + "spec: {cpu: [" + "1," * 60_000 + "]}\n",
        "sixty thousand empty lists": "[" + "[]," * 60_000 + "]\n",
        "sixty thousand keys": HEAD
        + "spec: {environmentVariables: {"
        + ",".join(f"k{n}: v" for n in range(60_000))
        + "}}\n",
        "sixty thousand lines": HEAD + "spec:\n" + "".join(f"  k{n}: v\n" for n in range(60_000)),
        "sixty thousand dashes": "- x\n" * 60_000,
        "sixty thousand nulls": "[" + "~," * 60_000 + "]",
        "a megabyte of commas": "[" + "a," * (MEGABYTE // 2) + "]",
    },
)

texts(
    "bounds",
    "",
    {
        "a key of a megabyte": HEAD
        + 'spec:\n  environmentVariables:\n    ? "'
        + "k" * MEGABYTE
        + '"\n    : v\n',
    },
)

texts(
    "bounds",
    "",
    {
        "a text of a megabyte": BOT + '    x: "' + "x" * MEGABYTE + '"\n',
        "a literal of a megabyte": BOT + "    x: |\n" + ("      " + "x" * 99 + "\n") * 10_000,
        "a folded text of a megabyte": BOT
        + "    x: >\n"
        + ("      " + "x y " * 25 + "\n") * 10_000,
        "a text of Chinese": BOT + '    x: "' + "设计" * 200_000 + '"\n',
        "a comment of a megabyte": GOOD + "# " + "x" * MEGABYTE + "\n",
        "a megabyte of comments": "# x\n" * (MEGABYTE // 4) + GOOD,
        "a megabyte of empty lines": "\n" * MEGABYTE + GOOD,
        "a megabyte of spaces": " " * MEGABYTE + "\n" + GOOD,
        "trailing spaces": GOOD.replace("\n", " " * 100_000 + "\n"),
        "spaces between": HEAD + "spec: {cpu: 2," + " " * MEGABYTE + "memory: 4096, port: 8080}\n",
        "a thousand agents in one file": lambda: _named(1000),
        "ten thousand empty documents": "---\n" * 10_000 + GOOD,
        "a hundred thousand spaces before a key": HEAD.replace("kind:", "kind:" + " " * 100_000)
        + "spec: {cpu: 2, memory: 4096, port: 8080}\n",
    },
)

texts(
    "bounds",
    "unknown-field",
    {
        "an error at the end of a long line": HEAD
        + 'spec: {cpu: 2, description: "'
        + "x" * 200
        + '", '
        + " " * MEGABYTE
        + "nonsense: 1}\n",
        "an error far down": "\n" * 500_000 + HEAD + "spec: {nonsense: 1}\n",
        "an error behind Chinese": HEAD
        + 'spec: {description: "'
        + "设" * 200
        + '", nonsense: 1}\n',
    },
)


@recipe(*["unknown-field"] * 1000, "too-many")
def _two_thousand_errors(folder: Path) -> None:
    spec = "".join(f"  x{n}: 1\n" for n in range(2000))
    write(folder / "m" / "a.yaml", HEAD + "spec:\n" + spec)


@recipe(*["unknown-field"] * 1000, "too-many")
def _twenty_thousand_errors(folder: Path) -> None:
    spec = "".join(f"  x{n}: 1\n" for n in range(20_000))
    write(folder / "m" / "a.yaml", HEAD + "spec:\n" + spec)


def _spread(count: int, size: int) -> str:
    """So many errors in one line of so many characters."""
    members = (f"x{n}: 1,".ljust(size // count) for n in range(count))
    return HEAD + "spec: {" + "".join(members) + "}\n"


@recipe(*["unknown-field"] * 1000, "too-many")
def _two_thousand_errors_in_one_line(folder: Path) -> None:
    write(folder / "m" / "a.yaml", _spread(2000, 100_000))


@recipe(*["unknown-field"] * 1000, "too-many", slow=True)
def _two_thousand_errors_in_a_line_of_seven_megabytes(folder: Path) -> None:
    write(folder / "m" / "a.yaml", _spread(2000, 7 * MEGABYTE))


@recipe(*["unknown-field"] * 1000, "too-many")
def _a_thousand_errors_beside_a_thousand_secrets(folder: Path) -> None:
    secrets = "".join(f"    PASSWORD_{n}: hunter{n}xyz\n" for n in range(1000))
    spec = "".join(f"  x{n}: 1\n" for n in range(1001))
    write(folder / "m" / "a.yaml", f"{HEAD}spec:\n  environmentVariables:\n{secrets}{spec}")


@recipe(*["unknown-field"] * 1000, "too-many")
def _a_thousand_errors_beside_ten_thousand_allowed_fields(folder: Path) -> None:
    allowed = ", ".join(f"a{n}.b" for n in range(10_000))
    head = HEAD.replace("name: a", f"name: a, allowUnknown: [{allowed}]")
    spec = "".join(f"  x{n}: 1\n" for n in range(1001))
    write(folder / "m" / "a.yaml", f"{head}spec:\n{spec}")


@recipe(*["duplicate-key"] * 1000, "too-many")
def _ten_thousand_keys_twice(folder: Path) -> None:
    spec = "".join("  cpu: 1\n" for _ in range(10_001))
    write(folder / "m" / "a.yaml", HEAD + "spec:\n" + spec)


@recipe(*["wrong-type"] * 1000, "too-many")
def _ten_thousand_documents_of_nothing(folder: Path) -> None:
    write(folder / "m" / "a.yaml", "--- x\n" * 10_000)


@recipe(*["wrong-type"] * 500)
def _five_hundred_bad_files(folder: Path) -> None:
    for number in range(500):
        write(folder / "m" / f"{number}.yaml", "x")


@recipe("declared-twice", "declared-twice", "declared-twice")
def _the_same_agent_four_times(folder: Path) -> None:
    for name in "abcd":
        write(folder / "m" / f"{name}.yaml")


@recipe("path")
def _a_sparse_file_of_a_hundred_megabytes(folder: Path) -> None:
    write(folder / "m" / "a.yaml", b"")
    os.truncate(folder / "m" / "a.yaml", 100 * MEGABYTE)


@recipe("path")
def _a_sparse_file_of_a_terabyte(folder: Path) -> None:
    write(folder / "m" / "a.yaml", b"")
    os.truncate(folder / "m" / "a.yaml", 1 << 40)


@recipe("character")
def _a_sparse_file_that_is_read(folder: Path) -> None:
    write(folder / "m" / "a.yaml", b"")
    os.truncate(folder / "m" / "a.yaml", 5 * MEGABYTE)


@recipe("path", "path", "path")
def _three_files_that_are_too_large(folder: Path) -> None:
    for name in "abc":
        write(folder / "m" / f"{name}.yaml", GOOD)
        os.truncate(folder / "m" / f"{name}.yaml", 100 * MEGABYTE)


@recipe(shows="1 agent in 1 file")
def _three_thousand_other_files(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    for number in range(3000):
        (folder / "m" / f"{number}.txt").touch()


@recipe(exit=7, slow=True)
def _a_hundred_thousand_other_files(folder: Path) -> None:
    (folder / "m").mkdir()
    for number in range(100_000):
        (folder / "m" / f"{number}.txt").touch()


@recipe("path", slow=True)
def _one_manifest_more_than_is_taken(folder: Path) -> None:
    (folder / "m").mkdir()
    for number in range(50_001):
        (folder / "m" / f"{number}.yaml").touch()


@recipe(exit=7)
def _three_hundred_empty_files(folder: Path) -> None:
    for number in range(300):
        write(folder / "m" / f"{number}.yaml", "")


@recipe(exit=7)
def _empty_documents_and_nothing_else(folder: Path) -> None:
    write(folder / "m" / "a.yaml", "---\n" * 10_000)


@recipe(*["path"] * 1000, "too-many")
def _eleven_hundred_broken_links(folder: Path) -> None:
    (folder / "m").mkdir()
    for number in range(1100):
        (folder / "m" / f"{number}.yaml").symlink_to("gone")


_SIZE = 31 * MEGABYTE


def _much(unit: str, begin: str = "") -> Callable[[], str]:
    return lambda: begin + unit * (_SIZE // len(unit))


texts(
    "bounds",
    "syntax",
    {
        f"thirty megabytes of {name}": content
        for name, content in {
            "comments": _much("# x\n", GOOD),
            "empty lines": _much("\n", GOOD),
            "brackets": _much("["),
            "lists": _much("- x\n"),
            "keys": _much("a: 1\n"),
            "anchors": _much("&a "),
            "an open quote": _much("x y\n ", '"'),
            "a plain text": _much("x "),
            "quotes": _much("'"),
            "colons": _much(": "),
            "a literal": _much(" x\n", "|\n"),
        }.items()
    },
    slow=True,
)


@recipe(*["syntax"] * 101, slow=True)
def _thirty_megabytes_of_documents_with_errors(folder: Path) -> None:
    write(folder / "m" / "a.yaml", _much("---\n]\n"))


@recipe(*["wrong-type"] * 1000, "too-many", slow=True)
def _thirty_megabytes_of_documents(folder: Path) -> None:
    write(folder / "m" / "a.yaml", _much("--- x\n"))


@recipe(*["wrong-type"] * 1000, "too-many", slow=True)
def _thirty_megabytes_of_documents_with_carriage_returns(folder: Path) -> None:
    write(folder / "m" / "a.yaml", _much("--- x\r"))


@recipe(*["wrong-type"] * 1000, "too-many", slow=True)
def _thirty_megabytes_of_documents_behind_one_carriage_return(folder: Path) -> None:
    write(folder / "m" / "a.yaml", _much("--- x\n", "#\r"))


@recipe(*["declared-twice"] * 1000, "too-many", slow=True)
def _the_same_agent_ten_thousand_times(folder: Path) -> None:
    write(folder / "m" / "a.yaml", f"---\n{GOOD}" * 10_000)


@recipe(exit=0, slow=True)
def _thirty_megabytes_that_begin_like_secrets(folder: Path) -> None:
    text = "secret=" * (124_000 // 7)
    documents = (
        HEAD.replace("{name: a}", f"{{name: a{number}}}")
        + f'spec: {{environmentVariables: {{A: "{text}"}}}}\n'
        for number in range(_SIZE // 125_000)
    )
    write(folder / "m" / "a.yaml", "---\n".join(documents))


@recipe(exit=0, slow=True)
def _three_hundred_thousand_texts_that_look_like_secrets(folder: Path) -> None:
    values = "".join(f'    A{n}: "password=hunter{n}x"\n' for n in range(5000))
    documents = (
        HEAD.replace("{name: a}", f"{{name: a{number}}}")
        + f"spec:\n  environmentVariables:\n{values}"
        for number in range(60)
    )
    write(folder / "m" / "a.yaml", "---\n".join(documents))
