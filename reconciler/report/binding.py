"""The part of a plan document that binds it, and the document with its digest and signature."""

from collections.abc import Iterable
from typing import Any, Final

from reconciler.differ.binding import content_digest, signature
from reconciler.differ.canonical import normal
from reconciler.model.binding import BINDING_VERSION, AgentBinding, Binding, Fact
from reconciler.model.fingerprint import Fingerprinter
from reconciler.report.json import dumps

NOT_BOUND: Final = "no key was set, or it has no value here"


def saved_text(document: dict[str, Any], binding: Binding, signer: Fingerprinter | None) -> str:
    """The text of a plan document that can be applied; the binding is its last member."""
    part = _binding(binding)
    bound = {**document, "binding": part}
    content = normal(bound)
    part["digest"] = content_digest(content)
    if signer is not None:
        part["signature"] = signature(content, signer)
    return dumps(bound)


def _binding(binding: Binding) -> dict[str, Any]:
    return {
        "version": BINDING_VERSION,
        "accounts": {title: dict(scope) for title, scope in binding.accounts.items()},
        "options": dict(binding.options),
        "ignore": binding.ignore,
        "policy": binding.policy,
        "fingerprintKey": binding.fingerprint_key,
        "agents": [_agent(agent) for agent in binding.agents],
    }


def _agent(agent: AgentBinding) -> dict[str, Any]:
    return {
        "apiVersion": agent.address.api_version,
        "kind": agent.address.kind,
        "name": agent.address.name,
        "manifest": agent.manifest,
        "fields": dict(agent.fields),
        "secrets": _facts(agent.secrets),
        "live": _facts(agent.live),
    }


def _facts(facts: Iterable[Fact]) -> list[dict[str, str]]:
    return [
        {"path": fact.path, "digest": fact.digest}
        if fact.digest
        else {"path": fact.path, "digest": "", "notBound": NOT_BOUND}
        for fact in facts
    ]
