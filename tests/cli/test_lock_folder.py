"""Where locks on files lie: below the home folder, and what happens where there is none."""

import tempfile
from pathlib import Path

import pytest

from reconciler.cli.locks import state_folder
from reconciler.model.errors import InputError


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of the test's own."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_the_home_folder_decides_unless_a_variable_does(tmp_path: Path) -> None:
    """XDG_STATE_HOME goes first where it is a whole path; a relative one is passed over."""
    home = tmp_path / "home"
    usual = home / ".local/state/reconcile/locks"
    for given in ("", "relative"):
        assert state_folder({"HOME": str(home), "XDG_STATE_HOME": given}) == usual
    chosen = {"HOME": str(home), "XDG_STATE_HOME": str(tmp_path / "state")}
    assert state_folder(chosen) == tmp_path / "state/reconcile/locks"


def test_without_a_home_that_can_be_written_it_is_among_temporary_files(
    tmp_path: Path, temporary: Path
) -> None:
    """A job whose user has no home still locks, in a folder that is closed to others."""
    (tmp_path / "file").write_text("")
    (made,) = {state_folder({"HOME": str(tmp_path / "file/home")}) for _ in range(2)}
    assert made.parent.parent == temporary
    assert made.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("what", ["link", "file", "open"])
def test_a_folder_that_somebody_else_put_there_is_not_used(
    tmp_path: Path, temporary: Path, what: str
) -> None:
    """A link, a file, or a folder that others may write in keeps nobody out."""
    (tmp_path / "file").write_text("")
    environ = {"HOME": str(tmp_path / "file/home")}
    place = state_folder(environ).parent
    place.rmdir()
    if what == "link":
        place.symlink_to(tmp_path)
    elif what == "file":
        place.write_text("")
    else:
        place.mkdir()
        place.chmod(0o777)
    with pytest.raises(InputError, match="set XDG_STATE_HOME"):
        state_folder(environ)
