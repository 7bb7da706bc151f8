"""What can be set in a candidate of a family, and what is wrong with values that a person gives."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.messages import Message, phrase

UNKNOWN_OPTION = phrase(
    "asked_option_unknown",
    "There is no setting called {name} in the family {family}.",
    "Name one of: {choices}.",
)
NOTHING_TO_SET = phrase(
    "asked_nothing_to_set", "The family {family} has no settings, so {name} cannot be set.", "Change another candidate."
)
NOT_A_CHOICE = phrase("asked_not_a_choice", "{name} cannot be {found}.", "Choose one of: {choices}.")
NOT_A_NUMBER = phrase("asked_not_a_number", "{name} has to be a number, and {found} is none.", "Write a number.")
NOT_WHOLE_NUMBER = phrase(
    "asked_not_whole", "{name} has to be a whole number, and {found} is none.", "Leave out what follows the point."
)
OUT_OF_RANGE = phrase(
    "asked_out_of_range", "{name} is {found}, which is outside of what is searched.", "Choose from {low} to {high}."
)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing that can be set in a candidate.

    `choices`: empty for a number from `low` to `high`. `log`: it is thought of by factors.

    >>> Option(name="depth", low=1, high=9, whole=True).read("4")
    4
    """

    name: str
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    log: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this option."""
        return {**vars(self), "choices": list(self.choices)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Option":
        """Rebuild a stored option."""
        return Option(**{**data, "choices": tuple(data["choices"])})

    def read(self, text: str) -> Any:
        """Return the value that a person has written; the text itself when it is none, so that `wrong` can say so."""
        if self.choices:
            return next((each for each in self.choices if str(each).casefold() == text.strip().casefold()), text)
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if self.whole and number.is_integer() else number

    @property
    def usual(self) -> str:
        """What is searched, in one line."""
        return listed(self.choices) if self.choices else f"{self.low:g} – {self.high:g}"

    def suits(self, value: Any) -> bool:
        """Say whether a value is of the kind that is searched, though it may lie elsewhere.

        >>> leaves = Option(name="num_leaves", low=4, high=255, whole=True)
        >>> leaves.suits(300), leaves.suits(-3), leaves.suits(4.5), leaves.suits("many")
        (True, False, False, False)
        """
        known = self.choices or (self.low, self.high)
        if any(isinstance(each, bool | str) for each in known):
            return self.wrong(value) is None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return False
        is_whole = self.whole or all(isinstance(each, int) for each in self.choices or (0.5,))
        return (not is_whole or float(value).is_integer()) and bool(value >= min(*known, 0.0))

    def wrong(self, value: Any) -> Message | None:
        """Say what is wrong with a value; None when it can be taken."""
        if self.choices:
            known = any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in self.choices)
            return None if known else NOT_A_CHOICE(name=self.name, found=str(value), choices=listed(self.choices))
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return NOT_A_NUMBER(name=self.name, found=str(value))
        if self.whole and not float(value).is_integer():
            return NOT_WHOLE_NUMBER(name=self.name, found=str(value))
        if not self.low <= value <= self.high:
            return OUT_OF_RANGE(name=self.name, found=str(value), low=f"{self.low:g}", high=f"{self.high:g}")
        return None


class NotingTrial:
    """A trial that notes what it is asked for, and answers with what is lowest or first, or as it was told."""

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        self._answers = answers or {}
        self.noted: dict[str, Option] = {}

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Note a real number."""
        self.noted[name] = Option(name=name, low=low, high=high, log=log)
        return low

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Note a whole number."""
        self.noted[name] = Option(name=name, low=low, high=high, whole=True, log=log)
        return low

    def suggest_categorical(self, name: str, choices: tuple[Any, ...]) -> Any:
        """Note some choices."""
        self.noted[name] = Option(name=name, choices=tuple(choices))
        return self._answers.get(name, choices[0])


def option_problems(
    family: str, options: Sequence[Option], parameters: Mapping[str, Any], like: Mapping[str, Any]
) -> Iterator[Message]:
    """Tell what is wrong with the parameters of a candidate; what stands in the one it is made from is never wrong."""
    known = {option.name: option for option in options}
    for name, value in parameters.items():
        if name in like and like[name] == value:
            continue
        if not known:
            yield NOTHING_TO_SET(family=family, name=name)
        elif name not in known:
            yield UNKNOWN_OPTION(family=family, name=name, choices=listed(known))
        elif (wrong := known[name].wrong(value)) is not None:
            yield wrong


def listed(values: Sequence[Any] | Mapping[str, Any]) -> str:
    """Return values in one line, for a sentence."""
    return ", ".join(map(str, values))
