"""Laws of layers, over made-up trees: merging, patching, and the places of what comes of them."""

import json
from pathlib import Path
from typing import Any

import jsonpatch
import jsonpointer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.differ.values import same
from reconciler.loader.compose import documents
from reconciler.loader.findings import Findings
from reconciler.loader.layers import operations
from reconciler.loader.layers.merge import merge
from reconciler.loader.layers.nodes import Node, Origin, layered, locate, plain, walk
from reconciler.loader.layers.operations import Misfit
from reconciler.loader.layers.variables import Scope, escaped
from reconciler.loader.remarks import Single
from reconciler.loader.source import Source, decode
from reconciler.loader.write import to_yaml
from reconciler.model.manifest import Place
from reconciler.model.target import Variable
from reconciler.model.tree import Json, pointer

_LAWS = settings(max_examples=150, deadline=None, derandomize=True)
_KEYS = st.sampled_from(["a", "b", "c", "d/e", "f~g", "中", "#", "", "x#"])
_SCALARS = (
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, 2.0, -1e20])
    | st.text(max_size=4)
)  # fmt: skip
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=10,
)
_TREES = st.dictionaries(_KEYS, _JSON, max_size=4)
_MAPS = st.recursive(
    st.integers(-9, 9), lambda inner: st.dictionaries(_KEYS, inner, max_size=3), max_leaves=8
).map(lambda value: value if isinstance(value, dict) else {"a": value})


def node_of(value: Json, file: str = "a.yaml") -> Node:
    """The tree of a document that holds this value."""
    text = json.dumps(value, indent=1)
    source = decode(Path(file), text.encode(), root=Path())
    assert isinstance(source, Source)
    findings = Findings(source)
    (document,) = documents(findings)
    assert not findings.problems()
    return locate(Single(document, findings))


