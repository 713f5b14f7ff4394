"""References to sealed values. Nothing here prints, logs or keeps what it reads.

`plan` goes on without the secrets that it cannot have; `apply` must have all of them before its
first write.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from reconciler.loader.commands import run_all
from reconciler.loader.places import PlacesBelow
from reconciler.loader.references import SecretReference
from reconciler.loader.sops import document, explained, sops_command, split_reference, value_at
from reconciler.loader.source import Unreadable, read_regular, shown
from reconciler.loader.unresolved import Command, Output, Unresolved
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Desired, Manifest
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, join

ALLOW_EXEC: Final = "RECONCILE_ALLOW_EXEC"
"""The environment variable without which no `exec:` runs: a pull request cannot set it."""

MAX_SECRET_BYTES: Final = 64 * 1024

ReadFile: TypeAlias = Callable[[Path], bytes]
"""Reads a file whose path was found to lie inside its root. May raise OSError or Unreadable."""

RunAll: TypeAlias = Callable[..., Mapping[Command, Output]]
"""Runs commands with an `environ`, see `run_all`."""


def read_secret_file(path: Path) -> bytes:
    """A regular file of at most 64 KiB. Raises Unreadable."""
    return read_regular(path, limit=MAX_SECRET_BYTES)


def resolve(
    manifests: Iterable[Manifest],
    *,
    environ: Mapping[str, str],
    read_file: ReadFile = read_secret_file,
    run: RunAll = run_all,
    strict: bool,
) -> tuple[Desired, ...]:
    """What the manifests want, with `Sealed` values in the place of references.

    Each file is decrypted and each command run once. With `strict` every reference must give a
    value: raises InputError with a problem for each that doesn't. Without, such a one becomes a
    `Sealed` that holds no value.
    """
    manifests = tuple(manifests)
    references = (one for manifest in manifests for one in _references(manifest.spec))
    sources = _Sources(environ, read_file)
    sources.run(dict.fromkeys(references), run)
    resolving = _Resolving(sources)
    desired = tuple(resolving.manifest(manifest) for manifest in manifests)
    if strict and resolving.problems:
        count = len(resolving.problems)
        text = (
            "1 secret cannot be resolved" if count == 1 else f"{count} secrets cannot be resolved"
        )
        raise InputError(text, sorted(resolving.problems))
    return desired


def _references(value: Any) -> Iterator[SecretReference]:
    if isinstance(value, SecretReference):
        yield value
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _references(member)


@dataclass(slots=True)
class _Resolving:
    sources: "_Sources"
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
            create_defaults=manifest.create_defaults,
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
            text = self.sources.text(reference)
        except Unresolved as error:
            place = manifest.places.get(pointer, manifest.place)
            self.problems.append(Problem(place, error.code, f"{reference}: {error}", error.help))
            return Sealed(None, str(reference))
        return Sealed(text, str(reference))


@dataclass(slots=True)
class _Sources:
    """Where secrets come from. What programs say is fetched before the first of them is asked for."""

    environ: Mapping[str, str]
    read_file: ReadFile
    commands: dict[SecretReference, Command | Unresolved] = field(default_factory=dict)
    outputs: Mapping[Command, Output] = field(default_factory=dict)
    documents: dict[Command, Json] = field(default_factory=dict)

    def run(self, references: Iterable[SecretReference], run: RunAll) -> None:
        """Run what `exec:` and `sops:` name."""
        for reference in references:
            if reference.scheme in {"exec", "sops"}:
                try:
                    self.commands[reference] = self._command(reference)
                except Unresolved as error:
                    self.commands[reference] = error
        wanted = [one for one in self.commands.values() if isinstance(one, Command)]
        self.outputs = run(wanted, environ=self.environ)

    def text(self, reference: SecretReference) -> str:
        """The secret itself. Raises Unresolved."""
        match reference.scheme:
            case "env":
                return self._variable(reference.text)
            case "file":
                return self._file(reference)
            case "exec":
                _, output = self._output(reference)
                return _decoded(output, "the output")
            case _:
                return self._decrypted(reference)

    def _variable(self, name: str) -> str:
        if name not in self.environ:
            raise Unresolved("this environment variable is not set", f"export {name}=…")
        value = self.environ[name]
        if not value:
            raise Unresolved("this environment variable is empty", f"export {name}=…")
        if not _is_unicode(value):
            raise Unresolved("this environment variable is not UTF-8", "")
        return value

    def _file(self, reference: SecretReference) -> str:
        try:
            data = self.read_file(_inside(reference, reference.text))
        except Unreadable as error:
            raise Unresolved(f"the file {error}", "") from None
        except OSError as error:
            raise Unresolved(f"the file cannot be read: {error.strerror or ''}", "") from None
        return _decoded(data, "the file")

    def _command(self, reference: SecretReference) -> Command:
        if reference.scheme == "sops":
            return sops_command(_inside(reference, split_reference(reference.text)[0]))
        if self.environ.get(ALLOW_EXEC) != "1":
            text = f"a command runs only where {ALLOW_EXEC}=1 is set"
            help_text = (
                f"export {ALLOW_EXEC}=1, where everyone who can change these files may run "
                "programs in your name"
            )
            raise Unresolved(text, help_text, "exec-not-allowed")
        return Command(
            name=reference.program,
            arguments=reference.arguments,
            folder=reference.folder,
            max_bytes=MAX_SECRET_BYTES,
            help=f"run it by hand in {shown(reference.folder)} to see why",
        )

    def _output(self, reference: SecretReference) -> tuple[Command, bytes]:
        command = self.commands[reference]
        if isinstance(command, Unresolved):
            raise command.with_traceback(None)  # it may be raised for many places
        output = self.outputs[command]
        if isinstance(output, Unresolved):
            raise output.with_traceback(None)
        return command, output

    def _decrypted(self, reference: SecretReference) -> str:
        try:
            command, output = self._output(reference)
        except Unresolved as error:
            raise explained(error) from None
        if command not in self.documents:
            self.documents[command] = document(output)
        text = value_at(self.documents[command], split_reference(reference.text)[1])
        if not _is_unicode(text) or len(text.encode()) > MAX_SECRET_BYTES:
            raise Unresolved(
                f"the string is not UTF-8 or has more than {MAX_SECRET_BYTES:,} bytes", ""
            )
        return text


def _inside(reference: SecretReference, file: str) -> Path:
    """The whole path of a file that a reference names, links followed. Raises Unresolved."""
    try:
        path = (reference.folder / file).resolve()
        root = reference.root.resolve()
    except (OSError, RuntimeError, ValueError):
        raise Unresolved("this path leads nowhere", "") from None
    if not path.is_relative_to(root):
        raise Unresolved(
            "the file lies outside the folder of the manifests", "keep it inside, untracked"
        )
    return path


def _decoded(data: bytes, what: str) -> str:
    """The text of a secret's file or a command's output, less one line break at its end."""
    if len(data) > MAX_SECRET_BYTES:
        raise Unresolved(f"{what} has more than {MAX_SECRET_BYTES:,} bytes", "")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unresolved(f"{what} is not UTF-8", "") from None
    text = text.removesuffix("\r\n") if text.endswith("\r\n") else text.removesuffix("\n")
    if not text:
        raise Unresolved(f"{what} is empty", "")
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
