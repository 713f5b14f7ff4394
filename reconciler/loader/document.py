"""The check of one document: what it is, whose it is, how it is rolled out.

What a later version will take is refused with its place: an instruction that is silently ignored
would be worse than an error.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from reconciler.loader.dialect import check_dialect, dialect_names, find_dialect
from reconciler.loader.quantities import parse_duration
from reconciler.loader.remarks import Remarks
from reconciler.loader.spec import check_spec
from reconciler.loader.words import (
    described,
    did_you_mean,
    listed,
    meant_or_known,
    missing,
    nearest,
    quoted,
)
from reconciler.model.manifest import Address, Manifest, OnFailure, Rollout
from reconciler.model.tree import Json, Tree, join, tokens
from reconciler.ports.provider import Kind

_TOP: Final = ("apiVersion", "kind", "metadata", "spec", "rollout")
_REQUIRED: Final = ("apiVersion", "kind", "metadata", "spec")
_METADATA: Final = ("name", "labels", "allowUnknown", "allowPlaintext", "complete")
_ROLLOUT: Final = ("wave", "timeout", "onFailure")
_MAX_NAME: Final = 256
_ACTIVE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_UNSEEN: Final = (
    "holds a character that cannot be seen",
    "control and bidi characters are not taken",
)
_NOT_YET: Final = "not-supported-yet"
_NO_MANIFEST: Final = (
    "a file that is no manifest belongs elsewhere, or under a name that begins with a dot"
)
_PERHAPS_OVERLAY: Final = (
    "only an overlay may do without; its folder is named under overlays in reconcile.yaml"
)

PATCH: Final = "JSONPatch"
"""The kind of documents that change manifests and are none themselves."""


class _Metadata(NamedTuple):
    """What `metadata` says of the agent itself; `name` is None where it cannot be used."""

    name: str | None = None
    labels: Mapping[str, str] = {}
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A manifest, or None where it cannot be used, and the kind that it turned out to be."""

    manifest: Manifest | None
    kind: Kind | None


def check_document(remarks: Remarks, kinds: Sequence[Kind]) -> Checked:
    """Check one document. What is wrong goes to `remarks`, all of it."""
    value = remarks.value
    if not isinstance(value, dict):
        remarks.add("", "wrong-type", f"a manifest is a mapping, found {described(value)}")
        return Checked(None, None)
    if _means_patch(value.get("kind")):
        text = f"there is no kind {quoted(value['kind'])}"
        remarks.add("/kind", "unknown-kind", text, f"did you mean {quoted(PATCH)}?")
        return Checked(None, None)
    spelled = find_dialect(kinds, value)
    if spelled is not None:
        return Checked(check_dialect(remarks, *spelled), spelled[0])
    lacking = [name for name in _REQUIRED if name not in value]
    if lacking:
        help_text = _NO_MANIFEST if {"apiVersion", "kind"} <= set(lacking) else ""
        if lacking in (["apiVersion"], ["apiVersion", "spec"]):
            help_text = _PERHAPS_OVERLAY
        remarks.add("", "missing", missing(lacking), help_text, start=True)
    _refuse_unknown(remarks, "", value, _TOP, "a manifest")
    kind = _kind(remarks, value, kinds)
    metadata = _mapping(remarks, value, "metadata")
    rollout = _rollout(remarks, value)
    spec = _mapping(remarks, value, "spec")
    own = _metadata(remarks, metadata) if metadata is not None else _Metadata()
    tree = check_spec(kind, spec, remarks) if kind is not None and spec is not None else None
    if kind is None or own.name is None or tree is None:
        return Checked(None, kind)
    places = remarks.view.places()
    manifest = Manifest(
        Address(kind.api_version, kind.name, own.name),
        places[""],
        tree,
        places,
        own.labels,
        rollout,
        own.complete,
        histories=remarks.view.histories(),
        head=value | {"spec": None},
    )
    return Checked(manifest, kind)


def _means_patch(kind: Json) -> bool:
    return isinstance(kind, str) and kind != PATCH and kind.casefold() == PATCH.casefold()


def _refuse_unknown(
    remarks: Remarks, pointer: str, value: Tree, known: Sequence[str], where: str
) -> None:
    for name in value:
        if name not in known:
            remarks.add(
                join(pointer, name),
                "unknown-field",
                f"{quoted(name)} is not a field of {where}",
                meant_or_known(name, known),
                key=True,
            )


