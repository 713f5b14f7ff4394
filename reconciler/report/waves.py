"""In which order a plan is carried out: waves and canaries, where there are any."""

from collections import Counter

from reconciler.model.plan import About, Create, Delete, Plan, Update
from reconciler.report.count import counted


def turn_words(about: About) -> str:
    """`wave 1, canary`; empty for a plan of one wave without canaries."""
    wave = "" if about.wave is None else f"wave {about.wave}"
    return ", ".join(filter(None, (wave, "canary" if about.leads else "")))


def waves_line(plan: Plan) -> str:
    """`Order: wave 0 (3 writes, 1 canary first), wave 1 (2 writes)`; empty where all is one."""
    written = [one.about for one in plan.agents if isinstance(one, Create | Update | Delete)]
    writes = Counter(about.wave for about in written)
    canaries = Counter(about.wave for about in written if about.leads)
    if len(writes) < 2 and not canaries:
        return ""
    parts = []
    for wave in sorted(writes, key=lambda number: number or 0):
        name = "all" if wave is None else f"wave {wave}"
        first = ""
        if canaries[wave]:
            first = f", {counted(canaries[wave], 'canary', 'canaries')} first"
        parts.append(f"{name} ({counted(writes[wave], 'write')}{first})")
    return f"Order: {', '.join(parts)}"
