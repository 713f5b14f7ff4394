"""Values within values within values."""

from pathlib import Path

from tests.hostile.recipe import BOT, GOOD, HEAD, recipe, texts, write

DEEP = 100_000


def _stairs(line: str, count: int) -> str:
    return "".join(" " * n + line + "\n" for n in range(count))


def _blocks(levels: int, ending: str) -> str:
    return "".join(" " * n + f"k{n}:\n" for n in range(levels)) + " " * levels + ending


texts(
    "depth",
    "syntax",
    {
        "lists": "[" * DEEP,
        "lists that are closed": "[" * DEEP + "]" * DEEP,
        "lists in spec": HEAD + "spec: {cpu: " + "[" * DEEP,
        "lists in properties": BOT + "    x: " + "[" * DEEP + "]" * DEEP,
        "mappings": "{a: " * DEEP,
        "mappings that are closed": "{a: " * DEEP + "1" + "}" * DEEP,
        "quoted mappings as in JSON": '{"a":' * DEEP + "1" + "}" * DEEP,
        "mappings without values": "{" * DEEP,
        "lists and mappings by turns": "[{a: " * DEEP,
        "lists of mappings as in JSON": '[{"a":' * (DEEP // 2) + "1" + "}]" * (DEEP // 2),
        "dashes": "- " * DEEP,
        "dashes and a value": "- " * DEEP + "x",
        "dashes below a key": "a:\n  " + "- " * DEEP,
        "question marks": "? " * DEEP,
        "question marks and dashes": "? - " * DEEP,
        "stairs of keys": lambda: _stairs("a:", 2000),
        "stairs of dashes": lambda: _stairs("-", 2000),
        "a hundred and one lists": "[" * 102 + "]" * 102,
        "lists after a good document": GOOD + "---\n" + "[" * DEEP,
        "lists on lines of their own": "[\n" * DEEP,
        "lists with comments between": "[ # x\n" * DEEP,
        "anchored lists": "".join(f"&a{n} [" for n in range(DEEP)),
        "tagged lists": "!!seq [" * DEEP,
        "through aliases": "a: &a " + "[" * 60 + "]" * 60 + "\nb: [" + "[" * 59 + "*a" + "]" * 60,
        "quoted keys in stairs": lambda: "".join(f'{" " * n}"k":\n' for n in range(2000)),
    },
)

texts(
    "depth",
    "syntax",
    {
        "closing brackets only": "]" * DEEP,
        "closing braces only": "}" * DEEP,
        "colons": ": " * DEEP,
        "commas": "[" + "," * DEEP,
        "anchors in a row": "&a " * DEEP,
        "tags in a row": "a: " + "! " * DEEP,
        "percent signs": "%" * DEEP + "\n",
        "quotes by turns": "a: \"'" * DEEP,
        "backquotes": "`" * DEEP,
        "pipes": "|" * DEEP,
        "at signs": "@" * DEEP,
    },
)

texts("depth", "tag", {"exclamation marks": "!" * DEEP})
texts("depth", "alias", {"asterisks": "*" * DEEP})


@recipe(exit=7)
def _ampersands(folder: Path) -> None:
    write(folder / "m" / "a.yaml", "&" * DEEP)  # the anchor of a document that is empty
