"""Documents `{kind: JSONPatch, target: {kind, name}, ops: […]}`: checked, and applied to manifests."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.loader.layers import operations
from reconciler.loader.layers.identity import Identity
from reconciler.loader.layers.nodes import Node, child, layered, plain, walk
from reconciler.loader.layers.operations import Misfit, is_pointer
from reconciler.loader.remarks import Remarks
from reconciler.loader.sounds import sounds
from reconciler.loader.words import described, listed, meant_or_known, missing, quoted
from reconciler.model.tree import Json, Tree, join, tokens

_TOP: Final = ("kind", "target", "ops")
_TARGET: Final = ("kind", "name", "apiVersion")
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("from", "path"),
    "copy": ("from", "path"),
    "test": ("path", "value"),
}
"""The operations of RFC 6902, section 4, and what each needs. Any other member is ignored there;
here it is an error, for it is a mistake."""

_PATHS: Final = frozenset({"op", "path", "from"})
_IDENTITY: Final = (("apiVersion",), ("kind",), ("metadata", "name"))


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """See `Step`: a checked patch document."""

    remarks: Remarks
    root: Node
    whose: Identity
    title: str = "patch"
    name_at: str = "/target/name"
    version_at: str = "/target/apiVersion"

    def apply(self, manifest: Node) -> Node:
        """See `Step.apply`: where an operation fails the manifest stays as it was, whole."""
        patched = manifest
        for index in range(len(self.remarks.value["ops"])):
            at = join("/ops", index)
            try:
                patched = self._step(patched, index)
            except Misfit as error:
                where = join(at, error.member)
                self.remarks.add(where, "patch-failed", str(error), error.help)
                return manifest
            if _identity(patched) != _identity(manifest):
                text = "a patch cannot change apiVersion, kind or metadata.name"
                self.remarks.add(join(at, "path"), "patch-failed", text)
                return manifest
        return patched

    def _step(self, manifest: Node, index: int) -> Node:
        op = self.remarks.value["ops"][index]
        node = self.root.value["ops"].value[index]
        path, named = op["path"], node.value["path"].origin
        match op["op"]:
            case "add":
                return operations.add(manifest, path, node.value["value"], named)
            case "remove":
                return operations.remove(manifest, path)
            case "replace":
                return operations.swap(manifest, path, node.value["value"], named)
            case "move":
                return operations.move(manifest, op["from"], path, named)
            case "copy":
                return operations.copy(manifest, op["from"], path, named)
            case _:
                return operations.test(manifest, path, node.value["value"])


def _identity(manifest: Node) -> Sequence[Json]:
    values = []
    for path in _IDENTITY:
        node: Node | None = manifest
        for token in path:
            node = child(node, token) if node is not None else None
        values.append(plain(node) if node is not None else None)
    return values


def read_patches(roots: Iterable[Node], kinds: Sequence[str]) -> Iterator[Patch]:
    """The patches of documents; what is wrong goes to their files. `kinds` are those of manifests."""
    for root in roots:
        remarks = Remarks(layered(root))
        reading = _Reading(remarks)
        whose = reading.document(kinds)
        broken = any(
            node.broken for _, node in walk(root)
        )  # told already, and half a patch is none
        if whose is not None and not reading.wrong and not broken:
            yield Patch(remarks, root, whose)


@dataclass(slots=True)
class _Reading:
    """The check of one patch document."""

    remarks: Remarks
    wrong: bool = False

    def document(self, kinds: Sequence[str]) -> Identity | None:
        value = self.remarks.value
        self._members("", value, _TOP, ("target", "ops"), "a JSONPatch document")
        target, ops = value.get("target"), value.get("ops")
        if "ops" in value and not isinstance(ops, list):
            self._add("/ops", "wrong-type", f"ops: expected a list, found {described(ops)}")
        for index, op in enumerate(ops if isinstance(ops, list) else ()):
            self._operation(join("/ops", index), op)
        if "target" not in value:
            return None
        if not isinstance(target, dict):
            text = f"target: expected a mapping, found {described(target)}"
            self._add("/target", "wrong-type", text)
            return None
        return self._target(target, kinds)

    def _target(self, target: Tree, kinds: Sequence[str]) -> Identity | None:
        self._members("/target", target, _TARGET, ("kind", "name"), "target")
        for name in _TARGET:
            if name in target and not isinstance(target[name], str):
                text = f"target.{name}: expected a string, found {described(target[name])}"
                self._add(join("/target", name), "wrong-type", text)
        kind = target.get("kind")
        if isinstance(kind, str) and kind not in kinds:
            help_text = meant_or_known(kind, kinds)
            self._add("/target/kind", "unknown-kind", f"there is no kind {quoted(kind)}", help_text)
        if self.wrong:
            return None
        return Identity(target["kind"], target["name"], target.get("apiVersion"))

    def _operation(self, at: str, op: Json) -> None:
        if not isinstance(op, dict):
            self._add(at, "wrong-type", f"an operation is a mapping, found {described(op)}")
            return
        self._mask(at, op)
        word = op.get("op")
        if not isinstance(word, str) or word not in _MEMBERS:
            self._unknown_operation(at, op)
            return
        members = _MEMBERS[word]
        self._members(at, op, ("op", *members), members, f"the operation {word}")
        for name in ("path", "from"):
            if name in members and name in op:
                self._pointer(join(at, name), name, op[name])

    def _mask(self, at: str, op: Tree) -> None:
        """Show no value that is meant for a place whose name sounds like a secret."""
        path = op.get("path")
        if isinstance(path, str) and any(map(sounds, tokens(path))):
            for name in op.keys() - _PATHS:
                self.remarks.mask(join(at, name))

    def _unknown_operation(self, at: str, op: Tree) -> None:
        known = listed(_MEMBERS, last="and")
        if "op" not in op:
            self._add(
                at, "missing", "op is missing in this operation", f"one of {known}", start=True
            )
        elif not isinstance(op["op"], str):
            text = f"op: expected a string, found {described(op['op'])}"
            self._add(join(at, "op"), "wrong-type", text, f"one of {known}")
        else:
            text = f"{quoted(op['op'])} is not an operation"
            help_text = meant_or_known(op["op"], _MEMBERS)
            self._add(join(at, "op"), "wrong-value", text, help_text)

    def _pointer(self, at: str, name: str, value: Json) -> None:
        if not isinstance(value, str):
            self._add(at, "wrong-type", f"{name}: expected a string, found {described(value)}")
        elif not is_pointer(value):
            text = f"{name}: {quoted(value)} is not a JSON Pointer"
            help_text = "a ~ is written ~0" if value.startswith("/") else _begin(value)
            self._add(at, "wrong-value", text, help_text)

    def _members(
        self, at: str, value: Tree, known: Sequence[str], needed: Sequence[str], where: str
    ) -> None:
        lacking = [name for name in needed if name not in value]
        if lacking:
            self._add(at, "missing", f"{missing(lacking)} in {where}", start=True)
        for name in value:
            if name not in known:
                text = f"{quoted(name)} is not a field of {where}"
                help_text = meant_or_known(name, known)
                self._add(join(at, name), "unknown-field", text, help_text, key=True)

    def _add(
        self,
        at: str,
        code: str,
        text: str,
        help: str = "",
        *,
        key: bool = False,
        start: bool = False,
    ) -> None:
        self.wrong = True
        self.remarks.add(at, code, text, help, key=key, start=start)


def _begin(value: str) -> str:
    """A path written with dots, or without its first slash, as a pointer."""
    return f"write it like {quoted('/' + value.replace('.', '/'))}"
