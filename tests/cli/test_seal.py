"""Messages of a cloud can repeat what was sent to it."""

import base64
import json
from urllib.parse import quote

import pytest

from reconciler.cli.seal import Redactor
from reconciler.model.sealed import Sealed

SECRET = 'pass "wörd"\n/+=&'


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_learnt_secret_is_sealed_however_it_is_written(written: str) -> None:
    """In plain text, JSON, a URL or base64: a secret that was sent is not shown again."""
    redactor = Redactor()
    redactor.learn(SECRET)
    assert redactor.seal(f"bad value <{written}> refused") == "bad value <(sealed)> refused"


def test_secrets_are_found_anywhere_in_a_manifest() -> None:
    """Every resolved secret of a manifest is learnt, an unresolved one is passed over."""
    redactor = Redactor()
    redactor.learn_all({"a": [{"b": Sealed("inner-secret")}], "c": Sealed(None, "env:X"), "d": 1})
    assert redactor.seal("inner-secret and d") == "(sealed) and d"


def test_a_longer_secret_is_sealed_before_a_shorter_one_inside_it() -> None:
    """A secret that contains another is sealed as a whole."""
    redactor = Redactor()
    redactor.learn("hunter")
    redactor.learn("hunter-and-more")
    assert redactor.seal("hunter-and-more, hunter") == "(sealed), (sealed)"


def test_very_short_secrets_do_not_eat_ordinary_words() -> None:
    """Three characters are no secret; sealing them would make messages unreadable."""
    redactor = Redactor()
    redactor.learn("the")
    assert redactor.seal("the other") == "the other"


def test_the_redactor_shows_nothing_of_what_it_knows() -> None:
    """Its own representation holds no secret."""
    redactor = Redactor()
    redactor.learn("hunter-and-more")
    assert repr(redactor) == "Redactor()"
