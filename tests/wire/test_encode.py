"""Values to bytes and back."""

import pytest

from reconciler.model.errors import InputError
from reconciler.model.sealed import Sealed
from reconciler.wire.encode import (
    decode,
    encode,
    encode_query,
    encode_segment,
    parse_http_date,
)


def test_a_body_is_compact_json_in_utf8_with_its_secrets_revealed() -> None:
    """What is sent is compact UTF-8 JSON; sealed values turn plain only there."""
    body = {"cpu": 2.0, "d": "客服 agent", "e": {"K": Sealed("s3cret", "env:K")}, "l": [None, True]}
    assert encode(body) == (
        '{"cpu":2.0,"d":"客服 agent","e":{"K":"s3cret"},"l":[null,true]}'.encode()
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"a": {"b": ["ok", "\ud800"]}}, "/a/b/1: not valid Unicode text"),
        ({"a": {"\udfff": 1}}, "/a: a member name is not valid Unicode text"),
        ({"a": Sealed("hunter2\ud800", "env:A")}, "/a: secret env:A is not valid Unicode text"),
        ({"a": Sealed(None, "env:A")}, "/a: secret env:A was not resolved"),
        ({"a": float("nan")}, "/a: not a finite number"),
        ({"a": float("inf")}, "/a: not a finite number"),
        ({"x/y": [{"a": object()}]}, "/x~1y/0/a: object is not a JSON value"),
    ],
)
def test_what_json_cannot_hold_is_named_by_its_place(body: dict[str, object], text: str) -> None:
    """A value that cannot be sent is an error with its path, and without its text."""
    with pytest.raises(InputError) as caught:
        encode(body)
    assert text in str(caught.value)
    assert "hunter2" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_a_query_is_encoded_by_rfc_3986() -> None:
    """Spaces, slashes, stars and Chinese are percent-encoded; unreserved characters are not."""
    query = {"n": "my agent/测~*+", "p": "1"}
    assert encode_query(query) == "n=my%20agent%2F%E6%B5%8B~%2A%2B&p=1"
    with pytest.raises(InputError, match="n: not valid Unicode text"):
        encode_query({"n": "\ud800"})


@pytest.mark.parametrize(
    ("text", "encoded"),
    [("ar-1", "ar-1"), ("../x", "..%2Fx"), ("a b?c#d%", "a%20b%3Fc%23d%25"), ("...", "...")],
)
def test_an_id_stays_one_segment_of_the_path(text: str, encoded: str) -> None:
    """An id cannot leave its place in the path."""
    assert encode_segment(text) == encoded


@pytest.mark.parametrize("text", ["", ".", "..", "\ud800"])
def test_an_id_that_would_change_the_path_is_refused(text: str) -> None:
    """Dots alone, nothing, and broken text are no ids."""
    with pytest.raises(InputError, match="cannot stand in the path"):
        encode_segment(text)


def test_a_reply_is_strict_json() -> None:
    """Empty is nothing; what only Python holds for JSON is not."""
    assert decode(b" \n") is None
    assert decode('{"a":"测"}'.encode()) == {"a": "测"}
    for broken in (b"NaN", b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(ValueError, match=r".+"):
            decode(broken)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Wed, 10 Sep 2025 12:00:00 GMT", 1_757_505_600.0),
        ("Wednesday, 10-Sep-25 12:00:00 GMT", 1_757_505_600.0),
        ("Wed Sep 10 12:00:00 2025", 1_757_505_600.0),
        ("soon", None),
        ("", None),
        (None, None),
        ("Wed, 99 Sep 2025 12:00:00 GMT", None),
        ("Wed, 10 Sep 99999999999 12:00:00 GMT", None),
    ],
)
def test_http_dates_in_their_three_forms(text: str | None, seconds: float | None) -> None:
    """The three forms of RFC 9110 are read, anything else is no date."""
    assert parse_http_date(text) == seconds
