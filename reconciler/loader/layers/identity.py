"""By what a manifest is found, and what is laid over it."""

from typing import NamedTuple, Protocol

from reconciler.loader.layers.nodes import Node, child
from reconciler.loader.remarks import Remarks
from reconciler.model.tree import Json


class Identity(NamedTuple):
    """By what a manifest is found."""

    kind: str
    name: str
    api_version: str | None


def identity(root: Node) -> Identity | None:
    """Whose document this is, None where it doesn't say so well enough."""
    kind, name = _text(root, "kind"), _text(root, "metadata", "name")
    return Identity(kind, name, _text(root, "apiVersion")) if kind and name else None


def identity_of(value: Json) -> Identity | None:
    """See `identity`, of a value without variables."""
    if not isinstance(value, dict):
        return None
    metadata, kind, version = value.get("metadata"), value.get("kind"), value.get("apiVersion")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(kind, str) or not isinstance(name, str):
        return None
    return Identity(kind, name, version if isinstance(version, str) else None)


def _text(root: Node, *path: str) -> str | None:
    node: Node | None = root
    for token in path:
        node = child(node, token) if node is not None else None
    usable = node is not None and not node.broken and isinstance(node.value, str)
    return node.value if node is not None and usable else None


class Step(Protocol):
    """What is done to one manifest: an overlay document or a patch. `title` is which of them.

    `whose.api_version` is None where the document names none; `name_at` and `version_at` are where
    it names the agent and its apiVersion. Complaints go to `remarks`.
    """

    @property
    def remarks(self) -> Remarks:
        """Where complaints about the document go."""
        ...

    @property
    def whose(self) -> Identity:
        """The agent that is meant."""
        ...

    @property
    def title(self) -> str:
        """What messages call it."""
        ...

    @property
    def name_at(self) -> str:
        """Where the agent's name stands."""
        ...

    @property
    def version_at(self) -> str:
        """Where the agent's apiVersion stands."""
        ...

    def apply(self, manifest: Node) -> Node:
        """The manifest with this done to it."""
        ...
