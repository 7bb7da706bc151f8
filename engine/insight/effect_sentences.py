"""Says in a sentence how the outcome moves with a column; every word follows from the numbers of the curve."""

from collections.abc import Mapping

from engine.figures import about, chance
from engine.insight.effect_shapes import Course, Shape, course
from engine.insight.effects import MOST_LEVELS, N_STEPS, Effect
from engine.messages import Message, Phrase, phrase

NOTHING_MOVES = phrase("effect_nothing_moves", "No column moves the prediction: it is the same for every row.")
HARDLY = phrase("effect_hardly", "{column} makes hardly a difference.")
ON_AVERAGE = phrase(
    "effect_hardly_on_average",
    "On average {column} makes hardly a difference, yet it moves single predictions: what it does depends on other "
    "columns.",
)
CHANCE = {
    Shape.RISES: phrase(
        "effect_chance_rises", "The chance of {answer} rises with {column}, from {first} to {last} on average."
    ),
    Shape.FALLS: phrase(
        "effect_chance_falls", "The chance of {answer} falls with {column}, from {first} to {last} on average."
    ),
    Shape.RISES_FROM: phrase(
        "effect_chance_rises_from",
        "From about {at} on, {column} raises the chance of {answer}, from {first} to {last} on average.",
    ),
    Shape.FALLS_FROM: phrase(
        "effect_chance_falls_from",
        "From about {at} on, {column} lowers the chance of {answer}, from {first} to {last} on average.",
    ),
    Shape.RISES_UNTIL: phrase(
        "effect_chance_rises_until",
        "Up to about {at}, {column} raises the chance of {answer}, from {first} to {last} on average; then hardly.",
    ),
    Shape.FALLS_UNTIL: phrase(
        "effect_chance_falls_until",
        "Up to about {at}, {column} lowers the chance of {answer}, from {first} to {last} on average; then hardly.",
    ),
    Shape.STEPS_UP: phrase(
        "effect_chance_steps_up",
        "The chance of {answer} jumps up where {column} reaches about {at}, from {first} to {last} on average.",
    ),
    Shape.STEPS_DOWN: phrase(
        "effect_chance_steps_down",
        "The chance of {answer} drops where {column} reaches about {at}, from {first} to {last} on average.",
    ),
    Shape.LOWEST_WITHIN: phrase(
        "effect_chance_lowest_within",
        "The chance of {answer} is lowest where {column} is about {at} ({least}) and higher on both sides (up to "
        "{most}).",
    ),
    Shape.HIGHEST_WITHIN: phrase(
        "effect_chance_highest_within",
        "The chance of {answer} is highest where {column} is about {at} ({most}) and lower on both sides (down to "
        "{least}).",
    ),
    Shape.UP_AND_DOWN: phrase(
        "effect_chance_up_and_down",
        "The chance of {answer} goes up and down with {column}: lowest at about {at_least} ({least}), highest at about "
        "{at_most} ({most}).",
    ),
}
NUMBER = {
    Shape.RISES: phrase(
        "effect_number_rises", "The prediction rises with {column}, from {first} to {last} on average."
    ),
    Shape.FALLS: phrase(
        "effect_number_falls", "The prediction falls with {column}, from {first} to {last} on average."
    ),
    Shape.RISES_FROM: phrase(
        "effect_number_rises_from",
        "From about {at} on, {column} raises the prediction, from {first} to {last} on average.",
    ),
    Shape.FALLS_FROM: phrase(
        "effect_number_falls_from",
        "From about {at} on, {column} lowers the prediction, from {first} to {last} on average.",
    ),
    Shape.RISES_UNTIL: phrase(
        "effect_number_rises_until",
        "Up to about {at}, {column} raises the prediction, from {first} to {last} on average; then hardly.",
    ),
    Shape.FALLS_UNTIL: phrase(
        "effect_number_falls_until",
        "Up to about {at}, {column} lowers the prediction, from {first} to {last} on average; then hardly.",
    ),
    Shape.STEPS_UP: phrase(
        "effect_number_steps_up",
        "The prediction jumps up where {column} reaches about {at}, from {first} to {last} on average.",
    ),
    Shape.STEPS_DOWN: phrase(
        "effect_number_steps_down",
        "The prediction drops where {column} reaches about {at}, from {first} to {last} on average.",
    ),
    Shape.LOWEST_WITHIN: phrase(
        "effect_number_lowest_within",
        "The prediction is lowest where {column} is about {at} ({least}) and higher on both sides (up to {most}).",
    ),
    Shape.HIGHEST_WITHIN: phrase(
        "effect_number_highest_within",
        "The prediction is highest where {column} is about {at} ({most}) and lower on both sides (down to {least}).",
    ),
    Shape.UP_AND_DOWN: phrase(
        "effect_number_up_and_down",
        "The prediction goes up and down with {column}: lowest at about {at_least} ({least}), highest at about "
        "{at_most} ({most}).",
    ),
}
UP_BETWEEN_CHANCE = phrase(
    "effect_chance_up_between",
    "The chance of {answer} rises with {column}, mostly between {before} and {at}, from {first} to {last} on average.",
)
DOWN_BETWEEN_CHANCE = phrase(
    "effect_chance_down_between",
    "The chance of {answer} falls with {column}, mostly between {before} and {at}, from {first} to {last} on average.",
)
UP_BETWEEN_NUMBER = phrase(
    "effect_number_up_between",
    "The prediction rises with {column}, mostly between {before} and {at}, from {first} to {last} on average.",
)
DOWN_BETWEEN_NUMBER = phrase(
    "effect_number_down_between",
    "The prediction falls with {column}, mostly between {before} and {at}, from {first} to {last} on average.",
)
LEVELS_CHANCE = phrase(
    "effect_chance_levels",
    "By {column}, the chance of {answer} is highest for {at_most} ({most}) and lowest for {at_least} ({least}).",
)
LEVELS_NUMBER = phrase(
    "effect_number_levels",
    "By {column}, the prediction is highest for {at_most} ({most}) and lowest for {at_least} ({least}).",
)
MOST_FREQUENT_CHANCE = phrase(
    "effect_chance_most_frequent",
    "Among the {n} most frequent values of {column}, the chance of {answer} is highest for {at_most} ({most}) and "
    "lowest for {at_least} ({least}).",
)
MOST_FREQUENT_NUMBER = phrase(
    "effect_number_most_frequent",
    "Among the {n} most frequent values of {column}, the prediction is highest for {at_most} ({most}) and lowest for "
    "{at_least} ({least}).",
)


