"""Documents in another spelling of a kind: checked in its own words, then translated into ours.

What a dialect is comes as data from the kind; nothing of a cloud is known here. Places stay those
of the file: a complaint, a plan and `render --why` point at what was written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from reconciler.loader.described import description_of
from reconciler.loader.explain import explain
from reconciler.loader.oddities import VARIABLE, warn_of_dialect
from reconciler.loader.remarks import Remarks
from reconciler.loader.spec import check_spec
from reconciler.loader.translate import (
    TranslatedPlaces,
    Translation,
    at_path,
    translate,
)
from reconciler.model.manifest import Address, CreateDefaults, History, Manifest
from reconciler.model.rules import Field, Shape
from reconciler.model.tree import Json, Tree, join, pointer, tokens
from reconciler.ports.provider import Dialect, Kind

_ANY: Final = Field(Shape.ANY)


class _Around(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


def find_dialect(kinds: Sequence[Kind], value: Tree) -> tuple[Kind, Dialect] | None:
    """The kind that a document spells in another way, and the way; None where it doesn't."""
    wanted = (value.get("apiVersion"), value.get("kind"))
    for kind in kinds:
        for dialect in kind.dialects:
            if (dialect.api_version, dialect.name) == wanted:
                return kind, dialect
    return None


def dialect_names(kinds: Sequence[Kind]) -> Iterator[tuple[str, str]]:
    """The apiVersion and the kind of every dialect."""
    return ((dialect.api_version, dialect.name) for kind in kinds for dialect in kind.dialects)


def check_dialect(remarks: Remarks, kind: Kind, dialect: Dialect) -> Manifest | None:
    """Check a document in its own spelling, and translate it. None where it has no name.

    What is wrong goes to `remarks`, all of it.
    """
    told = Remarks(remarks.view, plaintext=_known(dialect), hints=dialect.hints)
    value: Tree = remarks.value
    _mask(told, dialect, value)
    value = _with_texts(told, dialect, value)
    _check_around(told, dialect, value)
    spec, metadata = value.get("spec"), value.get("metadata")
    if not isinstance(spec, dict) or not isinstance(metadata, dict):
        return None
    theirs = Kind(
        dialect.api_version, dialect.name, dialect.model, replace(kind.rules, root=dialect.root)
    )
    tree = check_spec(theirs, spec, told)
    warn_of_dialect(told, dialect, {"metadata": metadata, "spec": tree})
    name = metadata.get("name")
    if not isinstance(name, str):
        return None
    translation = translate(dialect, {"metadata": metadata, "spec": tree})
    return _manifest(told, kind, dialect, name, translation)


def _manifest(
    remarks: Remarks, kind: Kind, dialect: Dialect, name: str, translation: Translation
) -> Manifest:
    view = remarks.view
    places = TranslatedPlaces(view.places(), translation.origins)
    head = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {"name": name}}
    return Manifest(
        address=Address(kind.api_version, kind.name, name),
        place=remarks.place(""),
        spec=translation.spec,
        places=places,
        histories=_histories(view.histories(), translation),
        head={**head, "spec": None},
        create_defaults=CreateDefaults(
            dialect.tool, dialect.create_defaults, dialect.member_defaults
        ),
    )


def _histories(histories: Mapping[str, History], translation: Translation) -> Mapping[str, History]:
    if not histories:
        return histories
    return {
        ours: histories[theirs]
        for ours, theirs in translation.origins.items()
        if theirs in histories
    }


def _known(dialect: Dialect) -> frozenset[tuple[str, ...]]:
    """The secrets that are spoken of here, as paths below `spec`: nobody need guess at them."""
    return frozenset(tuple(tokens(at)[1:]) for at in dialect.plain_secrets)


def _mask(remarks: Remarks, dialect: Dialect, value: Tree) -> None:
    """A secret in plain text is shown by no complaint, whatever it is about."""
    for at in dialect.plain_secrets:
        found = at_path(value, at)
        if isinstance(found, str) and found and not VARIABLE.fullmatch(found):
            remarks.mask(at)


def _with_texts(remarks: Remarks, dialect: Dialect, value: Tree) -> Tree:
    """The document with whole numbers as texts where the tool sends them so, and says so.

    Only where its text is what was written: `0o17` is an error like any other.
    """
    for at in dialect.texts:
        texts = at_path(value, at)
        if not isinstance(texts, dict):
            continue
        changed = {
            name: str(number)
            for name, number in texts.items()
            if isinstance(number, int)
            and not isinstance(number, bool)
            and remarks.written(join(at, name)) == str(number)
        }
        for name, text in changed.items():
            told = f"the number is sent as the text {text}, as {dialect.tool} does"
            remarks.add(join(at, name), "number-as-text", told, "put it in quotes", warning=True)
        value = _replaced(value, at.split("/")[1:], texts | changed)
    return value


def _replaced(value: Tree, path: Sequence[str], new: Json) -> Tree:
    inner = _replaced(value[path[0]], path[1:], new) if path[1:] else new
    return {**value, path[0]: inner}


def _check_around(remarks: Remarks, dialect: Dialect, value: Tree) -> None:
    """Everything but what lies below `spec`."""
    metadata: type[BaseModel] = dialect.metadata
    model, root = _around(metadata)
    try:
        model.model_validate(value)
    except ValidationError as error:
        complaints = explain(
            error.errors(include_url=False),
            value,
            root,
            lambda path: remarks.written(pointer(path)),
            what="a manifest",
            describe=lambda path: description_of(model, path),
        )
        for one in complaints:
            at = pointer(one.path)
            start = one.path == ()
            remarks.add(at, one.code, one.text, one.help, key=one.key, start=start)


@cache
def _around(metadata: type[BaseModel]) -> tuple[type[BaseModel], Field]:
    """The model of a document whose `spec` is checked apart, and the names in it."""
    model = create_model(
        "Manifest",
        __base__=_Around,
        apiVersion=(str, ...),
        kind=(str, ...),
        metadata=(metadata, ...),
        spec=(dict[str, Any], ...),
    )
    below = Field(Shape.OBJECT, members=dict.fromkeys(metadata.model_fields, _ANY))
    members = {**dict.fromkeys(("apiVersion", "kind", "spec"), _ANY), "metadata": below}
    return model, Field(Shape.OBJECT, members=members)
