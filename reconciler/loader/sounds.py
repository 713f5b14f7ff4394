"""Which names sound like a secret, and which values under such a name are harmless.

A guess, meant to be right when it speaks: `MAX_TOKENS`, `SECRET_NAME` and `PASSWORD_FILE` hold no
secret, and neither does `${DB_PASSWORD}`, `changeme` or `disabled`.
"""

import re
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\x00-\x7f]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PASSWORDS: Final = frozenset({"password", "passwd", "pwd", "passphrase", "passcode"})
_SECRETS: Final = frozenset(
    {"secret", "token", "credential", "credentials", "apikey", "secretkey", "accesskey"}
    | {"privatekey", "authkey", "signingkey", "encryptionkey", "licensekey", "licencekey"}
)
_BEFORE_KEY: Final = frozenset(
    {"api", "access", "private", "secret", "auth", "encryption", "signing", "master", "license"}
    | {"licence", "account", "subscription", "ssh", "hmac", "aes", "webhook", "deploy"}
)
"""`key` alone names many things; with one of these before it, a secret."""
_LAST_ONLY: Final = frozenset({"pass", "sk"})
"""`DB_PASS` and `HUAWEI_SK`, but not `PASS_THROUGH`."""
_JOINED: Final = ("password", "passwd", "apikey", "secretkey", "accesskey", "privatekey")
_CHINESE: Final = {"密码": True, "口令": True, "密钥": False, "令牌": False}
"""The same in Chinese; true for passwords."""
_NOT_AFTER: Final = _words(
    "id ids name names file files path dir folder url uri endpoint host region zone type kind class"
    " ttl expiry expires expire expiration timeout length len size limit limits count max min policy"
    " enabled enable disabled disable required header param parameter field prefix suffix algorithm"
    " alg version arn ref reference label scope scopes issuer audience provider manager store vault"
    " rotation days hours minutes seconds ms budget usage price cost rate per mode format env var"
    " variable hint prompt description message regex pattern status state created updated mount"
    " bucket table column index source method service server address port group role user username"
    " model mapping config configuration template text title placeholder strategy counter"
    " separator delimiter position window quota rules rule check checker validator"
)
"""Behind a secret's name these speak of it, not for it."""
_NOT_BEFORE: Final = _words(
    "max min num no public publishable is has use enable disable with show allow skip total stop"
    " eos bos pad unk cls sep mask special next reset forgot confirm lost"
)

_WORDS: Final = _words(
    "none null nil true false yes no on off auto default disabled enabled required optional include"
    " omit same-origin basic bearer oauth oauth2 oidc jwt iam sts env file vault kms inherit unset"
    " empty todo tbd n/a na example sample changeme change-me change_me changeit placeholder dummy"
    " redacted hidden masked sealed secret token password passwd pwd passphrase key apikey api_key"
    " api-key credential credentials unknown undefined undisclosed prompt interactive manual"
)
"""Values that say something about a secret, or stand for one that is still to come."""
_PLACEHOLDER: Final = re.compile(
    "|".join(
        (
            r"\$(?:[A-Z_][A-Z0-9_]*|[{(].*)|%.*%",  # a variable of a shell
            r"<.*>|\[.*\]|\{.*\}|\(.*\)",  # brackets around what is to be filled in
            r".*(?:\$\{|\{\{).*",  # a template's variable
            r".*(?:\*{3}|\.{3}|…|x{3}|X{3}).*",  # blanked out
            r"(?:env|file|exec|sops|vault|ref|secret|arn|acs|urn):.*|ENC\[.*",  # where it is kept
            r"(?i:.*(?:your[-_ ]|example|placeholder).*)",  # words of an example
        )
    ),
    re.DOTALL,
)
_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9.,:]*\s?(?:ms|s|m|h|d|k|kb|mb|gb|%)?", re.IGNORECASE)
_PATH: Final = re.compile(
    r"(?:/|\./|\.\./|~/|[A-Za-z]:\\)\S+|[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE
)
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_SPACE: Final = re.compile(r"\s")
_DIGIT: Final = re.compile("[0-9]")
_PIECES: Final = re.compile(r"[-_./:@ ]+")
_PIECE: Final = re.compile(
    r"[A-Z]?[a-z]{0,15}|[A-Z]{1,8}|[A-Za-z]{1,8}[0-9]{1,3}|[0-9]{1,4}|v[0-9]+"
)
_MIN_PASSWORD: Final = 4
_MIN_TOKEN: Final = 8
_MIN_DISTINCT: Final = 5
_MIN_LETTERS: Final = 16


@lru_cache(maxsize=4096)
def sounds(name: str) -> str:
    """`password` or `token` (or any other secret) when a name sounds like one, else empty."""
    for ending, password in _CHINESE.items():
        if name.endswith(ending):
            return "password" if password else "token"
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[0] in _NOT_BEFORE:
        return ""
    for index in range(len(words) - 1, -1, -1):
        if words[index] in _NOT_AFTER:
            return ""
        kind = _kind(words, index)
        if kind:
            return kind
    return ""


def _kind(words: list[str], index: int) -> str:
    word = words[index]
    before = words[index - 1] if index else ""
    if word in _PASSWORDS or word.endswith(("password", "passwd")):
        return "password"
    if word in _LAST_ONLY and index == len(words) - 1 and (word == "sk" or before):
        return "password" if word == "pass" else "token"
    if word in _SECRETS or word.endswith(_JOINED) or (word == "key" and before in _BEFORE_KEY):
        return "token"
    return ""


def harmless(kind: str, value: str) -> bool:
    """Whether a value under a name of this kind (see `sounds`) is no secret, by all appearance.

    Under the name of a password anything goes that is not a word about passwords or a stand-in;
    under the others only what people don't make up: letters mixed with digits, no plain identifier.
    """
    text = value.strip()
    if not text.isascii() or text.lower() in _WORDS or _stands_in(text):
        return True
    if kind == "password":
        return len(text) < _MIN_PASSWORD or _SPACE.search(text) is not None
    return len(text) < _MIN_TOKEN or _NUMBER.fullmatch(text) is not None or not _random(text)


def _stands_in(text: str) -> bool:
    return any(form.fullmatch(text) for form in (_PLACEHOLDER, _PATH, _VARIABLE))


def placeholder(token: str) -> bool:
    """Whether a text in the form of a key is only an example of one."""
    return len(set(token)) < _MIN_DISTINCT or _PLACEHOLDER.fullmatch(token) is not None


def _random(text: str) -> bool:
    """Whether nobody would make this up: no words, no identifier, no version, no address."""
    if _SPACE.search(text) or len(set(text)) < _MIN_DISTINCT:
        return False
    pieces = [piece for piece in _PIECES.split(text) if piece]
    if all(_PIECE.fullmatch(piece) for piece in pieces):
        return False
    if not text.isalpha():
        return _DIGIT.search(text) is not None
    words = _WORD.findall(text)  # camel case has long words, chance has short ones
    return len(text) >= _MIN_LETTERS and len(text) / len(words) < 3
