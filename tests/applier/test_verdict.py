"""What an agent is said to have come to, in words that need no cloud to be told."""

from reconciler.applier.job import Job, Run
from reconciler.applier.stop import Stop
from reconciler.applier.verdict import half_shown_reason, not_kept_reason, without_write
from reconciler.differ.decide import Decision
from reconciler.differ.options import Options
from reconciler.model.live import Absent
from reconciler.model.outcome import Cause, Result
from reconciler.model.plan import About, Delete
from reconciler.model.target import Limits, Wait
from tests.support.applying import MemoryJournal, Watcher
from tests.support.memory import MemoryCloud
from tests.support.shapes import RUNTIME, desired
from tests.support.virtual import VirtualClock


def test_each_value_that_was_not_kept_is_told_with_its_place() -> None:
    """The line of the manifest that declares it, one by one."""
    wanted = desired({"cpu": 2, "memory": 1, "port": 3})
    reason = not_kept_reason(wanted, ["/cpu", "/port"], RUNTIME)
    assert reason.startswith(
        "the cloud did not keep /cpu (bot.yaml:3:5), /port (bot.yaml:5:5); each run"
    )


def test_what_reads_show_of_a_lost_write_is_told_by_what_is_missing() -> None:
    """With the place of each value, and who looks after it."""
    assert half_shown_reason(desired({"cpu": 2, "port": 3}), ["/port"]) == (
        "the reply was lost, and reads show only a part of what was written: not /port "
        "(bot.yaml:4:5); the next run reads again and writes what still differs"
    )


def test_nothing_is_deleted() -> None:
    """A plan never says so yet; if one did, nothing would be sent."""
    clock = VirtualClock()
    wanted = desired({})
    plan = Delete(About(wanted.address, wanted.place))
    run = Run(clock, MemoryJournal(), Watcher(), Wait(), Limits(), Options(), Stop())
    job = Job(wanted, RUNTIME, MemoryCloud(clock), Absent(), plan)
    ending = without_write(Decision(plan), job, run)
    assert ending is not None
    assert (ending.result, ending.cause) == (Result.BLOCKED, Cause.GUARD)
    assert ending.reason == "deleting is not supported yet"
