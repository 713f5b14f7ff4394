"""HTML that cannot be anything else: every text is escaped but what was made here."""

from html import escape

from reconciler.report.plain import plain


class Markup(str):
    """HTML that was made by `tag`."""

    __slots__ = ()


def tag(name: str, *content: str, **attributes: str) -> Markup:
    """An element. `content` is made harmless and escaped unless it is `Markup`.

    `class` is written `class_` and a hyphen `_`; attributes are for texts of ours.
    """
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(plain(value))}"'
        for key, value in attributes.items()
    )
    return Markup(f"<{name}{named}>{joined(*content)}</{name}>")


def joined(*content: str) -> Markup:
    """Contents one after the other, each made harmless and escaped unless it is `Markup`."""
    return Markup("".join(part if isinstance(part, Markup) else text(part) for part in content))


def text(content: str) -> Markup:
    """Any text on one line, as HTML that shows it."""
    return Markup(escape(plain(content)))
