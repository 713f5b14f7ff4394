"""The check of one `spec` against its kind: rules first, then the schema."""

from typing import Final

from pydantic import BaseModel, ValidationError

from reconciler.loader.described import description_of, usual_lengths
from reconciler.loader.explain import Complaint, explain, is_sensitive, may_be_secret
from reconciler.loader.plaintext import warn_of_plaintext
from reconciler.loader.references import SecretReference
from reconciler.loader.remarks import Remarks
from reconciler.loader.walk import (
    Walker,
    rule_at,
    warn_of_server_fields,
    with_placeholders,
)
from reconciler.loader.words import dotted, dotted_pointer
from reconciler.model.rules import Trait
from reconciler.model.tree import Json, Tree, join, pointer
from reconciler.ports.provider import Kind

_SPEC: Final = "/spec"
_NO_STRING: Final = frozenset(
    {
        "int_type",
        "int_from_float",
        "float_type",
        "bool_type",
        "list_type",
        "dict_type",
        "model_type",
        "model_attributes_type",
        "none_required",
    }
)
"""What a schema says where no string can stand, so no secret either."""


def check_spec(kind: Kind, value: Tree, remarks: Remarks) -> Tree:
    """The tree to hold, secrets as `SecretReference`. What is wrong goes to `remarks`."""
    known = {name: member for name, member in value.items() if name not in kind.not_yet}
    for name in value:
        if name in kind.not_yet:
            text = f"{name} is not supported yet"
            remarks.add(join(_SPEC, name), "not-supported-yet", text, key=True)
    walker = Walker(remarks, kind.rules)
    tree = walker.spec(known)
    references: dict[str, SecretReference] = {}
    plain = with_placeholders(tree, _SPEC, references)
    for complaint in _complaints(kind, plain, remarks):
        at = _SPEC + pointer(complaint.path)
        if at in references and not complaint.key:
            if complaint.kind in _NO_STRING:
                text = f"{complaint.text.partition(',')[0]}; a secret cannot stand here"
                remarks.add(at, "secret-place", text)
        elif at not in walker.refused:
            _tell(kind, complaint, at, remarks, walker.refused)
    warn_of_server_fields(kind.rules.root, tree, remarks, _SPEC, walker.refused)
    _tell_odd_lengths(kind, known, remarks)
    warn_of_plaintext(tree, remarks)
    return tree


def _tell_odd_lengths(kind: Kind, value: Tree, remarks: Remarks) -> None:
    """Warn of texts that are not as long as the vendor's page says, where no limit is enforced."""
    model: type[BaseModel] = kind.model
    for path, length in usual_lengths(model):
        text: Json = value
        for name in path:
            text = text.get(name) if isinstance(text, dict) else None
        if isinstance(text, str) and len(text) != length:
            told = (
                f"{dotted(path)}: the vendor's page says {length} characters, this has {len(text)}"
            )
            remarks.add(_SPEC + pointer(path), "odd-length", told, warning=True)


def _tell(kind: Kind, complaint: Complaint, at: str, remarks: Remarks, refused: set[str]) -> None:
    """Pass a complaint of the schema on, unless something else is said about it."""
    unknown = complaint.code == "unknown-field"
    rule = rule_at(kind.rules.root, complaint.path)
    if rule is not None and rule.has(Trait.SERVER):
        if unknown:  # the schema does not take what only reads show
            refused.add(at)
            text = f"{dotted_pointer(at)} is computed by the cloud and cannot be set"
            help_text = "remove it"
            if complaint.path == (_own_name(kind),):
                text = f"{dotted_pointer(at)} is the agent's name and stands in metadata.name only"
                help_text = "remove it; metadata.name names the agent"
            remarks.add(at, "server-field", text, help_text, key=True)
        return
    if unknown and remarks.allows(at):
        return
    if complaint.code == "missing" and _asked_for(kind, complaint):
        return
    hides = may_be_secret if unknown else is_sensitive
    if complaint.code != "missing" and hides(kind.rules.root, complaint.path):
        remarks.mask(at)
    remarks.add(at, complaint.code, complaint.text, complaint.help, key=complaint.key)


def _own_name(kind: Kind) -> str:
    """How clouds call the name of such an object: `agentRuntimeName` of an `AgentRuntime`."""
    return f"{kind.name[:1].lower()}{kind.name[1:]}Name"


def _complaints(kind: Kind, plain: Json, remarks: Remarks) -> list[Complaint]:
    model: type[BaseModel] = kind.model
    try:
        model.model_validate(plain)
    except ValidationError as error:
        return list(
            explain(
                error.errors(include_url=False),
                plain,
                kind.rules.root,
                lambda path: remarks.written(_SPEC + pointer(path)),
                what="spec",
                describe=lambda path: description_of(model, path),
            )
        )
    return []


def _asked_for(kind: Kind, complaint: Complaint) -> bool:
    """Whether the walk has asked for this missing field already."""
    return complaint.path == () and complaint.text.split()[0] in kind.rules.parameters
