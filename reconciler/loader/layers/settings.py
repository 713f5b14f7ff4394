"""What a target of `reconcile.yaml` says of layers: `overlays` and `vars`, checked.

A pull request edits that file, and an error shows lines of what it reads: so a folder must lie in
the same git repository, or outside of one below the file's own folder, wherever links lead.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.loader import scalars
from reconciler.loader.home import repository_of
from reconciler.loader.layers.variables import BEGIN, NAME
from reconciler.loader.lookalikes import lookalikes
from reconciler.loader.remarks import Remarks
from reconciler.loader.words import clipped, described, quoted
from reconciler.model.target import Overlay, Variable
from reconciler.model.tree import Json, join

_INSIDE: Final = "an overlay lies in the git repository of reconcile.yaml"
_BELOW: Final = "outside of a git repository an overlay lies below the folder of reconcile.yaml"


@dataclass(slots=True)
class Layering:
    """The check of `overlays` and `vars`. What is wrong goes to `remarks`.

    `path` is that of `reconcile.yaml`.
    """

    remarks: Remarks
    path: Path
    _home: tuple[Path, bool] | None = field(default=None)

    def overlays(self, at: str, value: Json) -> tuple[Overlay, ...]:
        """The folders of one target; those that are wrong are left out."""
        if value is None:
            return ()
        if not isinstance(value, list):
            text = f"overlays: expected a list, found {described(value)}"
            is_folder = isinstance(value, str) and self._refusal(value) is None
            self.remarks.add(at, "wrong-type", text, f"write [{value}]" if is_folder else "")
            if not is_folder:
                return ()
            value = [value]  # go on with what was meant: no manifests lie there
        found: dict[Path, Overlay] = {}
        for index, written in enumerate(value):
            where = join(at, index)
            folder = self._folder(where, written)
            if folder is None:
                continue
            real = folder.resolve()
            if real in found:
                text = f"this overlay is named twice, first at {found[real].place}"
                self.remarks.add(where, "declared-twice", text)
            else:
                found[real] = Overlay(str(folder), self.remarks.place(where))
        return tuple(found.values())

    def _folder(self, at: str, written: Json) -> Path | None:
        """The folder of an overlay, None where it is refused."""
        if not isinstance(written, str):
            text = f"overlays: expected the path of a folder, found {described(written)}"
            self.remarks.add(at, "wrong-type", text)
            return None
        refusal = self._refusal(written)
        if refusal is not None:
            self.remarks.add(at, "path", *refusal)
            return None
        return self._tidy(self.path.parent / written)

    def _refusal(self, written: str) -> tuple[str, str] | None:
        if not written.strip() or not written.isprintable():
            return "the path of an overlay is printable and not empty", ""
        if Path(written).is_absolute():
            return "the path of an overlay is relative to reconcile.yaml", ""
        try:
            real = (self.path.parent / written).resolve()
            exists, folder = real.exists(), real.is_dir()
        except (OSError, RuntimeError, ValueError):
            return f"the overlay {quoted(written)} leads nowhere", ""
        home, in_repository = self._boundary()
        if not real.is_relative_to(home):
            return (
                f"the overlay {quoted(written)} leads outside",
                _INSIDE if in_repository else _BELOW,
            )
        if not exists and BEGIN in written:
            return "a variable has no meaning here: variables are for manifests", ""
        if not exists:
            return f"the overlay {quoted(written)} does not exist", "paths start at reconcile.yaml"
        if not folder:
            return f"the overlay {quoted(written)} is not a folder", "name the folder that it is in"
        if self.path.resolve().is_relative_to(real):
            text = f"the overlay {quoted(written)} holds reconcile.yaml itself"
            return text, "an overlay is a folder of its own, beside the manifests or below them"
        return None

    def _boundary(self) -> tuple[Path, bool]:
        """The folder that no overlay may leave, and whether it is a repository."""
        if self._home is None:
            own = self.path.parent.resolve()
            repository = repository_of(own)
            self._home = (repository or own, repository is not None)
        return self._home

    def _tidy(self, folder: Path) -> Path:
        """The path as messages show it: without `..` where that leads to the same folder."""
        short = Path(os.path.normpath(folder))
        return short if short.resolve() == folder.resolve() else folder

    def variables(self, at: str, value: Json) -> dict[str, Variable]:
        """The variables of one target. One that is wrong stands for nothing, but is known."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            text = f"vars: expected a mapping, found {described(value)}"
            self.remarks.add(at, "wrong-type", text)
            return {}
        return {name: self._variable(join(at, name), name, text) for name, text in value.items()}

    def _variable(self, at: str, name: str, value: Json) -> Variable:
        place = self.remarks.place(at)
        if not NAME.fullmatch(name):
            text = f"{quoted(name)} cannot be the name of a variable"
            help_text = "letters, digits, _ and -; a letter or _ comes first"
            self.remarks.add(at, "wrong-value", text, help_text, key=True)
        if value is None or isinstance(value, dict | list):
            text = f"vars.{clipped(name)}: expected a string, found {described(value)}"
            self.remarks.add(at, "wrong-type", text, "a variable is a piece of text")
            return Variable("", place)
        text = value if isinstance(value, str) else self._written(at, value)
        if any(lookalikes(name, text)):
            self.remarks.mask(at)
            told = f"vars.{clipped(name)} looks like a secret, and variables are no place for one"
            help_text = 'write {secret: "env:NAME"} where it is used'
            self.remarks.add(at, "looks-like-secret", told, help_text, warning=True)
        if BEGIN in text:
            told = f"the text of a variable is not looked into: {BEGIN} stays as it is"
            self.remarks.add(at, "nested-variable", told, "write the text out", warning=True)
        return Variable(text, place)

    def _written(self, at: str, value: Json) -> str:
        """A number or a boolean as the file has it: `1.50` stays `1.50`."""
        written = self.remarks.written(at)
        try:
            if scalars.resolve(written) == value:
                return written
        except (scalars.BadScalar, IndexError):
            pass
        return str(value).lower() if isinstance(value, bool) else str(value)
