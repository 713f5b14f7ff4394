"""The switchboard itself."""

import re
from pathlib import Path

import pytest

from reconciler.sandbox import control
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.store import Store


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("restart_seconds", "5", 5.0),
        ("restart_seconds", 0.5, 0.5),
        ("lost_writes_next", "3", 3),
        ("version_moves", "true", True),
        ("busy_put", "refuse-409", "refuse-409"),
        ("throttle_style", "400", "400"),
        ("throttle_style", 400, "400"),
        ("restart_fails", "a, b", ("a", "b")),
        ("restart_fails", '["a"]', ("a",)),
        ("restart_fails", "", ()),
        ("fault_cloud", "", ""),
    ],
)
def test_switches_are_set_by_name_with_typed_values(
    name: str, typed: object, value: object
) -> None:
    """Text from a command line and values from code both do, and the table shows them."""
    with Store(None) as store:
        control.set_quirk(store, name, typed)
        row = next(row for row in control.quirk_table(store) if row.name == name)
        assert row.value == value
        assert type(row.value) is type(value)
        assert row.value == getattr(store.quirks(), name)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("restart_second", "5", "did you mean restart_seconds?"),
        ("nonsense", "5", "there are: restart_seconds, restart_failure,"),
        ("restart_seconds", "soon", "is a number, not negative"),
        ("restart_seconds", -1, "is a number, not negative"),
        ("restart_seconds", True, "is a number, not negative"),
        ("lost_writes_next", "1.5", "is a whole number, not negative"),
        ("version_moves", "yes", "is true or false"),
        ("version_moves", 1, "is true or false"),
        ("busy_put", "maybe", "is one of: accept, refuse-400, refuse-409"),
        ("fault_cloud", "aws", "is one of: (empty), agentrun"),
        ("restart_fails", [1], "is a list of names"),
    ],
)
def test_what_is_no_switch_or_no_position_is_refused(name: str, typed: object, said: str) -> None:
    """The error names the switches or the positions, and nothing has changed."""
    with Store(None) as store:
        before = store.quirks()
        with pytest.raises(SandboxError) as caught:
            control.set_quirk(store, name, typed)
        assert said in str(caught.value)
        assert store.quirks() == before


def test_switches_are_shared_by_all_who_use_the_file(tmp_path: Path) -> None:
    """What one process sets holds for the server that runs in another."""
    with Store(tmp_path / "s.db") as one, Store(tmp_path / "s.db") as other:
        control.set_quirk(one, "restart_seconds", 7)
        assert other.quirks().restart_seconds == 7


def test_every_switch_has_a_meaning_and_a_test() -> None:
    """No switch without a sentence, and none that no test here turns, to each of its choices."""
    sources = "".join(
        path.read_text("utf-8")
        for path in Path(__file__).parent.glob("test_*.py")
        if path.name != Path(__file__).name
    )
    with Store(None) as store:
        for row in control.quirk_table(store):
            stem = re.sub(r"^(lost|error|hidden_error|not_json)(_\w+_next)$", r"{kind}\2", row.name)
            assert row.doc
            assert stem in sources, row.name
            for choice in row.choices:
                assert f'"{choice}"' in sources, (row.name, choice)
