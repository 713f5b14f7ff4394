"""Several files replaced together: all of them, or none."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reconciler.model.errors import InputError
from reconciler.report.plain import plain


def rewrite(files: Sequence[tuple[Path, bytes]]) -> None:
    """Give each file its new bytes; links and permissions stay.

    Every draft is written before the first file is replaced. Raises InputError when one cannot be:
    then those that were replaced have their old bytes again.
    """
    drafts: list[tuple[Path, Path, bytes]] = []
    done: list[tuple[Path, bytes]] = []
    try:
        for path, data in files:
            final = path.resolve()
            draft = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
            drafts.append((draft, final, final.read_bytes()))
            draft.write_bytes(data)
            draft.chmod(final.stat().st_mode & 0o7777)
        for draft, final, old in drafts:
            os.replace(draft, final)  # noqa: PTH105 - named as what it is, an atomic rename
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
