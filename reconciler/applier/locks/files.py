"""Locks on files of this machine, which the kernel gives back when their process ends.

They keep out runs of the same user on the same machine and nobody else. The files stay: removing
one that somebody waits for would let two runs in.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from reconciler.applier.locks.owners import decode_owner, encode_owner
from reconciler.model.errors import InputError
from reconciler.ports import Applied, Holder, Owner

_READ = 4096


class FileLocks:
    """See `Locks`. `folder` is made with the first lock."""

    kind = "file"
    reach = "runs of this user on this machine"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def take(self, names: Sequence[str], owner: Owner) -> Holder | None:
        """See `Locks.take`. Raises InputError where no file can be kept."""
        with _told(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in names:
                holder = self._take(name)
                if holder is not None:
                    self.release()
                    return holder
            for name, descriptor in self._held.items():
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, encode_owner(name, owner), 0)
        return None

    def lost(self) -> str:
        """See `Locks.lost`: a file that was removed or replaced keeps nobody out."""
        for name, descriptor in self._held.items():
            if not _same(descriptor, self._path(name)):
                return f"its file {self._path(name)} was removed or replaced"
        return ""

    def holders(self, names: Sequence[str]) -> list[Holder]:
        """See `Locks.holders`."""
        with _told(self._folder):
            return list(self._holders(names))

    def evict(self, names: Sequence[str]) -> str:
        """See `Locks.evict`: never; only the end of its process frees such a lock."""
        del names
        return "a lock on a file ends with its process and cannot be taken from it: end the process"

    def release(self) -> None:
        """See `Locks.release`."""
        while self._held:
            _, descriptor = self._held.popitem()
            os.close(descriptor)

    def applied(self, scope: str) -> Applied | None:
        """See `Locks.applied`: files keep none."""
        del scope
        return None

    def keep(self, scope: str, applied: Applied) -> None:
        """See `Locks.keep`: files keep none."""

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.lock"

    def _take(self, name: str) -> Holder | None:
        """Take one; who holds it otherwise."""
        while True:
            descriptor = _open(self._path(name))
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = decode_owner(os.pread(descriptor, _READ, 0))
                os.close(descriptor)
                return Holder(name, owner, "its process is alive")
            except BaseException:
                os.close(descriptor)
                raise
            if _same(descriptor, self._path(name)):
                self._held[name] = descriptor
                return None
            os.close(descriptor)  # somebody removed the file in between: this one locks nothing

    def _holders(self, names: Sequence[str]) -> Iterator[Holder]:
        for name in names:
            if not self._path(name).exists():
                continue
            holder = self._take(name)
            if holder is not None:
                yield holder
            elif (descriptor := self._held.pop(name, None)) is not None:
                os.close(descriptor)


def _open(path: Path) -> int:
    """Never through a link: another user may have put one there."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _same(descriptor: int, path: Path) -> bool:
    try:
        there = path.stat()
    except OSError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What the disk refuses, told as an error of the user's."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"no lock can be kept in {folder}: {error.strerror or 'unknown error'}; "
            "set XDG_STATE_HOME to a folder that this user can write"
        ) from error
