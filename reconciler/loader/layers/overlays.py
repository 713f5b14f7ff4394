"""Overlay documents: partial manifests of agents that are declared elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.loader.document import PATCH
from reconciler.loader.layers.identity import Identity, Step, identity
from reconciler.loader.layers.merge import merge, without_identity
from reconciler.loader.layers.nodes import Node, layered, plain
from reconciler.loader.layers.patches import Patch, read_patches
from reconciler.loader.remarks import Remarks
from reconciler.loader.words import described, meant_or_known, missing, quoted
from reconciler.model.tree import Json


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """See `Step`: a checked overlay document."""

    remarks: Remarks
    root: Node
    whose: Identity

    title: str = "overlay"
    name_at: str = "/metadata/name"
    version_at: str = "/apiVersion"

    def apply(self, manifest: Node) -> Node:
        """See `Step.apply`: the manifest with this laid over it."""
        return merge(manifest, without_identity(self.root))


def is_patch(value: Json) -> bool:
    """Whether a document is a JSON Patch."""
    return isinstance(value, dict) and value.get("kind") == PATCH


def read_layer(roots: Iterable[Node], kinds: Sequence[str]) -> list[Step]:
    """The steps of one folder, in the order of its files: first all merges, then all patches.

    What is wrong goes to the files.
    """
    parts: list[Part] = []
    patches: list[Patch] = []
    first: dict[tuple[str, str], list[Part]] = {}
    for root in roots:
        if is_patch(plain(root)):
            patches += read_patches([root], kinds)
        else:
            part = _read_part(root, kinds)
            if part is not None and not _is_twin(part, first):
                parts.append(part)
    return [*parts, *patches]


def _is_twin(part: Part, first: dict[tuple[str, str], list[Part]]) -> bool:
    """Whether this agent has an overlay already: that is complained about."""
    others = first.setdefault((part.whose.kind, part.whose.name), [])
    for other in others:
        versions = {part.whose.api_version, other.whose.api_version}
        if len(versions) == 1 or None in versions:
            whose = f"{part.whose.kind} {quoted(part.whose.name)}"
            place = other.remarks.place(other.name_at)
            text = f"{whose} has two overlays in this folder, the first at {place}"
            part.remarks.add(part.name_at, "declared-twice", text)
            return True
    others.append(part)
    return False


def _read_part(root: Node, kinds: Sequence[str]) -> Part | None:
    remarks = Remarks(layered(root))
    value = remarks.value
    if not isinstance(value, dict):
        text = f"an overlay is a mapping, found {described(value)}"
        remarks.add("", "wrong-type", text)
        return None
    metadata = value.get("metadata")
    if "kind" not in value or "metadata" not in value:
        lacking = [name for name in ("kind", "metadata") if name not in value]
        text = f"{missing(lacking)}: an overlay names its agent"
        remarks.add("", "missing", text, start=True)
    elif isinstance(metadata, dict) and "name" not in metadata:
        remarks.add("/metadata", "missing", "name is missing in metadata", key=True)
    elif not isinstance(metadata, dict):
        text = f"metadata: expected a mapping, found {described(metadata)}"
        remarks.add("/metadata", "wrong-type", text)
    for pointer, member in (
        ("/kind", value.get("kind", "")),
        ("/apiVersion", value.get("apiVersion", "")),
        ("/metadata/name", metadata.get("name", "") if isinstance(metadata, dict) else ""),
    ):
        if not isinstance(member, str):
            name = pointer[1:].replace("/", ".")
            text = f"{name}: expected a string, found {described(member)}"
            remarks.add(pointer, "wrong-type", text)
    whose = identity(root)
    if whose is not None and whose.kind not in kinds:
        help_text = meant_or_known(whose.kind, [*kinds, PATCH])
        text = f"there is no kind {quoted(whose.kind)}"
        remarks.add("/kind", "unknown-kind", text, help_text)
        return None
    version = value.get("apiVersion", "")
    return Part(remarks, root, whose) if whose is not None and isinstance(version, str) else None
