"""A field explained: what it means, what it takes, how it compares, how it is cleared."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.differ.compare import clear_value
from reconciler.model.plan import NOTHING
from reconciler.model.rules import Rules, Shape, Trait
from reconciler.report.fieldtree import ANY, Node, Schema, Tree
from reconciler.report.schema_fields import CHINESE, ENGLISH, PAGE

_WIDTH: Final = 80
_INDENT: Final = 12
_MAX_FORM: Final = 60
"""A longer pattern tells a person nothing; the description says what it means."""

_END: Final = re.compile(r"(?<!e\.g)(?<!i\.e)\. |。|; |；")
"""Where the first sentence of a description ends, in either language."""

_REFERENCE: Final = "SecretReference"

_TYPES: Final[Mapping[str, str]] = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "object": "an object",
}
_PLURALS: Final[Mapping[str, str]] = {
    "integer": "whole numbers",
    "number": "numbers",
    "string": "strings",
    "object": "objects",
    "array": "lists",
}
_LIMITS: Final[Mapping[str, str]] = {
    "minimum": "at least {}",
    "exclusiveMinimum": "greater than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "the form {}",
}
_TRAITS: Final[Mapping[Trait, str]] = {
    Trait.SERVER: "The cloud computes it: it is never compared, and a manifest need not have it.",
    Trait.SECRET: 'A secret: takes a reference only, such as {secret: "env:NAME"}.',
    Trait.WRITE_ONLY: "No read shows it: never sent alone, unless a secret in it has another "
    "fingerprint.",
    Trait.MASKED: "Reads show a mask: compared by its fingerprint alone, and never sent back as it "
    "was read.",
    Trait.UNRELIABLE: "A read may leave it out though it is set: then it is not compared.",
    Trait.IMMUTABLE: "An update cannot change it: a difference blocks the agent.",
    Trait.ACTION: "Asks for something to be done with an update: never compared, never sent alone.",
    Trait.UNORDERED: "The order of its elements means nothing.",
    Trait.TAGS: "Tags that begin with reconcile- are this program's own and never compared.",
    Trait.HIDDEN: "Live values that the manifest does not have in plain text are shown as (hidden).",
    Trait.JSON: "Holds JSON text: compared as JSON, sent as it is written.",
}
_SHAPES: Final[Mapping[Shape, str]] = {
    Shape.MAP: "Held whole: a key that is live and not in the manifest goes away.",
    Shape.LIST: "Held whole: the live list becomes the list of the manifest.",
    Shape.DOCUMENT: "A JSON document: a string on the wire, a mapping here (a string is taken too). "
    "Compared member by member; members that are not declared keep their live value.",
    Shape.OBJECT: "Members that are not declared keep their live value.",
}
_UNDOCUMENTED: Final = (
    "; neither vendor documents it, so the plan says so and the result is read back"
)
_NO_WAY: Final = "no documented way: null blocks the agent"


def field_text(tree: Tree, node: Node, rules: Rules | None, *, chinese_first: bool) -> str:
    """The whole explanation of one field."""
    facts = [
        ("Type", type_of(tree, node.schema)),
        ("Limits", "; ".join(_limits(tree, node.schema))),
        ("One of", ", ".join(dict.fromkeys(_choices(tree, node.schema)))),
        ("Default", _default(tree, node.schema)),
        *(("" if n else "Rules", rule) for n, rule in enumerate(_rules(node, rules))),
        ("Clear", _clear(node, rules)),
        ("Page", said(tree, node.schema, PAGE)),
    ]
    parts = [node.name]
    parts += [_wrapped(text) for text in _descriptions(tree, node.schema, chinese_first) if text]
    parts.append("".join(_fact(*fact) for fact in facts if fact[1]).rstrip("\n"))
    if members := tree.members(node):
        rows = [(tree, one, one.path[-1]) for one in members]
        parts.append("Members:\n" + field_table(rows, chinese_first=chinese_first))
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"


def field_table(fields: Sequence[tuple[Tree, Node, str]], *, chinese_first: bool) -> str:
    """A line for each field: the name that is given, its type, and the first sentence about it."""
    rows = [
        (
            "NAME" if name == ANY else name,
            _short_type(tree, node),
            _first_sentence(next(_descriptions(tree, node.schema, chinese_first), "")),
        )
        for tree, node, name in fields
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "".join(
        f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}".rstrip() + "\n" for row in rows
    )


def _short_type(tree: Tree, node: Node) -> str:
    """The type as it is meant; that a reference may stand there too is not repeated."""
    if node.rule is not None and node.rule.shape is Shape.DOCUMENT:
        return "JSON document"
    first = type_of(tree, node.schema).partition(" or a secret reference")[0]
    return re.sub(r"\ban? ", "", first)


def type_of(tree: Tree, schema: Schema) -> str:
    """What a value may be, in words."""
    words = (_type(tree, branch) for branch in tree.branches(schema))
    return " or ".join(dict.fromkeys(filter(None, words))) or "any value"


def _type(tree: Tree, branch: Schema) -> str:
    if branch.get("x-name") == _REFERENCE:
        return "a secret reference"
    if "const" in branch:
        return _shown(branch["const"])
    kinds = branch.get("type")
    if kinds == "string" and branch.get("contentMediaType") == "application/json":
        return "JSON text"
    if kinds == "object" and "properties" not in branch:
        return "a mapping"
    if kinds is None and "enum" in branch:
        return "a string"
    if kinds == "array":
        return f"a list of {_plural(tree, branch)}"
    return _TYPES.get(str(kinds), "")


def _plural(tree: Tree, branch: Schema) -> str:
    """What a list holds, by the first form of its elements."""
    items = branch.get("items")
    first = next(tree.branches(items), {}) if isinstance(items, Mapping) else {}
    return _PLURALS.get(str(first.get("type")), "anything")


def said(tree: Tree, schema: Schema, word: str) -> str:
    """A text that the schema has on a field, on the field itself or on what it may be."""
    for one in (schema, *tree.branches(schema)):
        if one.get("x-name") != _REFERENCE and isinstance(one.get(word), str):
            return str(one[word])
    return ""


def _descriptions(tree: Tree, schema: Schema, chinese_first: bool) -> Iterator[str]:
    chinese = said(tree, schema, CHINESE)
    english = said(tree, schema, ENGLISH)
    if not english:  # the description of a published schema goes on with the other language
        english = said(tree, schema, "description").partition("\n\n")[0]
    yield from filter(None, (chinese, english) if chinese_first else (english, chinese))


def _first_sentence(text: str) -> str:
    return _END.split(text, maxsplit=1)[0].rstrip(".")


def _limits(tree: Tree, schema: Schema) -> Iterator[str]:
    seen: set[str] = set()
    for branch in tree.branches(schema):
        if branch.get("x-name") != _REFERENCE and "contentMediaType" not in branch:
            for word, text in _LIMITS.items():
                if word in branch and len(shown := _shown(branch[word])) <= _MAX_FORM:
                    limit = text.format(shown)
                    if limit not in seen:
                        seen.add(limit)
                        yield limit


def _choices(tree: Tree, schema: Schema) -> Iterator[str]:
    for branch in tree.branches(schema):
        yield from (_shown(choice) for choice in branch.get("enum", ()) if choice is not None)


def _default(tree: Tree, schema: Schema) -> str:
    for one in (schema, *tree.branches(schema)):
        if one.get("default") is not None and not isinstance(one["default"], dict):
            return _shown(one["default"])
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return str(value)


def _rules(node: Node, rules: Rules | None) -> Iterator[str]:
    rule = node.rule
    if rule is None or rules is None or rule is rules.root:
        return
    name = node.path[-1]
    top = len(node.path) == 3  # KIND.spec.NAME
    if top and name in rules.parameters:
        yield "Names the agent in the address of each request; required."
    if top and name in rules.always:
        yield "Every update carries it, with its live value where the manifest has none."
    yield from (text for trait, text in _TRAITS.items() if rule.has(trait))
    if not rule.has(Trait.SERVER) and rule.shape in _SHAPES:
        yield _SHAPES[rule.shape]
    if rule.open:
        yield "Takes members that are not listed here too; they are sent as they are."
    if rule.key:
        yield f"Its elements are told apart by {rule.key}."
    yield from (f"{one} is the same as {other}." for one, other in rule.aliases.items())


def _clear(node: Node, rules: Rules | None) -> str:
    """What `null` does, empty where it means nothing or depends on what is live."""
    rule = node.rule
    if rule is None or rules is None or rule is rules.root or rule.shape is Shape.ANY:
        return ""
    if rule.has(Trait.SERVER | Trait.IMMUTABLE) or node.path[-1] in rules.parameters:
        return ""
    empty = clear_value(rule, None)
    return _NO_WAY if empty is NOTHING else f"null sends {json.dumps(empty)}{_UNDOCUMENTED}"


def _fact(label: str, text: str) -> str:
    start = f"{f'{label}:' if label else '':<{_INDENT}}"
    return (start + text if " " not in text else _wrapped(start + text, indent=_INDENT)) + "\n"


def _wrapped(text: str, indent: int = 0) -> str:
    """Lines of at most 80 characters; what has no spaces to break at stays whole."""
    return textwrap.fill(
        text,
        _WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
