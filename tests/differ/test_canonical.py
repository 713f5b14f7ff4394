"""One spelling for each JSON document: digests outlive reformatting, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.differ.binding import content_digest, signature
from reconciler.differ.canonical import canonical, digest, normal, read_json
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.sealed import Sealed
from reconciler.report.json import dumps

TEXTS = st.text(st.characters(exclude_categories=[]), max_size=8)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(TREES)
def test_what_is_written_is_read_back_as_it_is_compared(tree: Any) -> None:
    """normal(x) is what a reader finds in the document, whatever stands in x."""
    try:
        assert canonical(read_json(dumps(tree))) == canonical(normal(tree))
    except ValueError as error:  # two names that are one once they are written
        assert "twice" in str(error)


@given(TREES, st.sampled_from([None, 1, 4]))
def test_layout_and_order_make_no_difference(tree: Any, indent: int | None) -> None:
    """Another formatter, the same digest."""
    content = normal(tree)
    text = json.dumps(content, indent=indent, ensure_ascii=indent is None)
    assert digest(read_json(text)) == digest(content)


def test_values_make_a_difference_and_numbers_go_by_value() -> None:
    """2 is 2.0 and nothing else is."""
    assert canonical(read_json('{"b": 2.0, "a": [1e3]}')) == '{"a":[1000],"b":2}'
    values = [2, "2", True, None, [2], {"2": 2}, 2.5, -2]
    assert len({digest(value) for value in values}) == len(values)


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', "NaN", "[Infinity]", "{", "", "nul"])
def test_what_is_no_json_is_refused(text: str) -> None:
    """A member that is there twice is read by some as the first and by others as the last."""
    with pytest.raises(ValueError):
        read_json(text)


def test_digest_and_signature_cover_everything_but_themselves() -> None:
    """They can be put in after they were made, and no other edit leaves them true."""
    key = Fingerprinter(Sealed("canary-key-9b1d0c5e, thirty-two"))
    document = {"target": "a", "binding": {"version": 1}}
    seals = (content_digest(document), signature(document, key))
    sealed = {**document, "binding": {"version": 1, "digest": seals[0], "signature": seals[1]}}
    assert (content_digest(sealed), signature(sealed, key)) == seals
    other = {**sealed, "target": "b"}
    assert content_digest(other) != seals[0]
    assert signature(other, key) != seals[1]
    assert signature(sealed, Fingerprinter(Sealed("another-key-of-plans"))) != seals[1]
    assert "canary" not in "".join(seals)
