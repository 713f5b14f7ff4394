"""Messages of a cloud can repeat what was sent to it."""

import base64
import html
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
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        json.dumps(json.dumps(SECRET))[1:-1].strip('\\"'),
        json.dumps(json.dumps(SECRET, ensure_ascii=False), ensure_ascii=False)[1:-1].strip('\\"'),
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
        json.dumps(SECRET)[1:-1].replace("&", "\\u0026"),
        html.escape(SECRET),
        html.escape(SECRET, quote=False),
        html.escape(SECRET).replace("&quot;", "&#34;"),
        html.escape(json.dumps(SECRET)[1:-1]),
        json.dumps(html.escape(SECRET))[1:-1],
        quote(quote(SECRET, safe=""), safe=""),
        quote(SECRET, safe="").lower(),
        quote(base64.b64encode(SECRET.encode()).decode(), safe=""),
    ],
)
def test_a_learnt_secret_is_sealed_however_it_is_written(written: str) -> None:
    """In text, JSON, HTML, a URL, base64, or one inside another: it is not shown again."""
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


@pytest.mark.parametrize("secret", ["t", "pw", "the", "密码"])
@pytest.mark.parametrize("text", ["{}", "bad <{}>", "a {} b", "key={}&x", "_{}_", "{}:{}"])
def test_a_very_short_secret_is_sealed_where_it_stands_for_itself(secret: str, text: str) -> None:
    """A secret of one to three characters is one too, as a whole token."""
    redactor = Redactor()
    redactor.learn(secret)
    assert redactor.seal(text.replace("{}", secret)) == text.replace("{}", "(sealed)")


def test_very_short_secrets_do_not_eat_ordinary_words() -> None:
    """Inside a run of letters or digits they are left alone: messages stay readable."""
    redactor = Redactor()
    for secret in ("the", "12", "t"):
        redactor.learn(secret)
    assert redactor.seal("other thé 412 theatre") == "other thé 412 theatre"


@pytest.mark.parametrize("secret", ["", " ", "\n\n"])
def test_a_blank_secret_seals_nothing(secret: str) -> None:
    """An empty value stands between all characters of every text."""
    redactor = Redactor()
    redactor.learn(secret)
    assert redactor.seal("a  b\n\nc") == "a  b\n\nc"


def test_what_is_learnt_after_a_text_was_sealed_is_sealed_in_the_next() -> None:
    """Tokens come and go during a run."""
    redactor = Redactor()
    redactor.learn("first-secret")
    assert redactor.seal("first-secret later-secret") == "(sealed) later-secret"
    redactor.learn("later-secret")
    redactor.learn("pw")
    assert redactor.seal("first-secret later-secret pw") == "(sealed) (sealed) (sealed)"


def test_secrets_that_begin_alike_are_told_apart() -> None:
    """Of many that share their beginning, the one that stands there is sealed, whole."""
    redactor = Redactor()
    for number in range(200):
        redactor.learn(f"https://host{number}.example.com/?key={number}")
    text = "https://host19.example.com/?key=199 https://host1999.example.com/"
    assert redactor.seal(text) == "(sealed)9 https://host1999.example.com/"


def test_the_redactor_shows_nothing_of_what_it_knows() -> None:
    """Its own representation holds no secret."""
    redactor = Redactor()
    redactor.learn("hunter-and-more")
    assert repr(redactor) == "Redactor()"
