"""Texts of manifests as odd as an author can write them, from a seeded generator.

Not all of them are valid: what the loader refuses is for the caller to pass over.
"""

from random import Random
from typing import Final

_TOP: Final = ("apiVersion", "kind", "metadata", "spec", "rollout", "defaultTarget", "extra")
_KEYS: Final = (
    "name",
    "labels",
    "cpu",
    "大话",
    '"quoted key"',
    "'it''s'",
    "a-b",
    "x y",
    "~a",
    "z:z",
)
_WORDS: Final = (
    *(
        "info",
        "12",
        "0.30",
        "true",
        "null",
        "~",
        "-x",
        "a:b",
        "a#b",
        "http://x.y/z?q=1",
        "你好,世界",
    ),
    *(
        "JSONPatch",
        "AgentRuntime",
        "🙂",
        "--- a",
        "...",
        "%x",
        "${var.A}",
        "- b",
        "e\u2028f",
        "\u3000g",
    ),
)
_QUOTED: Final = (
    *('"a b"', "'a  b'", '"# no"', "'it''s: x'", '"\\u4f60\\n"', '""', "''", '"- a"', '"a\\\\"'),
    *(
        '"a\n   b"',
        "'a\n\n   b'",
        '"a\\\n   \\  b"',
        '"a  \n\t b\\  \n c"',
        '"\n a"',
        '"a\\ \n  b"',
    ),
)
_COMMENTS: Final = (
    "# c",
    "#c",
    "#",
    "#  两 ",
    "# key: value",
    "# yaml-language-server: $schema=x",
    "#!x",
)
_ENDS: Final = ("", "", "", " ", "  # t", " #t", "   # 尾 ")


