"""From a model's own JSON Schema to what is published of a field.

The models say what `spec` may hold once secrets and variables are in their places. What a person
types is wider: a secret reference wherever a string may stand, `${var.NAME}` in any string, a JSON
document as a mapping or as a string. And a description is told in both languages: editors show
`description`, programs read `x-description-en`, `x-description-zh` and `x-page`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reconciler.model.rules import OWN_TAG_PREFIX, Field, Shape, Trait

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

ENGLISH: Final = "x-description-en"
CHINESE: Final = "x-description-zh"
PAGE: Final = "x-page"

REFERENCE: Final = {"$ref": "#/$defs/SecretReference"}
VARIABLE: Final = {"type": "string", "pattern": r"\$\{var\."}
"""A string that a variable becomes a part of: what it will be is known to a target only."""

JSON_TEXT: Final = {
    "type": "string",
    "contentMediaType": "application/json",
    "pattern": r"^\s*(\{[\s\S]*\}\s*)?$",
}
"""A JSON object in a string; an empty string is an empty one."""

NO_REFERENCE: Final = {
    "not": {
        "properties": {"secret": {"type": "string"}},
        "required": ["secret"],
        "maxProperties": 1,
        "type": "object",
    }
}
"""An object that takes any member is still no secret reference."""

_NOT_OURS: Final = {"not": {"type": "string", "pattern": f"^{OWN_TAG_PREFIX}"}}
"""A tag that this program keeps for itself is refused."""

_LIMITS: Final = frozenset({"enum", "const", "pattern", "minLength", "maxLength"})
_NOTES: Final = ("deprecated", "readOnly", "writeOnly", "default")
_DROPPED: Final = frozenset(
    {"title", "description", "$defs", CHINESE, PAGE, "usualLength", *_NOTES}
)


def said(english: str, chinese: str, page: str = "") -> dict[str, Any]:
    """The members of a schema that tell people what a field is."""
    members = {
        "description": "\n\n".join(part for part in (english, chinese, page) if part),
        ENGLISH: english,
        CHINESE: chinese,
    }
    return {**members, PAGE: page} if page else members


@dataclass(frozen=True, slots=True)
class Publishing:
    """How one model is published.

    `definitions` are the `$defs` of its JSON Schema; they are written out where they are named.
    `parameters` are members that take no secret. With `partial` nothing is required.
    """

    definitions: Mapping[str, Any]
    parameters: Sequence[str] = ()
    partial: bool = False
    references: bool = True

    def field(self, schema: Any, rule: Field | None, *, secrets: bool = True) -> dict[str, Any]:
        """What is published of a field that the model's schema and the rules describe so."""
        notes = {name: schema[name] for name in _NOTES if schema.get(name) is not None}
        if rule is not None and rule.has(Trait.SERVER):
            notes["readOnly"] = True
            if not rule.has(Trait.SECRET):  # never compared, so of any type
                return {**_told(schema), **notes}
        if rule is not None and rule.has(Trait.WRITE_ONLY):
            notes["writeOnly"] = True
        inner, nullable = self._inner(schema)
        forms = self._forms(inner, rule, secrets=secrets and self.references)
        if nullable:
            forms[0] = _nullable(forms[0])
        body = forms[0] if len(forms) == 1 else {"anyOf": forms}
        return {**_told(schema), **body, **notes}

    def _inner(self, schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
        """The schema of a value, and whether null may stand for it."""
        forms = [form for form in schema.get("anyOf", ()) if form != {"type": "null"}]
        nullable = len(forms) < len(schema.get("anyOf", ()))
        inner = forms[0] if forms else schema
        if "$ref" in inner:
            inner = self.definitions[str(inner["$ref"]).rpartition("/")[2]]
        return inner, nullable

    def _forms(
        self, inner: Mapping[str, Any], rule: Field | None, *, secrets: bool
    ) -> list[dict[str, Any]]:
        """The forms that a value may take, the one that is meant first."""
        plain = self._plain(inner, rule)
        reference = [REFERENCE] if secrets else []
        match plain.get("type"):
            case "string" if secrets and rule is not None and rule.has(Trait.SECRET):
                return [{**REFERENCE}]
            case "string":
                limited = not _LIMITS.isdisjoint(plain)
                return [plain, *([VARIABLE] if limited else ()), *reference]
            case "object" if rule is not None and rule.shape is Shape.DOCUMENT:
                return [plain, JSON_TEXT, VARIABLE, *reference]
            case _:
                return [plain]

    def _plain(self, inner: Mapping[str, Any], rule: Field | None) -> dict[str, Any]:
        """The value itself, with what lies below it published too."""
        plain = {name: value for name, value in inner.items() if name not in _DROPPED}
        members = rule.members if rule else {}
        item = rule.item if rule else None
        if "properties" in plain:
            plain["properties"] = {
                name: self.field(part, members.get(name), secrets=name not in self.parameters)
                for name, part in plain["properties"].items()
            }
        if self.partial:
            plain.pop("required", None)
        if plain.get("additionalProperties") is True:
            plain |= NO_REFERENCE
        if isinstance(plain.get("items"), Mapping) and plain["items"]:
            plain["items"] = self.field(plain["items"], item)
            if rule is not None and rule.has(Trait.TAGS):
                plain["items"] |= _NOT_OURS
        if isinstance(plain.get("additionalProperties"), Mapping):
            value = self.field(plain["additionalProperties"], item)
            plain["additionalProperties"] = _or_null(value)
        return plain


def _told(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "description" not in schema:
        return {}
    return said(schema["description"], schema.get(CHINESE, ""), schema.get(PAGE, ""))


def _nullable(form: dict[str, Any]) -> dict[str, Any]:
    """The same form, or null: as one type where it can be, for the sake of editors' messages."""
    if isinstance(form.get("type"), str) and "const" not in form:
        enum = {"enum": [*form["enum"], None]} if "enum" in form else {}
        return {**form, "type": [form["type"], "null"], **enum}
    return {"anyOf": [form, {"type": "null"}]}


def _or_null(form: dict[str, Any]) -> dict[str, Any]:
    """A value of a free map: null there says what absence says."""
    if "anyOf" in form:
        return {**form, "anyOf": [_nullable(form["anyOf"][0]), *form["anyOf"][1:]]}
    return _nullable(form)
