"""Files that `sops` encrypts: the command that decrypts one, and a value in what it prints.

The command line is the documented one of sops 3: `sops --decrypt --output-type json FILE`.
"""

import json
import re
import stat
from pathlib import Path
from typing import Final

from reconciler.loader.source import reason, shown
from reconciler.loader.unresolved import Command, Unresolved
from reconciler.model.tree import Json, kind_of, tokens

MAX_DOCUMENT_BYTES: Final = 1024 * 1024
"""A file may hold many secrets; each of them has the limit of a secret."""

_POSITION: Final = re.compile(r"0|[1-9][0-9]{0,5}")
_ENDINGS: Final = {
    "exit code 25": "the file is damaged: a value in it cannot be decrypted",
    "exit code 51": "the file was edited without sops: its checksum is wrong",
    "exit code 128": "sops found no key that opens this file",
}
"""What the exit codes mean that people meet; each was seen with sops 3.11.0."""


def is_encrypted(value: Json) -> bool:
    """Whether a document is one that sops wrote: it may lie beside the manifests and is none."""
    return isinstance(value, dict) and isinstance(value.get("sops"), dict) and "kind" not in value


def split_reference(text: str) -> tuple[str, str]:
    """The file and the JSON Pointer of `FILE#/pointer`."""
    file, _, pointer = text.partition("#")
    return file, pointer


def sops_command(path: Path) -> Command:
    """How the file at `path` is decrypted. Raises Unresolved for what is no regular file."""
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        raise Unresolved(f"the file {reason(error)}", "") from None
    if not regular:
        raise Unresolved("the file is not a regular file", "")
    return Command(
        name="sops",
        arguments=("sops", "--decrypt", "--output-type", "json", str(path)),
        folder=path.parent,
        max_bytes=MAX_DOCUMENT_BYTES,
        help=f"run `sops --decrypt {shown(path.name)}` by hand to see why",
    )


def explained(error: Unresolved) -> Unresolved:
    """A failure of sops with what its exit code means, where it is one of the usual ones."""
    for ending, meaning in _ENDINGS.items():
        if str(error).endswith(ending):
            return Unresolved(f"{meaning} ({ending})", error.help, error.code)
    return error


def document(output: bytes) -> Json:
    """What sops printed. Raises Unresolved."""
    try:
        return json.loads(output.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Unresolved("sops printed no JSON", "") from None


def value_at(tree: Json, pointer: str) -> str:
    """The string that an RFC 6901 pointer leads to. Raises Unresolved."""
    for token in tokens(pointer):
        if isinstance(tree, dict) and token in tree:
            tree = tree[token]
        elif isinstance(tree, list) and _POSITION.fullmatch(token) and int(token) < len(tree):
            tree = tree[int(token)]
        else:
            raise Unresolved(f"nothing stands at {pointer} in the decrypted file", "")
    if not isinstance(tree, str):
        text = f"at {pointer} stands {kind_of(tree)}, not a string"
        raise Unresolved(text, "" if isinstance(tree, dict | list) else "put it in quotes there")
    if not tree:
        raise Unresolved(f"the string at {pointer} is empty", "")
    return tree
