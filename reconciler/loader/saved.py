"""A saved plan read back: the file that `plan -o json=FILE` wrote, checked before it is believed.

What is no plan is bad input. What was one and is not as it was written is refused. Nothing in it is
ever sent: it is only held against what is planned anew.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reconciler.differ.binding import KEYED, content_digest, signature
from reconciler.differ.canonical import read_json
from reconciler.loader.source import Unreadable, read_regular, shown
from reconciler.model.binding import (
    BINDING_VERSION,
    PLAN_FORMAT,
    AgentBinding,
    Binding,
    Fact,
    Reviewed,
    SavedPlan,
)
from reconciler.model.errors import GuardError, InputError
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.manifest import Address
from reconciler.model.tree import Tree

MAX_PLAN_BYTES: Final = 48 * 1024 * 1024
MAX_PLAN_VALUES: Final = 1_500_000
"""As many as 8,000 large agents that all change; brackets alone take thirty times their size."""

_FEWER: Final = "; plan fewer agents at a time (--selector, --name)"
_AGAIN: Final = "make a new plan with `reconcile plan -o json=FILE`"
_KEY: Final = "RECONCILE_PLAN_KEY"


class _Wrong(Exception):
    """What is not as a plan has it, as a pointer into the document."""


def read_saved(path: Path, key: Fingerprinter | None) -> SavedPlan:
    """The plan in this file. With a key it has to be signed with it.

    Raises InputError for what is no plan, GuardError for one of another version, one that was
    edited, and one whose signature is missing or wrong.
    """
    name = shown(path)
    try:
        return _read(path, name, key)
    except RecursionError:  # the digest goes a little deeper than the reading
        raise InputError(f"--plan: {name} is nested too deeply for a plan") from None


def _read(path: Path, name: str, key: Fingerprinter | None) -> SavedPlan:
    document = _document(path, name)
    if document.get("formatVersion") != PLAN_FORMAT:
        raise _other_version(name, "formatVersion", document.get("formatVersion"), PLAN_FORMAT)
    binding = document.get("binding")
    if not isinstance(binding, dict):
        raise GuardError(
            f"{name} holds nothing that binds it to manifests and live state, so it cannot be "
            f"applied; {_AGAIN}"
        )
    if binding.get("version") != BINDING_VERSION:
        raise _other_version(name, "binding.version", binding.get("version"), BINDING_VERSION)
    signer = _signer(document, name, key)
    if not _equal(binding.get("digest"), content_digest(document)):
        raise GuardError(f"{name} was edited after it was written; {_AGAIN}")
    try:
        return _plan(document, str(binding["digest"]), signer)
    except _Wrong as wrong:
        raise InputError(f"{name} is no plan of this program: {wrong}; {_AGAIN}") from None


def _document(path: Path, name: str) -> Tree:
    try:
        data = read_regular(path, limit=MAX_PLAN_BYTES)
    except Unreadable as error:
        raise InputError(f"--plan: {name} {error}") from error
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_PLAN_VALUES:
        raise InputError(f"--plan: {name} has more than {MAX_PLAN_VALUES:,} values{_FEWER}")
    try:
        document = read_json(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError(f"--plan: {name} is not UTF-8; {_AGAIN}") from None
    except ValueError as error:
        raise InputError(f"--plan: {name} is no JSON ({_where(error)}); {_AGAIN}") from None
    if not isinstance(document, dict) or "formatVersion" not in document:
        raise InputError(f"--plan: {name} is JSON, but no plan; {_AGAIN}")
    return document


def _where(error: ValueError) -> str:
    """The reader's reason; never its excerpt, for there is none in it."""
    line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
    reason = getattr(error, "msg", str(error).partition(":")[0])
    return f"line {line}, column {column}: {reason}" if line else reason


def _other_version(name: str, what: str, found: object, known: object) -> GuardError:
    said = repr(found)[:40] if found is not None else "nothing"
    return GuardError(
        f"{name} is a plan of another version ({what} is {said}, here it is {known!r}); {_AGAIN}"
    )