def merged(below: Json, above: Json) -> Json:
    """What the contract says of overlays, in the fewest words."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {
        key: merged(below[key], value) if key in below else value for key, value in above.items()
    }


def right_places(root: Node) -> None:
    """Each place must lead to text that says this value."""
    places = layered(root).places()
    for at, node in walk(root):
        findings, (start, end) = node.origin.spot
        if not isinstance(node.value, dict | list):
            assert same(json.loads(findings.source.text[start:end]), node.value)
        assert node.origin.place == findings.source.lines.place(start)
        assert places[at] == node.origin.place


@_LAWS
@given(_TREES, _TREES)
def test_a_merge_says_what_the_contract_says(below: Any, above: Any) -> None:
    """Maps deep, everything else replaced, null a value, and every place right."""
    root = merge(node_of(below), node_of(above, "b.yaml"))
    assert same(plain(root), merged(below, above))
    assert list(plain(root)) == [*below, *(key for key in above if key not in below)]
    right_places(root)


@_LAWS
@given(_TREES)
def test_an_empty_overlay_changes_nothing(below: Any) -> None:
    """Merged with nothing a manifest keeps values, places and no memory of a change."""
    before = node_of(below)
    empty = Node({}, before.origin)
    after = merge(before, empty)
    assert same(plain(after), below)
    assert not layered(after).histories()
    right_places(after)


@_LAWS
@given(_MAPS, _MAPS, _MAPS)
def test_overlays_of_maps_can_be_merged_in_any_grouping(
    first: Any, second: Any, third: Any
) -> None:
    """`(a + b) + c` is `a + (b + c)`, in values and in places."""
    a, b, c = node_of(first, "1"), node_of(second, "2"), node_of(third, "3")
    left, right = merge(merge(a, b), c), merge(a, merge(b, c))
    assert same(plain(left), plain(right))
    leaves = [
        [(at, node.origin.place) for at, node in walk(root) if not isinstance(node.value, dict)]
        for root in (left, right)
    ]
    assert sorted(leaves[0]) == sorted(leaves[1])


def _paths(value: Json, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [at]
    if isinstance(value, dict):
        for key, member in value.items():
            found += _paths(member, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += _paths(item, (*at, index))
    return found


@st.composite
def _patched(draw: st.DrawFn) -> tuple[Json, list[dict[str, Json]]]:
    tree = draw(_TREES)
    paths = [pointer(path) for path in _paths(tree)]
    places = st.sampled_from(paths) | st.builds(
        lambda path, token: path + pointer([token]),
        st.sampled_from(paths),
        _KEYS | st.sampled_from(["0", "1", "2", "01", "-", "-1"]),
    )
    ops = draw(
        st.lists(
            st.fixed_dictionaries({"op": st.just("add"), "path": places, "value": _JSON})
            | st.fixed_dictionaries({"op": st.just("replace"), "path": places, "value": _JSON})
            | st.fixed_dictionaries({"op": st.just("remove"), "path": places})
            | st.fixed_dictionaries({"op": st.just("move"), "from": places, "path": places})
            | st.fixed_dictionaries({"op": st.just("copy"), "from": places, "path": places}),
            min_size=1,
            max_size=4,
        )
    )
    return tree, [op for op in ops if op["path"] and op.get("from", "x")]


def _apply(root: Node, op: dict[str, Json]) -> Node:
    patch = node_of(op, "p.yaml")
    named: Origin = patch.value["path"].origin
    match op["op"]:
        case "add":
            return operations.add(root, op["path"], patch.value["value"], named)
        case "replace":
            return operations.swap(root, op["path"], patch.value["value"], named)
        case "remove":
            return operations.remove(root, op["path"])
        case "move":
            return operations.move(root, op["from"], op["path"], named)
        case _:
            return operations.copy(root, op["from"], op["path"], named)


def _by_the_library(tree: Json, op: dict[str, Json]) -> tuple[bool, Json]:
    try:
        return True, jsonpatch.apply_patch(tree, [op])
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError):
        return False, None


@settings(max_examples=300, deadline=None, derandomize=True)
@given(_patched())
def test_patches_do_what_the_library_does(case: tuple[Json, list[dict[str, Json]]]) -> None:
    """The same result or a refusal, operation by operation; and every place stays right."""
    tree, ops = case
    root = node_of(tree)
    for op in ops:
        fits, expected = _by_the_library(tree, op)
        try:
            patched = _apply(root, op)
        except Misfit:
            assert not fits, op
            continue
        assert fits, op
        assert same(plain(patched), expected)
        assert patched.size == sum(1 for _ in walk(patched))
        assert patched.depth >= max(path.count("/") for path, _ in walk(patched))
        right_places(patched)
        assert same(plain(root), tree), "the tree before was changed"
        root, tree = patched, expected


@_LAWS
@given(_TREES, st.data())
def test_the_operation_test_compares_as_json_does(tree: Any, data: st.DataObject) -> None:
    """It passes exactly when the value is equal: a boolean is no number, `2` is `2.0`."""
    path = data.draw(st.sampled_from(_paths(tree)))
    value = data.draw(_JSON)
    there: Json = tree
    for token in path:
        there = there[token]
    for tried in (there, value):
        try:
            operations.test(node_of(tree), pointer(path), node_of({"v": tried}).value["v"])
            passed = True
        except Misfit as error:
            passed = False
            assert error.member == "value"
        assert passed == same(there, tried)


def test_the_operation_test_keeps_booleans_and_numbers_apart() -> None:
    """`true` is not `1`, `2` is `2.0`."""
    for here, there, equal in ((1, True, False), (2, 2.0, True), (0, False, False)):
        tree = node_of({"a": here})
        value = node_of({"v": there}).value["v"]
        try:
            operations.test(tree, "/a", value)
            assert equal
        except Misfit:
            assert not equal


@_LAWS
@given(st.text(alphabet="$${}varXY. \\n", max_size=30))
def test_an_escaped_text_is_that_text_again(text: str) -> None:
    """What `render` writes for a text is read back as that text, whatever signs are in it."""
    scope = Scope("t", {"X": Variable("x", Place("r", 1, 1))})
    root = scope.substitute(node_of({"a": escaped(text)}))
    assert plain(root) == {"a": text}
    assert root.value["a"].broken is False


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    st.dictionaries(
        st.text(max_size=6),
        st.recursive(
            _SCALARS | st.text(max_size=20) | st.floats(allow_nan=False, allow_infinity=False)
            | st.lists(st.sampled_from(["", " x", "a: b", "# c", "\ttab", "x ", "字", "- l", "..."]), max_size=5).map("\n".join)
            | st.sampled_from(
                ["no", "Null", "~", "012", "0x1f", "1e3", "-", "?", ": ", "a:", "<<", "=", "2024-01-01",
                 "12:30", "1_000", ".inf", "---", "!x", "&a", "*a", "%", "@", "`", "|", ">", "a\n\n", "\n", "\n a", " a\nb"]
            ),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=4) | st.just("secret") | st.just("k" * 1100), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=4,
    )
)  # fmt: skip
def test_what_is_written_as_yaml_reads_back_the_same(tree: dict[str, Json]) -> None:
    """Any tree: strings that look like numbers are quoted, long texts keep every line."""
    try:
        json.dumps(tree, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return  # half of a surrogate pair is no text
    for comment in (None, lambda at, value: f"{at}".replace("\n", " ")[:20] and "note"):
        text = to_yaml(tree, comment)
        source = decode(Path("a.yaml"), f"---\n{text}---\n".encode(), root=Path())
        assert isinstance(source, Source)
        findings = Findings(source)
        (document,) = documents(findings)
        assert not findings.problems()
        assert _exactly(document.value, tree)


def _exactly(left: Json, right: Json) -> bool:
    return json.dumps(left) == json.dumps(right)


@pytest.mark.parametrize(
    "text", ["no", "On", "y", "null", "~", "12:30", "2024-01-01", "1_000", "0x1f", "0o17", "1e3", ".5", "=", "<<", "+1"]
)  # fmt: skip
def test_text_that_others_take_for_something_else_is_quoted(text: str) -> None:
    """Also readers of YAML 1.1 see a string."""
    assert to_yaml({"a": text, text: "b"}) == f'a: "{text}"\n"{text}": b\n'


@pytest.mark.parametrize(
    "text", ["info", "a b", "registry.example.com/a:v3", "10m", "中文", "a#b", "nobody"]
)
def test_text_that_is_plainly_text_needs_no_quotes(text: str) -> None:
    """Most values are written as people write them."""
    assert to_yaml({"a": text}) == f"a: {text}\n"
