"""What an answer is for, in the words of the person who asks."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.messages import Message, phrase

MOST_LETTERS = 200
TOO_LONG = phrase(
    "use_too_long",
    "What a row is and when the answer is used may have {most} letters each, and one of them has {n}.",
    "Say it in fewer words.",
)
ONE_ROW_IS = phrase("use_row", "One row is one {row}.")
USED_WHEN = phrase("use_when", "The answer is used when {when}.")


@dataclass(frozen=True, kw_only=True)
class IntendedUse:
    """What one row stands for, and when its answer is used; empty where the person has not said it.

    Nothing in training depends on it: it stands wherever the model is judged and handed over.

    >>> [message.parameters for message in IntendedUse(row="customer").said]
    [{'row': 'customer'}]
    >>> [message.parameters for message in IntendedUse(row="one customer").said]
    [{'row': 'customer'}]
    """

    row: str = ""
    when: str = ""

    @property
    def said(self) -> tuple[Message, ...]:
        """What the person has said of it, in sentences."""
        row, when = ended(self.row).removeprefix("one "), ended(self.when)
        return (*((ONE_ROW_IS(row=row),) if row else ()), *((USED_WHEN(when=when),) if when else ()))

    def problems(self) -> Iterator[Message]:
        """Tell words that are too many."""
        longest = max(len(self.row), len(self.when))
        if longest > MOST_LETTERS:
            yield TOO_LONG(most=MOST_LETTERS, n=longest)


def ended(text: str) -> str:
    """Return words as a sentence can end with them: in one line, without a full stop of their own.

    >>> ended(" a contract  ends. ")
    'a contract ends'
    """
    return " ".join(text.split()).rstrip(".。")
