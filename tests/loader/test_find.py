"""Which files are taken for manifests, and what a folder may not do."""

import os
from pathlib import Path

import pytest

from reconciler.loader.find import find
from reconciler.loader.load import load
from reconciler.model.errors import GuardError, InputError
from tests.support.loader import HEAD, KINDS


def _touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: 1\n")


def _refused(*paths: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        find(paths, config=None)
    return [(Path(problem.place.file).name, problem.text) for problem in caught.value.problems]


def test_folders_are_walked_and_sorted(tmp_path: Path) -> None:
    """YAML and JSON files at any depth are found; hidden ones, others and the config are not."""
    _touch(tmp_path, "b.yml", "a.yaml", "x/c.json", "x/y/d.yaml")
    _touch(tmp_path, ".h.yaml", ".git/e.yaml", "x/README.md", "reconcile.yaml", "x/reconcile.yaml")
    found = [str(path.relative_to(tmp_path)) for path in find([tmp_path], config=None)]
    assert found == ["a.yaml", "b.yml", "x/c.json", "x/y/d.yaml"]


def test_a_file_named_twice_is_found_once(tmp_path: Path) -> None:
    """A folder, a file in it and a link to that file are one manifest."""
    _touch(tmp_path, "a.yaml")
    (tmp_path / "b.yaml").symlink_to(tmp_path / "a.yaml")
    paths = [tmp_path, tmp_path / "a.yaml", tmp_path / "x" / ".." / "a.yaml"]
    (tmp_path / "x").mkdir()
    assert find(paths, config=None) == [tmp_path / "a.yaml"]


def test_a_hidden_file_may_be_named(tmp_path: Path) -> None:
    """Who names a hidden file wants it."""
    _touch(tmp_path, ".a.yaml")
    assert find([tmp_path / ".a.yaml"], config=None) == [tmp_path / ".a.yaml"]


def test_a_configuration_of_another_name_is_left_out(tmp_path: Path) -> None:
    """The file given as configuration is no manifest."""
    _touch(tmp_path, "a.yaml", "other.yaml")
    assert find([tmp_path], config=tmp_path / "other.yaml") == [tmp_path / "a.yaml"]


def test_a_folder_without_manifests_is_refused(tmp_path: Path) -> None:
    """An empty folder is more likely a mistake than a wish: refused, and it says why."""
    with pytest.raises(GuardError, match="the folder holds no manifest"):
        find([tmp_path], config=None)
    (tmp_path / "a.yaml").write_text("# nothing yet\n")
    with pytest.raises(GuardError, match="the folder holds no manifest"):
        load([tmp_path], kinds=KINDS)


def test_paths_that_are_no_manifests_are_told_together(tmp_path: Path) -> None:
    """Missing paths, other names, the configuration and devices are refused, all in one error."""
    _touch(tmp_path, "a.txt", "reconcile.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    paths = [tmp_path / name for name in ("gone.yaml", "a.txt", "reconcile.yaml", "pipe.yaml")]
    assert _refused(*paths, Path("/dev/null"), Path("a\0b.yaml")) == [
        ("null", "is neither a file nor a folder"),
        ("a.txt", "is not a manifest by its name"),
        ("gone.yaml", "does not exist"),
        ("pipe.yaml", "is neither a file nor a folder"),
        ("reconcile.yaml", "is the configuration, not a manifest"),
        ("a\\x00b.yaml", "is not a path"),
    ]


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe called like a manifest is refused at once."""
    os.mkfifo(tmp_path / "pipe.yaml")
    assert _refused(tmp_path) == [("pipe.yaml", "is neither a file nor a folder")]


def test_links_may_not_leave_the_folder(tmp_path: Path) -> None:
    """A link to a file or a folder outside is refused: an excerpt would show what lies there."""
    _touch(tmp_path, "outside/secret.yaml", "in/a.yaml")
    (tmp_path / "in" / "file.yaml").symlink_to(tmp_path / "outside" / "secret.yaml")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "outside")
    text = "a symbolic link leads outside the folder"
    assert _refused(tmp_path / "in") == [("file.yaml", text), ("folder", text)]


def test_links_inside_the_folder_are_followed_once(tmp_path: Path) -> None:
    """Links within the folder, as a mounted ConfigMap has them, are fine."""
    _touch(tmp_path, "..data/a.yaml", "sub/b.yaml")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    (tmp_path / "again").symlink_to("sub")
    found = [path.relative_to(tmp_path).as_posix() for path in find([tmp_path], config=None)]
    assert found == ["a.yaml", "again/b.yaml"]


@pytest.mark.parametrize("name", ["loop", "loop.yaml"])
def test_loops_of_links_are_refused(tmp_path: Path, name: str) -> None:
    """A link to itself and a link to a folder above end in an error, not in a walk without end."""
    _touch(tmp_path, "x/a.yaml")
    (tmp_path / name).symlink_to(name)
    (tmp_path / "x" / "up").symlink_to(tmp_path)
    told = dict(_refused(tmp_path))
    assert told["up"] == "a symbolic link leads back to a folder above it"
    assert "symbolic link" in told[name]


def test_dangling_links_matter_only_where_a_manifest_is_meant(tmp_path: Path) -> None:
    """A broken link called like a manifest is an error; another one is nobody's business."""
    _touch(tmp_path, "a.yaml")
    (tmp_path / "notes").symlink_to("gone")
    assert find([tmp_path], config=None) == [tmp_path / "a.yaml"]
    (tmp_path / "b.yaml").symlink_to("gone")
    assert _refused(tmp_path) == [("b.yaml", "does not exist")]


def test_deep_folders_have_an_end(tmp_path: Path) -> None:
    """More than 64 nested folders are refused."""
    path = tmp_path
    for _ in range(70):
        path = path / "d"
    path.mkdir(parents=True)
    assert _refused(tmp_path) == [("d", "folders are nested more than 64 deep")]


def test_file_names_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    """Control and bidi characters in a file's name are escaped wherever it is shown."""
    path = tmp_path / "a\x1b[31m\u202eb.yaml"
    path.write_text(HEAD + "spec: {cpu: x}\n")
    with pytest.raises(InputError) as caught:
        load([path], kinds=KINDS)
    assert caught.value.problems[0].place.file == f"{tmp_path}/a\\x1b[31m\\u202eb.yaml"


def test_a_configuration_with_the_wrong_ending_is_refused(tmp_path: Path) -> None:
    """`reconcile.yml`, in a folder or named, is no manifest: the name it should have is told."""
    _touch(tmp_path, "a.yaml", "x/reconcile.yml")
    refused = [("reconcile.yml", "is neither a manifest nor read as the configuration")]
    assert _refused(tmp_path) == refused
    assert _refused(tmp_path / "x" / "reconcile.yml") == refused
