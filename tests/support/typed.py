"""Documents as somebody may type them: right, nearly right and wrong, made from the models."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

_MAX_MEMBERS: Final = 3
_LENGTHS: Final = (1, 2, 3, 20, 21, 64, 65, 128, 129, 199, 200, 256, 257, 769, 770, 2049, 4000)
_TEXTS: Final = st.sampled_from(
    [
        *("", "a", "中文", "cn-north-5", "agent_llm", "Code", "COOKIE", "true", "2", "1a", "a b"),
        *("a/b", "a<b", "{}", '{"temperature": 0.3}', "[1]", "{", "https://example.com/x"),
        *("x" * length for length in _LENGTHS),
    ]
)
_NUMBERS: Final = st.sampled_from(
    [-1, 0, 1, 2, 3, 10, 16, 17, 60, 61, 127, 128, 200, 201, 300, 301, 65535, 65536, 86401]
)
_FRACTIONS: Final = st.sampled_from([0.01, 0.05, 0.5, 15.5, 16.5])  # none is a whole number
_REFERENCES: Final = st.sampled_from(
    [
        *({"secret": "env:NAME"}, {"secret": "file:a/b.txt"}, {"secret": "exec:pass show a"}),
        *({"secret": "sops:a.yaml#/b"}, {"secret": "NAME"}, {"secret": "env:1 2"}),
        *({"secret": "file:/etc/x"}, {"secret": "env:A", "more": 1}, {"secret": 1}),
    ]
)
_PLAIN: Final[st.SearchStrategy[Any]] = st.one_of(
    _TEXTS, _NUMBERS, _FRACTIONS, st.sampled_from([None, True, False, [], {}, ["a"]])
)
ANYTHING: Final[st.SearchStrategy[Any]] = st.one_of(_PLAIN, _REFERENCES)


def fields(draw: Draw, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """A few members of an object, most of them as the schema has them."""
    known = draw(
        st.lists(st.sampled_from(sorted(schema["properties"])), unique=True, max_size=_MAX_MEMBERS)
    )
    tree = {name: _value(draw, schema["properties"][name], definitions) for name in known}
    if draw(st.integers(0, 14)) == 0:
        unknown = _PLAIN if schema["additionalProperties"] else ANYTHING
        tree[draw(st.sampled_from(["cpuu", "vSwitchIds", "zzz"]))] = draw(unknown)
    return tree


def _value(draw: Draw, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    if draw(st.integers(0, 5)) == 0:
        return draw(ANYTHING)
    options = [option for option in schema.get("anyOf", [schema]) if option != {"type": "null"}]
    option = options[0]
    if "$ref" in option:
        option = definitions[option["$ref"].rpartition("/")[2]]
    if "enum" in option:
        return draw(st.sampled_from(option["enum"]))
    match option.get("type"):
        case "object" if "properties" in option:
            return fields(draw, option, definitions)
        case "object":
            below = option["additionalProperties"]
            return {"A": _value(draw, below, definitions), "B_C": _value(draw, below, definitions)}
        case "array":
            size = draw(st.sampled_from([0, 1, 2, 16]))
            if not option["items"]:
                return [draw(_PLAIN) for _ in range(size)]
            return [_value(draw, option["items"], definitions) for _ in range(size)]
        case "string":
            return draw(_TEXTS)
        case "integer":
            return draw(_NUMBERS)
        case "number":
            return draw(st.one_of(_NUMBERS, _FRACTIONS))
        case "boolean":
            return draw(st.booleans())
        case _:
            return draw(ANYTHING)


_METADATA: Final = {
    "name": st.sampled_from(["a", "代码评审", "", " a", "a ", 1, None, "x" * 256, "x" * 257]),
    "labels": st.sampled_from([{}, {"a": "b"}, {"a": 1}, None, [], "a"]),
    "allowUnknown": st.sampled_from([[], ["a.b"], ["/a/b"], [""], ["a..b"], [1], "a", None]),
    "allowPlaintext": st.sampled_from([["a.b"], ["/a/0"], ["."], None, {}]),
    "complete": st.sampled_from([True, False, None, "yes"]),
    "nam": st.just("a"),
}
_ROLLOUT: Final = {
    "wave": st.sampled_from([0, 0, 1, -1, "0", None]),
    "timeout": st.sampled_from(
        ["10m", "1h30m", "500ms", "0s", "0m0s", "10", 600, "1m1h", "", None]
    ),
    "onFailure": st.sampled_from(["stop", "rollback", "halt", None]),
    "canary": st.just(1),
}


def envelope(draw: Draw, spec: Any, *, api_version: str, kind: str) -> dict[str, Any]:
    """A whole document around a spec, now and then with something wrong about it."""
    document: dict[str, Any] = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "a"},
        "spec": spec,
    }
    if draw(st.booleans()):
        return document
    document["metadata"] |= _some(draw, _METADATA)
    if draw(st.booleans()):
        document["rollout"] = draw(st.sampled_from([{}, _some(draw, _ROLLOUT), None, "x"]))
    if draw(st.integers(0, 9)) == 0:
        del document[draw(st.sampled_from(["apiVersion", "kind", "metadata", "spec"]))]
    if draw(st.integers(0, 9)) == 0:
        document[draw(st.sampled_from(["spec", "metadata", "kind", "specc"]))] = draw(ANYTHING)
    return document


def _some(draw: Draw, members: Mapping[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(members)), unique=True, max_size=_MAX_MEMBERS))
    return {name: draw(members[name]) for name in names}