def _mapping(remarks: Remarks, value: Tree, name: str) -> Tree | None:
    """A required member that is a mapping."""
    member = value.get(name)
    if name in value and not isinstance(member, dict):
        text = f"{name}: expected a mapping, found {described(member)}"
        remarks.add(f"/{name}", "wrong-type", text)
    return member if isinstance(member, dict) else None


def _kind(remarks: Remarks, value: Tree, kinds: Sequence[Kind]) -> Kind | None:
    api_version, name = (_word(remarks, value, member) for member in ("apiVersion", "kind"))
    by_version: dict[str, list[str]] = {}
    for kind in kinds:
        by_version.setdefault(kind.api_version, []).append(kind.name)
        if (kind.api_version, kind.name) == (api_version, name):
            return kind
    for version, spelled in dialect_names(kinds):
        by_version.setdefault(version, []).append(spelled)
    if api_version is not None and api_version not in by_version:
        _unknown_version(remarks, api_version, sorted(by_version))
    elif api_version is not None and name is not None:
        known = by_version[api_version]
        others = [version for version, names in by_version.items() if name in names]
        help_text = did_you_mean(name, known) or f"known is {listed(known)}"
        if others:
            help_text = f"{quoted(name)} belongs to apiVersion {listed(others)}"
        text = f"{quoted(name)} is not a kind of {api_version}"
        remarks.add("/kind", "unknown-kind", text, help_text)
    return None


def _word(remarks: Remarks, value: Tree, name: str) -> str | None:
    word = value.get(name)
    if name in value and not isinstance(word, str):
        text = f"{name}: expected a string, found {described(word)}"
        remarks.add(f"/{name}", "wrong-type", text)
    return word if isinstance(word, str) else None


def _unknown_version(remarks: Remarks, api_version: str, known: Sequence[str]) -> None:
    """An apiVersion that nobody serves; the short form of one that we know is for later."""
    group, _, version = api_version.partition("/")
    for candidate in known:
        if candidate.partition(".")[0] == group and candidate.rpartition("/")[2] == version:
            text = f"apiVersion {quoted(api_version)} is not supported yet"
            remarks.add("/apiVersion", _NOT_YET, text, f"write a manifest of {candidate}")
            return
    near = nearest(api_version, known)
    help_text = f"did you mean {quoted(near)}?" if near else f"known are {listed(known)}"
    text = f"{quoted(api_version)} is not an apiVersion that is known here"
    remarks.add("/apiVersion", "unknown-api-version", text, help_text)


def _metadata(remarks: Remarks, metadata: Tree) -> _Metadata:
    """See `_Metadata`. What it lets through goes to `remarks`."""
    _refuse_unknown(remarks, "/metadata", metadata, _METADATA, "metadata")
    remarks.allowed = _allowed(remarks, metadata, "allowUnknown")
    remarks.plaintext = _allowed(remarks, metadata, "allowPlaintext")
    return _Metadata(
        _name(remarks, metadata), _labels(remarks, metadata), _complete(remarks, metadata)
    )


def _name(remarks: Remarks, metadata: Tree) -> str | None:
    name, at = metadata.get("name"), "/metadata/name"
    if "name" not in metadata:
        remarks.add("/metadata", "missing", "name is missing in metadata", key=True)
    elif not isinstance(name, str):
        help_text = "put it in quotes" if isinstance(name, int | float) else ""
        text = f"metadata.name: expected a string, found {described(name)}"
        remarks.add(at, "wrong-type", text, help_text)
    elif not name.strip():
        remarks.add(at, "wrong-value", "metadata.name is empty")
    elif name != name.strip() or len(name) > _MAX_NAME:
        text = f"metadata.name has at most {_MAX_NAME} characters, no space at its ends"
        remarks.add(at, "wrong-value", text)
    elif _is_active(name):
        remarks.add(at, "wrong-value", f"metadata.name {_UNSEEN[0]}", _UNSEEN[1])
    else:
        return name
    return None


