"""Files replaced at once: a reader sees the old bytes or the new ones, never half of them."""

import errno
import os
import secrets
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reconciler.model.errors import InputError
from reconciler.report.plain import plain


def replace(path: Path, data: bytes) -> None:
    """Give a file its new bytes; a link stays a link, owner and permissions stay. Raises OSError."""
    final = path.resolve()
    draft = _beside(final)
    try:
        _write(draft, data, final)
        _swap(draft, final)
    finally:
        draft.unlink(missing_ok=True)


def rewrite(files: Sequence[tuple[Path, bytes]]) -> None:
    """Replace several files together: all of them, or none. See `replace`.

    Every draft is written before the first file is replaced. Raises InputError when one cannot be:
    then those that were replaced have their old bytes again.
    """
    drafts: list[tuple[Path, Path, bytes]] = []
    done: list[tuple[Path, bytes]] = []
    try:
        for path, data in files:
            final = path.resolve()
            draft = _beside(final)
            drafts.append((draft, final, final.read_bytes()))
            _write(draft, data, final)
        for draft, final, old in drafts:
            _swap(draft, final)
            done.append((final, old))
    except OSError as error:
        for final, old in done:
            with suppress(OSError):
                final.write_bytes(old)
        name = plain(str(error.filename or ""))
        raise InputError(f"nothing was rewritten: {name}: {error.strerror}") from error
    finally:
        for draft, _, _ in drafts:
            with suppress(OSError):
                draft.unlink()


def _beside(final: Path) -> Path:
    """Where the draft of a file lies: hidden, and not longer for a long name."""
    return final.with_name(f".reconcile-{secrets.token_hex(8)}")


def _write(draft: Path, data: bytes, final: Path) -> None:
    """Write a draft, with owner and permissions of the file that it is for, where there is one.

    Raises PermissionError for a read-only file: its folder would allow it, its owner did not.
    """
    if not final.exists():
        draft.write_bytes(data)
        return
    if not os.access(final, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only", str(final))
    draft.write_bytes(data)
    status = final.stat()
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):
            os.chown(draft, status.st_uid, status.st_gid)
    draft.chmod(stat.S_IMODE(status.st_mode))


def _swap(draft: Path, final: Path) -> None:
    os.replace(draft, final)  # noqa: PTH105 - named as what it is, an atomic rename
