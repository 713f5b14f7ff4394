"""Fields explained: every one that is published can be found and told."""

from typing import Any, Final

import pytest

from reconciler.cli.schema import schemas
from reconciler.cli.setup import Catalogue
from reconciler.model.rules import Rules
from reconciler.providers import discover
from reconciler.report.fieldtext import field_text, type_of
from reconciler.report.fieldtree import ANY, Node, Tree, tokens_of

CATALOGUE: Final = Catalogue(discover())
DOCUMENTS: Final = schemas(CATALOGUE)
RULES: Final = {kind.name: kind.rules for kind in CATALOGUE.kinds}


def _tree(name: str) -> Tree:
    rules = RULES.get(name)
    return Tree(name, DOCUMENTS[name](), rules.root if rules else None)


@pytest.mark.parametrize("name", ["AgentRuntime", "Agent", "config", "JSONPatch"])
def test_every_field_can_be_found_and_told(name: str) -> None:
    """Each field of a document is found by its whole path, and its text names it and its type."""
    tree = _tree(name)
    nodes = list(tree.walk())[1:]
    assert len(nodes) > 5
    for node in nodes:
        assert [one.path for one in tree.find(node.path[1:])] == [node.path]
        for chinese_first in (False, True):
            text = field_text(tree, node, RULES.get(name), chinese_first=chinese_first)
            assert text.startswith(f"{node.name}\n\n")
            assert "\nType:       " in text
            assert text.endswith("\n")


@pytest.mark.parametrize("name", ["AgentRuntime", "Agent"])
def test_every_rule_belongs_to_a_field_that_is_told(name: str) -> None:
    """What the rules name and a manifest may hold has its rule beside it in the tree."""
    tree = _tree(name)
    spec = tree.find(["spec"])[0]
    rules: Rules = RULES[name]
    members = {node.path[-1]: node.rule for node in tree.members(spec)}
    assert members
    for field, rule in members.items():
        assert rule is rules.root.members[field]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "a string"),
        ({"type": ["integer", "null"]}, "a whole number"),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "a number"),
        ({"type": "array", "items": {"type": "string"}}, "a list of strings"),
        ({"type": "array"}, "a list of anything"),
        ({"type": "object", "properties": {}}, "an object"),
        ({"type": "object"}, "a mapping"),
        ({"enum": ["a", "b", None]}, "a string"),
        ({"const": 0}, "0"),
        ({"anyOf": [{"type": "string"}, {"$ref": "#/$defs/SecretReference"}]}, None),
        ({"type": "string", "pattern": r"\$\{var\."}, "any value"),
        ({"$ref": "#/$defs/Nothing"}, "any value"),
        (True, "any value"),
    ],
)
def test_types_are_said_in_words(schema: Any, words: str | None) -> None:
    """Each form that a schema writes a type in has its word; null and variables go without."""
    reference = {"type": "object", "properties": {"secret": {"type": "string"}}}
    tree = Tree("Thing", {"$defs": {"SecretReference": reference}})
    assert type_of(tree, schema) == (words or "a string or a secret reference")


def test_a_free_key_stands_for_any_name() -> None:
    """Below a mapping with free keys a path may have any name, or the star."""
    inner = {"type": "object", "properties": {"size": {"type": "integer"}}}
    named = {"type": "object", "additionalProperties": inner}
    tree = Tree("Thing", {"type": "object", "properties": {"boxes": named}})
    for tokens in (["boxes", "red", "size"], ["boxes", ANY, "size"], ["size"], ["SIZE"]):
        assert [node.path for node in tree.find(tokens)] == [("Thing", "boxes", ANY, "size")]
    assert tree.find(["red", "size"]) == []


def test_a_schema_that_holds_itself_ends() -> None:
    """A recursive schema is walked to a bound."""
    schema = {"$ref": "#/$defs/Box"}
    box = {"type": "object", "properties": {"inner": schema}}
    tree = Tree("Thing", {**schema, "$defs": {"Box": box}})
    nodes = list(tree.walk())
    assert len(nodes) == 12
    assert isinstance(nodes[-1], Node)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a.b", ["a", "b"]),
        ("a[0].b", ["a", "b"]),
        ("a[].b", ["a", "b"]),
        ("/a/0/b", ["a", "b"]),
        (".a..b.", ["a", "b"]),
        ("a.*.b", ["a", "*", "b"]),
        ("", []),
    ],
)
def test_paths_are_written_in_many_ways(text: str, tokens: list[str]) -> None:
    """Dots, brackets, JSON Pointers: positions in lists don't count."""
    assert tokens_of(text) == tokens
