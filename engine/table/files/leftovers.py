"""What is in a file but not in its table, counted and kept to be shown."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from engine.messages import Message, Phrase
from engine.table.options import LeftOut

MOST_LEFT_OUT = 10_000
_MOST_LETTERS = 1_000


@dataclass
class Leftovers:
    """Lines that are not in the table, or not all of them, by why."""

    lines: dict[Phrase, list[tuple[int, str]]] = field(default_factory=dict)
    counts: dict[Phrase, int] = field(default_factory=dict)

    def add(self, why: Phrase, line: int, text: str) -> None:
        """Keep a line; only so many are kept, but all are counted."""
        kept = self.lines.setdefault(why, [])
        self.counts[why] = self.counts.get(why, 0) + 1
        if len(kept) < MOST_LEFT_OUT:
            kept.append((line, text[:_MOST_LETTERS]))

    def forget(self, line: int) -> None:
        """Take a line back that was added last for some reason."""
        for why, kept in self.lines.items():
            if kept and kept[-1][0] == line:
                kept.pop()
                self.counts[why] -= 1

    def forget_all(self, lines: AbstractSet[int]) -> None:
        """Take lines back, for whatever reason they were added."""
        for why, kept in self.lines.items():
            others = [each for each in kept if each[0] not in lines]
            self.counts[why] -= len(kept) - len(others)
            self.lines[why] = others

    def copy(self) -> "Leftovers":
        """Return the same lines, to which others can be added."""
        return Leftovers({why: list(kept) for why, kept in self.lines.items()}, dict(self.counts))

    def told(self) -> tuple[tuple[Message, ...], tuple[LeftOut, ...]]:
        """Return one message for each reason, and the lines in their order."""
        messages = {why: why(n=n) for why, n in self.counts.items() if n}
        lines = [
            LeftOut(line=line, why=messages[why], text=text)
            for why, kept in self.lines.items()
            if why in messages
            for line, text in kept
        ]
        lines.sort(key=lambda each: each.line)
        return tuple(messages.values()), tuple(lines[:MOST_LEFT_OUT])
