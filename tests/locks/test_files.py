"""Locks on files: one holder, gone with its process, named while it lives."""

import json
from pathlib import Path

import pytest

from reconciler.applier.locks.files import FileLocks
from reconciler.applier.locks.owners import decode_owner, described
from reconciler.model.errors import InputError
from tests.support.locking import NAMES, held_elsewhere, owner


def test_a_lock_has_one_holder_who_is_named(tmp_path: Path) -> None:
    """Whoever comes second is told who holds the lock, since when and for what."""
    first, second = FileLocks(tmp_path), FileLocks(tmp_path)
    assert first.take(NAMES, owner()) is None
    holder = second.take(NAMES, owner("run-2"))
    assert holder is not None
    assert (holder.name, holder.owner) == (NAMES[0], owner())
    text = described(holder, owner().since + 200)
    assert text.startswith("ann@here, process 4711, since 2026-09-21T14:13:20Z (3 min): apply")
    first.release()
    assert second.take(NAMES, owner("run-2")) is None


def test_all_or_nothing_is_taken(tmp_path: Path) -> None:
    """Who can't have every lock has none of them: two runs never wait for each other."""
    first, second, third = (FileLocks(tmp_path) for _ in range(3))
    assert first.take(NAMES[1:], owner()) is None
    holder = second.take(NAMES, owner())
    assert holder is not None
    assert holder.name == NAMES[1]
    assert third.take(NAMES[:1], owner()) is None


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    """The lock of a process that was killed is free at once, whatever its file still says."""
    locks = FileLocks(tmp_path)
    with held_elsewhere(tmp_path, NAMES[0]) as process:
        (holder,) = locks.holders(NAMES)
        assert holder.owner is not None
        assert holder.owner.user == "bo"
        assert locks.take(NAMES, owner()) == holder
        process.kill()
        process.wait()
        assert locks.holders(NAMES) == []
        assert locks.take(NAMES, owner()) is None


def test_looking_takes_nothing(tmp_path: Path) -> None:
    """Asking who holds a free lock leaves it free, and makes no file."""
    FileLocks(tmp_path).holders(NAMES)
    assert list(tmp_path.iterdir()) == []
    first, second = FileLocks(tmp_path), FileLocks(tmp_path)
    first.take(NAMES, owner())
    first.release()
    assert second.holders(NAMES) == []
    assert first.take(NAMES, owner()) is None


@pytest.mark.parametrize("replaced", [False, True])
def test_a_lock_whose_file_is_gone_is_lost(tmp_path: Path, replaced: bool) -> None:
    """A file that was removed keeps nobody out any more, and its holder learns that."""
    locks = FileLocks(tmp_path)
    assert locks.take(NAMES, owner()) is None
    assert locks.lost() == ""
    file = next(tmp_path.iterdir())
    file.unlink()
    if replaced:
        file.write_text("")
    assert "was removed or replaced" in locks.lost()


def test_a_lock_is_not_taken_through_a_link(tmp_path: Path) -> None:
    """A link where the lock's file should be is refused, and what it leads to stays as it is."""
    locks = FileLocks(tmp_path)
    locks.take(NAMES, owner())
    locks.release()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for file in tmp_path.glob("*.lock"):
        file.unlink()
        file.symlink_to(victim)
    with pytest.raises(InputError, match="set XDG_STATE_HOME"):
        locks.take(NAMES, owner())
    assert victim.read_text() == "precious"


def test_a_folder_that_cannot_be_used_is_told_with_the_way_out(tmp_path: Path) -> None:
    """Where no lock can be kept nothing is done, and the message names the variable to set."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"no lock can be kept in .*: .*; set XDG_STATE_HOME"):
        FileLocks(tmp_path / "file" / "below").take(NAMES, owner())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        '{"user": 1}',
        '{"user":"a","host":"b","run":"c","command":"d","pid":"x"}',
    ],
)
def test_what_another_program_left_is_no_owner(text: str) -> None:
    """A torn or foreign file names nobody; the holder is then somebody who left no name."""
    assert decode_owner(text.encode()) is None


def test_a_lock_on_a_file_cannot_be_taken_away(tmp_path: Path) -> None:
    """Nothing but the end of its process frees such a lock, and it says so."""
    assert FileLocks(tmp_path).evict(NAMES) == (
        "a lock on a file ends with its process and cannot be taken from it: end the process"
    )


def test_the_file_of_a_lock_names_it_and_its_holder(tmp_path: Path) -> None:
    """For people: each file holds one line of JSON; a holder is told to be alive."""
    FileLocks(tmp_path).take(NAMES, owner())
    found = [json.loads(file.read_text()) for file in tmp_path.glob("*.lock")]
    assert {one["name"] for one in found} == set(NAMES)
    assert {one["user"] for one in found} == {"ann"}
    (first, *_) = FileLocks(tmp_path).holders(NAMES)
    assert first.alive == "its process is alive"
