"""What the policy says of a plan, for people and for programs."""

from collections.abc import Iterator
from typing import Any, Final

from reconciler.model.plan import Plan
from reconciler.model.policy import Finding, Judgement, Level
from reconciler.report.count import counted
from reconciler.report.ink import Ink, Style
from reconciler.report.plain import capped, plain
from reconciler.report.wrap import Line, Piece, hanging, painted

_MAX_LISTED: Final = 20
_MAX_NAMED: Final = 3
_WHOLE: Final = "the whole plan"


def render_policy(
    plan: Plan, *, color: bool, verbose: bool = False, width: int | None = None
) -> str:
    """Every finding on a line with its rule and place, and an empty line; nothing for none.

    Of very many the first are listed, denials before warnings; with `verbose` all are. Lines are
    wrapped where there is a `width`.
    """
    judgement = plan.policy
    if not judgement.findings and not judgement.notices:
        return ""
    ink = Ink(color)
    head = painted([Piece(f"Policy: {summary(judgement)}", Style.STRONG)], ink)
    found = sorted(judgement.findings, key=lambda one: (not one.denies, one.level is Level.WARN))
    listed = found if verbose else found[:_MAX_LISTED]
    lines = [_line(one) for one in listed]
    if len(listed) < len(found):
        lines.append([Piece(f"… {len(found) - len(listed)} more (-v lists them)")])
    lines += [[Piece(plain(capped(one)), Style.WARNING)] for one in judgement.notices]
    rows = (painted(row, ink) for line in lines for row in hanging(line, width, 4))
    return "".join(f"{row}\n" for row in (head, *rows)) + "\n"


def summary(judgement: Judgement) -> str:
    """`1 denial, 2 warnings`."""
    allowed = sum(bool(one.allowed) for one in judgement.findings)
    warnings = sum(one.level is Level.WARN for one in judgement.findings) + len(judgement.notices)
    parts = ((len(judgement.denials), "denial"), (warnings, "warning"))
    told = [counted(number, noun) for number, noun in parts if number]
    if allowed:
        told.append(f"{counted(allowed, 'denial')} allowed by break-glass")
    return ", ".join(told)


def _line(one: Finding) -> Line:
    subject = plain(str(one.address)) if one.address is not None else _WHOLE
    text = plain(capped(one.text))
    if one.denies:
        word = Piece("! denied", Style.WARNING)
    elif one.allowed:
        word, text = Piece("= allowed"), f"{text}; break-glass: {plain(capped(one.allowed))}"
    else:
        word = Piece("~ warning", Style.CHANGED)
    place = Piece(f"({plain(str(one.place))})", Style.DIM)
    return [word, Piece(f"  {subject}  {plain(one.rule)}: {text}  "), place]


def denial(judgement: Judgement) -> str:
    """Why apply is refused, with the way to allow it; empty where no rule denies."""
    denials = judgement.denials
    if not denials:
        return ""
    rules = list(dict.fromkeys(one.rule for one in denials))
    expired = (plain(capped(one)) for one in judgement.notices[:_MAX_NAMED])
    told = "; ".join((*_named(denials), *expired))
    return (
        f"policy denies this plan: {told}. To allow it, change the manifest or the rule, or "
        f"add to policy.breakGlass in reconcile.yaml: {{reason: …, expires: …, "
        f"allow: [{', '.join(map(plain, rules))}]}}"
    )


def _named(denials: tuple[Finding, ...]) -> Iterator[str]:
    for one in denials[:_MAX_NAMED]:
        subject = f"{one.address}: " if one.address is not None else ""
        yield plain(capped(f"{subject}{one.rule}: {one.text} ({one.place})"))
    if len(denials) > _MAX_NAMED:
        yield f"and {len(denials) - _MAX_NAMED} more"


def policy_document(judgement: Judgement) -> dict[str, Any]:
    """The member `policy` of the plan document."""
    return {
        "denied": len(judgement.denials),
        "findings": [_finding(one) for one in judgement.findings],
        "notices": list(judgement.notices),
    }


def _finding(one: Finding) -> dict[str, Any]:
    agent = None
    if one.address is not None:
        agent = {
            "apiVersion": one.address.api_version,
            "kind": one.address.kind,
            "name": one.address.name,
        }
    return {
        "rule": one.rule,
        "level": one.level.value,
        "agent": agent,
        "text": one.text,
        "place": str(one.place),
        "allowedBy": one.allowed,
        "evaluated": one.evaluated,
    }
