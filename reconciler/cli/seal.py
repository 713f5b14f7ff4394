"""What a cloud says may repeat a secret that was sent to it: here it is sealed again."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, quote_plus

from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_SEALED

MIN_LENGTH: Final = 4
"""Shorter secrets are no use as secrets, and sealing them would eat ordinary words."""


class Redactor:
    """Learns secrets and replaces each of them in a text, also as JSON, URL and base64 write it."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return "Redactor()"

    def learn(self, secret: str) -> None:
        """Seal `secret` from now on; one shorter than `MIN_LENGTH` is passed over."""
        if len(secret) >= MIN_LENGTH:
            self._forms.update(_forms(secret))
            self._pattern = None

    def learn_all(self, tree: Any) -> None:
        """Learn every resolved secret that stands anywhere in `tree`."""
        if isinstance(tree, Sealed):
            if tree.resolved:
                self.learn(tree.reveal())
        elif isinstance(tree, dict):
            for value in tree.values():
                self.learn_all(value)
        elif isinstance(tree, list | tuple):
            for value in tree:
                self.learn_all(value)

    def seal(self, text: str) -> str:
        """`text` with every learnt secret replaced by `(sealed)`."""
        if not self._forms:
            return text
        if self._pattern is None:
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(PUBLIC_SEALED, text)


def _forms(secret: str) -> Iterator[str]:
    """The ways in which a message may write a secret."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    encoded = secret.encode("utf-8", "surrogatepass")
    yield quote(encoded, safe="")
    yield quote_plus(encoded)
    yield base64.b64encode(encoded).decode("ascii")
