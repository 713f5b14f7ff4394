"""Which of the two parsers is asked about a text.

The C parser reads everything first. Where it refuses a text, or is not certain to read it as the
pure parser does, the pure parser's answer counts: its errors say more. That parser is thirty times
slower, so for one file it is asked about `MAX_CAREFUL` characters only; beyond them the C parser's
answer stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.loader import cevents
from reconciler.loader.bounds import MAX_CAREFUL
from reconciler.loader.certain import certain
from reconciler.loader.events import Event, events


@dataclass(slots=True)
class Parsers:
    """Both parsers, for one file. `careful` is how many characters may still go the slow way."""

    careful: int = MAX_CAREFUL

    def events(self, text: str, base: int) -> Iterator[Event]:
        """See `events.events`."""
        if cevents.PARSER is None:
            return events(text, base)
        answer = cevents.read(text, base)
        if answer.cut or (answer.error is None and certain(text, answer.steps, base)):
            return answer.stream()
        if len(text) > self.careful:
            return answer.stream()
        self.careful -= len(text)
        return events(text, base)