OF_ORDER_CHANCE = {
    **dict.fromkeys((Shape.RISES, Shape.RISES_FROM, Shape.RISES_UNTIL), CHANCE[Shape.RISES]),
    **dict.fromkeys((Shape.FALLS, Shape.FALLS_FROM, Shape.FALLS_UNTIL), CHANCE[Shape.FALLS]),
    Shape.STEPS_UP: UP_BETWEEN_CHANCE,
    Shape.STEPS_DOWN: DOWN_BETWEEN_CHANCE,
}
OF_ORDER_NUMBER = {
    **dict.fromkeys((Shape.RISES, Shape.RISES_FROM, Shape.RISES_UNTIL), NUMBER[Shape.RISES]),
    **dict.fromkeys((Shape.FALLS, Shape.FALLS_FROM, Shape.FALLS_UNTIL), NUMBER[Shape.FALLS]),
    Shape.STEPS_UP: UP_BETWEEN_NUMBER,
    Shape.STEPS_DOWN: DOWN_BETWEEN_NUMBER,
}
"""What is said of words in an order: nothing is "about" one of them. What has a turn is told by its ends."""


def shape_of(effect: Effect) -> Shape:
    """Return what the effect does; of levels without an order only whether they make a difference."""
    found = _course(effect).shape
    return found if effect.scale != "levels" or found is Shape.HARDLY else Shape.UP_AND_DOWN


def told(effect: Effect) -> Message:
    """Say how the outcome moves with the column."""
    shape = shape_of(effect)
    if shape is Shape.HARDLY:
        return HARDLY(column=effect.column)
    values = effect.curve
    least, most = values.index(min(values)), values.index(max(values))
    turn = _course(effect).turn
    said = {
        "column": effect.column,
        "n": str(len(effect.cells)),
        "at": _place(effect, turn),
        "before": _place(effect, max(0, turn - 1)),
        "at_least": _place(effect, least),
        "at_most": _place(effect, most),
        "first": _outcome(effect, values[0]),
        "last": _outcome(effect, values[-1]),
        "least": _outcome(effect, values[least]),
        "most": _outcome(effect, values[most]),
    }
    are_all = len(effect.cells) < MOST_LEVELS
    if effect.answer:
        of_levels = LEVELS_CHANCE if are_all else MOST_FREQUENT_CHANCE
        return _phrases(effect, CHANCE, OF_ORDER_CHANCE).get(shape, of_levels)(answer=effect.answer, **said)
    of_levels = LEVELS_NUMBER if are_all else MOST_FREQUENT_NUMBER
    return _phrases(effect, NUMBER, OF_ORDER_NUMBER).get(shape, of_levels)(**said)


def _phrases(
    effect: Effect, of_numbers: Mapping[Shape, Phrase], of_order: Mapping[Shape, Phrase]
) -> Mapping[Shape, Phrase]:
    if effect.scale == "levels":
        return {}
    return of_order if effect.scale == "order" else of_numbers


def _course(effect: Effect) -> Course:
    places = effect.places if effect.scale in {"number", "date"} else None
    return course(effect.curve, effect.n_rows, effect.spread, places)


def _place(effect: Effect, step: int) -> str:
    if effect.scale != "number":
        return effect.cells[step]
    # Beside a long tail, what matters may lie within a thousandth of the whole: the steps nearby say which digits do.
    near = effect.places[max(0, step - 1) : step + 2]
    width = min(effect.places[-1] - effect.places[0], N_STEPS * (near[-1] - near[0]))
    return about(effect.places[step], width)


def _outcome(effect: Effect, value: float) -> str:
    if effect.answer:
        return chance(min(1.0, max(0.0, value)))
    return about(value, max(effect.spread, max(effect.curve) - min(effect.curve)))
