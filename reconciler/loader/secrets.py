"""References to sealed values. Nothing here prints, logs or keeps what it reads.

`plan` goes on without the secrets that it cannot have; `apply` must have all of them before its
first write.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from reconciler.loader.places import PlacesBelow
from reconciler.loader.references import SecretReference
from reconciler.loader.source import Unreadable, read_regular
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Desired, Manifest
from reconciler.model.sealed import Sealed
from reconciler.model.tree import join

MAX_SECRET_BYTES: Final = 64 * 1024

ReadFile: TypeAlias = Callable[[Path], bytes]
"""Reads a file whose path was found to lie inside its root. May raise OSError or Unreadable."""


class _Unresolved(Exception):
    """Why a reference gave no value, and the way out. Never the value."""

    def __init__(self, text: str, help: str) -> None:
        super().__init__(text)
        self.help = help


def read_secret_file(path: Path) -> bytes:
    """A regular file of at most 64 KiB. Raises Unreadable."""
    return read_regular(path, limit=MAX_SECRET_BYTES)


def resolve(
    manifests: Iterable[Manifest],
    *,
    environ: Mapping[str, str],
    read_file: ReadFile = read_secret_file,
    strict: bool,
) -> tuple[Desired, ...]:
    """What the manifests want, with `Sealed` values in the place of references.

    With `strict` every reference must give a value: raises InputError with a problem for each that
    doesn't. Without, such a one becomes a `Sealed` that holds no value.
    """
    resolving = _Resolving(environ, read_file)
    desired = tuple(resolving.manifest(manifest) for manifest in manifests)
    if strict and resolving.problems:
        count = len(resolving.problems)
        text = (
            "1 secret cannot be resolved" if count == 1 else f"{count} secrets cannot be resolved"
        )
        raise InputError(text, sorted(resolving.problems))
    return desired


@dataclass(slots=True)
class _Resolving:
    environ: Mapping[str, str]
    read_file: ReadFile
    problems: list[Problem] = field(default_factory=list)

    def manifest(self, manifest: Manifest) -> Desired:
        return Desired(
            address=manifest.address,
            place=manifest.place,
            spec=self._value(manifest, manifest.spec, "/spec"),
            places=PlacesBelow(manifest.places, "/spec"),
            labels=manifest.labels,
            rollout=manifest.rollout,
            complete=manifest.complete,
        )

    def _value(self, manifest: Manifest, value: Any, pointer: str) -> Any:
        if isinstance(value, SecretReference):
            return self._sealed(manifest, value, pointer)
        if isinstance(value, dict):
            return {
                name: self._value(manifest, member, join(pointer, name))
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [
                self._value(manifest, member, join(pointer, index))
                for index, member in enumerate(value)
            ]
        return value

    def _sealed(self, manifest: Manifest, reference: SecretReference, pointer: str) -> Sealed:
        try:
            text = self._text(reference)
        except _Unresolved as error:
            place = manifest.places.get(pointer, manifest.place)
            self.problems.append(
                Problem(place, "secret-unresolved", f"{reference}: {error}", error.help)
            )
            return Sealed(None, str(reference))
        return Sealed(text, str(reference))

    def _text(self, reference: SecretReference) -> str:
        if reference.scheme == "env":
            return self._variable(reference.text)
        return self._file(reference)

    def _variable(self, name: str) -> str:
        if name not in self.environ:
            raise _Unresolved("this environment variable is not set", f"export {name}=…")
        value = self.environ[name]
        if not value:
            raise _Unresolved("this environment variable is empty", f"export {name}=…")
        if not _is_unicode(value):
            raise _Unresolved("this environment variable is not UTF-8", "")
        return value

    def _file(self, reference: SecretReference) -> str:
        try:
            path = (reference.folder / reference.text).resolve()
            root = reference.root.resolve()
        except (OSError, RuntimeError, ValueError):
            raise _Unresolved("this path leads nowhere", "") from None
        if not path.is_relative_to(root):
            raise _Unresolved(
                "the file lies outside the folder of the manifests", "keep it inside, untracked"
            )
        try:
            data = self.read_file(path)
        except Unreadable as error:
            raise _Unresolved(f"the file {error}", "") from None
        except OSError as error:
            raise _Unresolved(f"the file cannot be read: {error.strerror or ''}", "") from None
        return _decoded(data)


def _decoded(data: bytes) -> str:
    """The text of a secret's file, less one line break at its end."""
    if len(data) > MAX_SECRET_BYTES:
        raise _Unresolved(f"the file has more than {MAX_SECRET_BYTES:,} bytes", "")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _Unresolved("the file is not UTF-8", "") from None
    text = text.removesuffix("\r\n") if text.endswith("\r\n") else text.removesuffix("\n")
    if not text:
        raise _Unresolved("the file is empty", "")
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