def _signer(document: Tree, name: str, key: Fingerprinter | None) -> str:
    """The id of the key that signed the plan, empty where none did."""
    given = document["binding"].get("signature")
    if given is None:
        if key is not None:
            raise GuardError(
                f"{name} is not signed, and {_KEY} is set; make the plan where it is set too"
            )
        return ""
    signer = str(given).removeprefix(KEYED).partition(":")[0][:16]
    if key is None:
        return signer
    if signer != key.key_id:
        raise GuardError(
            f"{name} was signed with another key ({signer}; {_KEY} is {key.key_id} here)"
        )
    if not _equal(given, signature(document, key)):
        raise GuardError(f"{name} is not as it was signed: it was edited; {_AGAIN}")
    return signer


def _equal(given: object, own: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), own.encode()
    )


@dataclass(frozen=True, slots=True)
class _Node:
    """One value of the document, and where it stands."""

    value: Any
    at: str = ""

    def get(self, name: str) -> "_Node":
        members = self.members()
        if name not in members:
            raise _Wrong(f"{self.at}/{name} is missing")
        return _Node(members[name], f"{self.at}/{name}")

    def members(self) -> Tree:
        if not isinstance(self.value, dict):
            raise _Wrong(f"{self.at or '/'} is no object")
        return self.value

    def items(self) -> Iterator["_Node"]:
        if not isinstance(self.value, list):
            raise _Wrong(f"{self.at} is no list")
        for index, value in enumerate(self.value):
            yield _Node(value, f"{self.at}/{index}")

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise _Wrong(f"{self.at} is no text")
        return self.value

    def texts(self) -> dict[str, str]:
        return {
            name: _Node(one, f"{self.at}/{name}").text() for name, one in self.members().items()
        }


def _plan(document: Tree, digest: str, signer: str) -> SavedPlan:
    root = _Node(document)
    binding = root.get("binding")
    bindings = {one.address: one for one in map(_agent_binding, binding.get("agents").items())}
    agents = {
        address: _reviewed(one, bindings, address)
        for one in root.get("agents").items()
        for address in [_address(one)]
    }
    if len(agents) != len(bindings):
        raise _Wrong("/binding/agents are others than /agents")
    return SavedPlan(
        target=root.get("target").text(),
        binding=Binding(
            accounts=_accounts(binding.get("accounts")),
            options=binding.get("options").members(),
            ignore=binding.get("ignore").text(),
            policy=binding.get("policy").text(),
            fingerprint_key=binding.get("fingerprintKey").text(),
            agents=tuple(bindings.values()),
        ),
        agents=agents,
        digest=digest,
        signer=signer,
    )


def _accounts(node: _Node) -> dict[str, dict[str, str]]:
    return {title: node.get(title).texts() for title in node.members()}


def _address(node: _Node) -> Address:
    return Address(*(node.get(name).text() for name in ("apiVersion", "kind", "name")))


def _agent_binding(node: _Node) -> AgentBinding:
    return AgentBinding(
        address=_address(node),
        manifest=node.get("manifest").text(),
        fields=node.get("fields").texts(),
        secrets=_facts(node.get("secrets")),
        live=_facts(node.get("live")),
    )


def _facts(node: _Node) -> tuple[Fact, ...]:
    return tuple(Fact(one.get("path").text(), one.get("digest").text()) for one in node.items())


def _reviewed(node: _Node, bindings: dict[Address, AgentBinding], address: Address) -> Reviewed:
    if address not in bindings:
        raise _Wrong(f"{node.at} is not bound")
    changes = {one.get("path").text(): one.members() for one in node.get("changes").items()}
    action, reason = node.get("action").text(), node.get("reason").text()
    agent_id = node.get("id")
    known = None if agent_id.value is None else agent_id.text()
    return Reviewed(action, reason, known, changes, bindings[address])