def _labels(remarks: Remarks, metadata: Tree) -> Mapping[str, str]:
    labels, at = metadata.get("labels"), "/metadata/labels"
    if labels is None:
        return {}
    if not isinstance(labels, dict):
        text = f"metadata.labels: expected a mapping, found {described(labels)}"
        remarks.add(at, "wrong-type", text)
        return {}
    for key, value in labels.items():
        if not isinstance(value, str):
            text = f"metadata.labels.{key[:40]}: expected a string, found {described(value)}"
            help_text = "" if isinstance(value, dict | list) else "put it in quotes"
            remarks.add(join(at, key), "wrong-type", text, help_text)
        elif _is_active(value):
            text = f"the value of this label {_UNSEEN[0]}"
            remarks.add(join(at, key), "wrong-value", text, _UNSEEN[1])
        if _is_active(key):
            text = f"the name of this label {_UNSEEN[0]}"
            remarks.add(join(at, key), "wrong-value", text, _UNSEEN[1], key=True)
    return {key: value for key, value in labels.items() if isinstance(value, str)}


def _is_active(text: str) -> bool:
    """Whether some character of a name would act on a terminal or not be seen there."""
    return not text.isprintable() and any(unicodedata.category(char) in _ACTIVE for char in text)


def _allowed(remarks: Remarks, metadata: Tree, name: str) -> frozenset[tuple[str, ...]]:
    """The paths of `allowUnknown` or `allowPlaintext`, as JSON Pointers below spec or with dots;
    no list positions.
    """
    paths, at = metadata.get(name), f"/metadata/{name}"
    if paths is None:
        return frozenset()
    if not isinstance(paths, list):
        text = f"metadata.{name}: expected a list, found {described(paths)}"
        remarks.add(at, "wrong-type", text)
        return frozenset()
    allowed: set[tuple[str, ...]] = set()
    for index, path in enumerate(paths):
        parts = _parts(path)
        if not parts:
            text = f"metadata.{name} takes paths of fields below spec"
            remarks.add(join(at, index), "wrong-value", text, "like nasConfig.newField")
        else:
            allowed.add(parts)
    return frozenset(allowed)


def _parts(path: Json) -> tuple[str, ...]:
    if not isinstance(path, str):
        return ()
    parts = tokens(path) if path.startswith("/") else path.split(".")
    if not all(parts):
        return ()
    return tuple(part for part in parts if not part.isdecimal() and part != "*")


def _complete(remarks: Remarks, metadata: Tree) -> bool:
    complete = metadata.get("complete", False)
    if not isinstance(complete, bool):
        text = f"metadata.complete: expected true or false, found {described(complete)}"
        remarks.add("/metadata/complete", "wrong-type", text)
    return complete is True


def _rollout(remarks: Remarks, value: Tree) -> Rollout:
    rollout = value.get("rollout", {})
    if not isinstance(rollout, dict):
        text = f"rollout: expected a mapping, found {described(rollout)}"
        remarks.add("/rollout", "wrong-type", text)
        return Rollout()
    _refuse_unknown(remarks, "/rollout", rollout, _ROLLOUT, "rollout")
    return Rollout(
        timeout_seconds=_timeout(remarks, rollout),
        wave=_wave(remarks, rollout.get("wave", 0)),
        on_failure=_on_failure(remarks, rollout.get("onFailure", OnFailure.STOP.value)),
    )


def _timeout(remarks: Remarks, rollout: Tree) -> float | None:
    if "timeout" not in rollout:
        return None
    at = "/rollout/timeout"
    try:
        seconds = parse_duration(rollout["timeout"])
    except ValueError as error:
        remarks.add(at, "wrong-value", f"rollout.timeout: {error}")
        return None
    if seconds == 0:
        remarks.add(at, "wrong-value", "rollout.timeout must be longer than 0s")
    return seconds


def _wave(remarks: Remarks, wave: Json) -> int:
    if not isinstance(wave, int) or isinstance(wave, bool) or wave < 0:
        text = f"rollout.wave: expected a whole number from 0, found {described(wave)}"
        remarks.add("/rollout/wave", "wrong-type", text)
        return 0
    return wave


def _on_failure(remarks: Remarks, word: Json) -> OnFailure:
    known = [one.value for one in OnFailure]
    if word in known:
        return OnFailure(word)
    text = f"rollout.onFailure is {listed(known)}, found {described(word)}"
    help_text = did_you_mean(word, known) if isinstance(word, str) else ""
    remarks.add("/rollout/onFailure", "wrong-value", text, help_text or "")
    return OnFailure.STOP