class _Text:
    """One text in the making. Lines are written with the column of their collection."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.parts: list[str] = []
        self.anchors = 0

    def maybe(self, share: float) -> bool:
        return self.random.random() < share

    def noise(self, column: int) -> str:
        """Empty lines and comments, in this column or in another."""
        lines = ""
        while self.maybe(0.2):
            if self.maybe(0.5):
                lines += self.random.choice(("", "", "  ", "      ")) + "\n"
            else:
                at = column if self.maybe(0.6) else self.random.randrange(column + 7)
                lines += " " * at + self.random.choice(_COMMENTS) + "\n"
        return lines

    def end(self) -> str:
        return ("\t" if self.maybe(0.002) else self.random.choice(_ENDS)) + "\n"

    def gap(self) -> str:
        return self.random.choice((" ", " ", " ", "   ", "\t" if self.maybe(0.02) else " "))

    def block(self, column: int) -> str:
        """A block scalar whose key stands in `column`."""
        digit = self.random.choice((0, 0, 0, 1, 2, 4))
        inside = max(column, 0) + (digit or self.random.choice((1, 2, 2, 3, 5)))
        marks = self.random.choice(("", "", "-", "+"))
        head = self.random.choice("|>") + (
            f"{digit or ''}{marks}" if self.maybe(0.5) else f"{marks}{digit or ''}"
        )
        lines = []
        for number in range(self.random.randrange(4)):
            extra = self.random.choice(("", "", "  ", "   ")) if number or digit else ""
            words = ("text", "# no comment", "a: b", "- x", "你好 ", "---", "")
            lines.append(" " * inside + extra + self.random.choice(words) + "\n")
        for _ in range(self.random.randrange(3)):
            lines.append(" " * self.random.choice((0, 0, inside, column + 1)) + "\n")
        if self.maybe(0.05) and lines:
            self.parts.append("NO-FINAL-BREAK")
        return f"{head}{self.random.choice(('', '  # h', ' '))}\n" + "".join(lines)

    def flow(self, column: int, depth: int) -> str:
        """A collection in brackets, on one line or several."""
        broken = self.maybe(0.3)
        opened, closed = self.random.choice(("[]", "{}"))
        items = []
        for number in range(self.random.randrange(4)):
            value = (
                self.flow(column, depth + 1) if depth < 2 and self.maybe(0.3) else self.word(True)
            )
            if opened == "{":
                sep = self.random.choice((": ", ":  ", " : "))
                value = f"k{number}{sep}{value}" if self.maybe(0.9) else f"k{number}"
            elif self.maybe(0.1):
                value = f"p{number}: {value}"
            items.append(value)
        if not broken:
            pad = self.random.choice(("", "", " ", "  "))
            comma = self.random.choice((",", ", ", " , "))
            return (
                opened
                + pad
                + comma.join(items)
                + (comma if items and self.maybe(0.1) else "")
                + pad
                + closed
            )
        text = opened + self.end()
        for item in items:
            text += self.noise(column + 1)
            text += " " * (column + 1 + self.random.randrange(5)) + item + "," + self.end()
        return (
            text + self.noise(column + 1) + " " * (column + 1 + self.random.randrange(3)) + closed
        )

    def word(self, inside: bool = False) -> str:
        if self.anchors and self.maybe(0.1):
            return f"*a{self.random.randrange(self.anchors)}" + (" " if inside else "")
        text = self.random.choice(_QUOTED if self.maybe(0.3) else _WORDS[: 8 if inside else None])
        if self.maybe(0.05):
            text = self.random.choice(("!!str ", "! ")) + text
        if self.maybe(0.08):
            self.anchors += 1
            text = f"&a{self.anchors - 1} {text}"
        return text

    def value(self, column: int, depth: int, *, flush: bool) -> str:
        """What stands behind a colon or a dash in a collection of this column, to its line's end."""
        choice = self.random.random()
        if choice < 0.1:
            return self.end()
        if choice < 0.2:
            return self.gap() + self.block(column)
        if choice < 0.35:
            return self.gap() + self.flow(column, 0) + self.end()
        if choice < 0.65 or depth > 3:
            words = self.word()
            if self.maybe(0.1):
                words += (
                    self.random.choice(("\n", "\n\n", " \n")) + " " * (column + 1) + "more of it"
                )
            if self.maybe(0.08):
                at = " " * (column + 1 + self.random.randrange(4))
                return self.end() + (self.noise(column + 2)) + at + words + self.end()
            return self.gap() + words + self.end()
        inner = column + self.random.choice((1, 2, 2, 2, 4))
        head = self.end()
        if self.maybe(0.08):
            self.anchors += 1
            head = f" &a{self.anchors - 1}" + head
        if choice < 0.8:
            inner = column if flush and self.maybe(0.5) else inner
            return head + self.sequence(inner, depth + 1)
        return head + self.mapping(inner, depth + 1)

    def compact(self, column: int, depth: int) -> str | None:
        """A collection that begins on the line of its dash, in a column of the author's choice."""
        if depth > 3 or not self.maybe(0.4):
            return None
        gap = self.random.choice((1, 1, 1, 3))
        inner = column + 1 + gap
        made = (
            self.mapping(inner, depth + 1) if self.maybe(0.7) else self.sequence(inner, depth + 1)
        )
        body = made.lstrip("\n ")
        return " " * gap + body if body and not made.lstrip(" \n").startswith("#") else None

    def sequence(self, column: int, depth: int) -> str:
        text = ""
        for _ in range(self.random.randrange(1, 4)):
            compact = self.compact(column, depth)
            text += self.noise(column) + " " * column + "-"
            text += compact if compact is not None else self.value(column, depth, flush=False)
        return text + self.noise(column)

    def mapping(self, column: int, depth: int, keys: tuple[str, ...] = _KEYS) -> str:
        text = ""
        for key in self.random.sample(keys, self.random.randrange(1, min(6, len(keys)))):
            text += self.noise(column) + " " * column
            if self.maybe(0.03):
                text += f"? {key}\n" + " " * column
                key = ""
            text += f"{key}:" if self.maybe(0.97) else f"{key} :"
            text += (
                self.metadata(column)
                if key == "metadata"
                else self.value(column, depth, flush=True)
            )
        return text + self.noise(column)

    def metadata(self, column: int) -> str:
        inner = column + self.random.choice((1, 2, 4))
        keys = ("allowUnknown", "labels", "name", "complete")
        if self.maybe(0.3):
            return " {labels: {a: b}, name: x}" + self.end()
        return self.end() + self.mapping(inner, 2, keys)

    def document(self) -> str:
        head = self.noise(0)
        choice = self.random.random()
        if choice < 0.8:
            column = self.random.choice((0, 0, 0, 0, 2))
            return head + self.mapping(column, 0, _TOP)
        if choice < 0.85:
            return head + self.sequence(0, 0)
        if choice < 0.9:
            return head + self.flow(0, 0) + self.end()
        return head + (self.word() + self.end() if choice < 0.95 else "")


def text_of(random: Random) -> str:
    """One text: documents with every separator that YAML has, and any line ends."""
    text = _Text(random)
    made = ""
    if text.maybe(0.3):
        made += text.noise(0) + text.random.choice(
            ("---\n", "--- # d\n", "%YAML 1.2\n---\n", "---\n\n")
        )
    made += text.document()
    while text.maybe(0.35):
        seams = (
            "---\n",
            "---\n",
            "---  # d\n",
            "...\n---\n",
            "...\n# c\n---\n",
            "...\n%YAML 1.2\n---\n",
            "---\n---\n",
            "...\n",
            "...  # e\n\n--- # f\n",
        )
        text.anchors = 0
        made += text.random.choice(seams) + text.document()
    if text.maybe(0.1):
        made += text.random.choice(("---\n", "...\n", "\n\n\n", "--- # end\n", "...\n# end\n"))
    if text.maybe(0.1) or text.parts:
        made = made.rstrip("\n")
    if text.maybe(0.1):
        made = made.replace("\n", random.choice(("\r\n", "\r")))
    return ("\ufeff" if text.maybe(0.05) else "") + made
