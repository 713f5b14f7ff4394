"""Which files are taken for manifests, and what a folder may not do."""

import os
from pathlib import Path

import pytest

from reconciler.loader import find as module
from reconciler.loader.find import find, find_candidates, named_folders, require
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


def test_overlays_are_passed_over(tmp_path: Path) -> None:
    """What lies in a folder that a target names as an overlay is no manifest, by a link neither."""
    _touch(tmp_path, "a.yaml", "overlays/prod/a.yaml", "overlays/prod/deep/b.yaml")
    (tmp_path / "current").symlink_to("overlays/prod")
    overlays = [tmp_path / "overlays" / "prod"]
    assert find([tmp_path], config=None, overlays=overlays) == [tmp_path / "a.yaml"]
    assert find([tmp_path], config=None, overlays=[tmp_path / "current"]) == [tmp_path / "a.yaml"]


def test_an_overlay_is_not_taken_for_manifests(tmp_path: Path) -> None:
    """An overlay that is named, or a part of one, is refused, and so is a link into it."""
    _touch(tmp_path, "a.yaml", "o/a.yaml", "o/deep/b.yaml", "x/c.yaml")
    (tmp_path / "x" / "link.yaml").symlink_to("../o/a.yaml")
    overlays = [tmp_path / "o"]
    for path in (tmp_path / "o", tmp_path / "o" / "deep", tmp_path / "o" / "a.yaml"):
        with pytest.raises(InputError, match="belongs to an overlay"):
            find([path], config=None, overlays=overlays)
    with pytest.raises(InputError, match="leads into an overlay") as caught:
        find([tmp_path], config=None, overlays=overlays)
    assert [problem.code for problem in caught.value.problems] == ["path"]


def test_a_folder_is_entered_once_however_many_links_lead_to_it(tmp_path: Path) -> None:
    """Nine links in each of nine folders stand for four hundred million walks: nine are made."""
    for level in range(9):
        (tmp_path / f"d{level}").mkdir()
        for number in range(9 if level else 0):
            (tmp_path / f"d{level - 1}" / f"l{number}").symlink_to(f"../d{level}")
    _touch(tmp_path, "d8/a.yaml")
    (found,) = find([tmp_path], config=None)
    assert found.name == "a.yaml"
    assert find([tmp_path, tmp_path / "d0", tmp_path / "d8"], config=None) == [found]


def test_too_many_manifests_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk ends at a bound, and says which file was one too many."""
    monkeypatch.setattr(module, "MAX_FILES", 3)
    _touch(tmp_path, "a.yaml", "b.yaml", "c.yaml")
    assert len(find([tmp_path], config=None)) == 3
    _touch(tmp_path, "d.yaml", "e.yaml", "f/g.yaml")
    text = "this is one manifest too many: a run takes 3 files"
    assert _refused(tmp_path) == [("d.yaml", text)]


def test_refused_paths_are_told_up_to_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder full of broken links is told about without a flood, and how many there were."""
    monkeypatch.setattr(module, "MAX_REFUSED", 2)
    for name in "abcde":
        (tmp_path / f"{name}.yaml").symlink_to("gone")
    assert _refused(tmp_path) == [
        ("a.yaml", "does not exist"),
        ("b.yaml", "does not exist"),
        ("b.yaml", "3 more paths are refused that are not listed"),
    ]


def test_a_folder_that_vanishes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes away between two looks at it is an error with its path, not a crash."""
    _touch(tmp_path, "a.yaml", "x/b.yaml")
    scandir = os.scandir

    def racing(path: Path) -> object:
        if path.name == "x":
            raise FileNotFoundError(2, "No such file or directory")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", racing)
    assert _refused(tmp_path) == [("x", "does not exist")]


def test_a_file_that_vanishes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes away between the walk and the reading is an error with its path."""
    _touch(tmp_path, "a.yaml")
    candidates = module.find_candidates([tmp_path], config=None)
    (tmp_path / "a.yaml").unlink()
    monkeypatch.setattr("reconciler.loader.load.find_candidates", lambda *_, **__: candidates)
    with pytest.raises(InputError) as caught:
        load([tmp_path], kinds=KINDS)
    (problem,) = caught.value.problems
    assert (problem.code, problem.text) == ("path", "cannot be read: No such file or directory")


def test_names_that_are_no_utf_8_are_shown_escaped(tmp_path: Path) -> None:
    """A file's name is bytes: what is no UTF-8 in it is walked, and told by its bytes."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.yaml"))
    path.symlink_to("gone")
    assert _refused(tmp_path) == [("\\udcff\\udcfe.yaml", "does not exist")]
    path.unlink()
    path.write_text("a: 1\n")
    assert find([tmp_path], config=None) == [path]


def test_a_folder_is_known_for_any_path(tmp_path: Path) -> None:
    """A path that is no path leads to the nearest folder above it, for whatever is sought there."""
    _touch(tmp_path, "x/a.yaml")
    long = "n" * 5000
    paths = [
        tmp_path / name for name in ("x", "x/a.yaml", "gone/b.yaml", long, f"{long}/a", "a\0b")
    ]
    found = list(named_folders(paths))
    assert found == [tmp_path / "x", tmp_path / "x", *[tmp_path] * 4]
    assert list(named_folders([Path(long)])) == [Path()]


def test_only_a_missing_path_is_called_missing(tmp_path: Path) -> None:
    """What is there, or is no path at all, is for the walk to judge."""
    _touch(tmp_path, "a.yaml")
    require([tmp_path, tmp_path / "a.yaml", Path("n" * 5000)])
    with pytest.raises(InputError, match="does not exist"):
        require([tmp_path / "gone"])


def test_a_file_has_the_same_root_alone_and_with_all_others(tmp_path: Path) -> None:
    """References of a file below the configuration may lead as far as the configuration's folder,
    whichever path was named; without a configuration they stay where the walk began.
    """
    config = tmp_path / "reconcile.yaml"
    file = tmp_path / "team" / "a.yaml"
    file.parent.mkdir()
    for path in (config, file):
        path.write_text("a: 1\n", encoding="utf-8")
    for named in (tmp_path, file.parent, file):
        (found,) = find_candidates([named], config=config)
        assert (found.path, found.root) == (file, tmp_path)
    (found,) = find_candidates([file], config=None)
    assert found.root == file.parent


def test_a_link_to_an_overlay_that_lies_elsewhere_is_passed_over(tmp_path: Path) -> None:
    """An overlay may be a link beside the manifests: it holds no manifests, wherever it leads."""
    overlay, base = tmp_path / "overlays" / "prod", tmp_path / "manifests"
    overlay.mkdir(parents=True)
    base.mkdir()
    for path in (overlay / "o.yaml", base / "a.yaml"):
        path.write_text("a: 1\n", encoding="utf-8")
    (base / "prod").symlink_to(overlay)
    found = find_candidates([base], config=None, overlays=[base / "prod"])
    assert [one.path for one in found] == [base / "a.yaml"]
