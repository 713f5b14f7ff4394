"""What `plan -o` and `apply -o` make of one plan: a maker for each format, called where asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from reconciler.cli.output import Format
from reconciler.model.outcome import Outcome
from reconciler.model.plan import Plan
from reconciler.model.rehearsal import Rehearsal
from reconciler.report.json import dumps
from reconciler.report.location import Located

Makers = Mapping[Format, Callable[[], str]]


def plan_makers(plan: Plan, rehearsal: Rehearsal | None = None) -> Makers:
    """The formats of a plan beside text and JSON; Markdown has its rehearsal too."""
    return {
        Format.MARKDOWN: lambda: _markdown(plan, rehearsal),
        Format.HTML: lambda: _html(plan),
        Format.PATCH: lambda: _patch(plan),
        Format.SARIF: lambda: _sarif(plan),
        Format.JUNIT: lambda: _junit(plan),
        Format.GITHUB: lambda: _github(plan),
        Format.GITLAB: lambda: _gitlab(plan),
    }


def run_makers(plan: Plan, outcomes: Sequence[Outcome], *, seconds: float) -> Makers:
    """The formats of a run beside text and JSON."""

    def markdown() -> str:
        from reconciler.report.markdown import render_run_markdown

        return render_run_markdown(plan, outcomes, seconds=seconds)

    def html() -> str:
        from reconciler.report.html import render_run_html

        return render_run_html(plan, outcomes, seconds=seconds)

    def junit() -> str:
        from reconciler.report.junit import render_run_junit

        return render_run_junit(plan, outcomes, seconds=seconds)

    return {Format.MARKDOWN: markdown, Format.HTML: html, Format.JUNIT: junit}


def _markdown(plan: Plan, rehearsal: Rehearsal | None) -> str:
    from reconciler.report.markdown import MAX_CHARACTERS, render_plan_markdown

    if rehearsal is None:
        return render_plan_markdown(plan)
    from reconciler.report.rehearsal_markdown import render_rehearsal_markdown

    section = render_rehearsal_markdown(rehearsal)
    size = len(section.encode("utf-16-le")) // 2 + 1
    return f"{render_plan_markdown(plan, limit=MAX_CHARACTERS - size)}\n{section}"


def _html(plan: Plan) -> str:
    from reconciler.report.html import render_plan_html

    return render_plan_html(plan)


def _patch(plan: Plan) -> str:
    from reconciler.report.patchdoc import patch_document

    return dumps(patch_document(plan))


def _junit(plan: Plan) -> str:
    from reconciler.report.junit import render_plan_junit

    return render_plan_junit(plan)


def _gitlab(plan: Plan) -> str:
    from reconciler.report.gitlab import gitlab_document

    return dumps(gitlab_document(plan))


def _sarif(plan: Plan) -> str:
    from reconciler import __version__
    from reconciler.report.planissues import RULES
    from reconciler.report.sarif import sarif_document

    return dumps(sarif_document(_located(plan), RULES, version=__version__))


def _github(plan: Plan) -> str:
    from reconciler.report.github import render_most

    return render_most(_located(plan, sort=True))


def _located(plan: Plan, *, sort: bool = False) -> Sequence[Located]:
    """The plan's findings with their files' paths in the repository; the heavy ones first, or not."""
    from reconciler.cli.repository import locate
    from reconciler.report.planissues import NO_FILE, by_weight, plan_issues

    issues = plan_issues(plan)
    issues = by_weight(issues) if sort else issues
    located = locate((issue.problem for issue in issues), Path.cwd())
    return [
        replace(
            one,
            path=None if one.problem.place.file == NO_FILE else one.path,
            weight=issue.weight.value,
            identity=issue.identity,
        )
        for one, issue in zip(located, issues, strict=True)
    ]
