"""Makes up messages to a mail-order shop: a grammar of short sentences, some of them about two things at once."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

OPENINGS = (
    "Hello,",
    "Hi there,",
    "Good morning,",
    "Dear team,",
    "To whom it may concern,",
    "",
    "",
    "Once again:",
    "Hi,",
    "Good evening,",
    "I am writing for the second time.",
    "Sorry to bother you, but",
)
CLOSINGS = (
    "Please help.",
    "Thank you.",
    "I expect an answer this week.",
    "What can I do?",
    "Regards, {name}",
    "",
    "",
    "Thanks, {name}",
    "This is really annoying.",
    "Please call me back.",
    "Kind regards, {name}",
    "I have been a customer for {n} years.",
)
ABOUT: Mapping[str, Sequence[str]] = {
    "billing": (
        "I was charged twice for order {n}.",
        "the invoice {n} shows the wrong amount.",
        "my refund has not arrived yet.",
        "you took {n} euros from my account although I cancelled.",
        "the discount code was not applied to my bill.",
        "why is there a fee of {n} euros on my invoice?",
        "the payment by card was declined but the money is gone.",
        "I need a copy of the invoice for my taxes.",
        "the reminder you sent is wrong, I have paid already.",
    ),
    "delivery": (
        "my parcel {n} has not arrived.",
        "the tracking page has not changed for {n} days.",
        "the box was damaged and wet.",
        "the courier left the parcel with a neighbour I do not know.",
        "I received only half of order {n}.",
        "you sent me the wrong size.",
        "can I change the delivery address of order {n}?",
        "the driver never rang, but the card says nobody was at home.",
        "when will my order be shipped?",
    ),
    "technical": (
        "the {thing} does not switch on any more.",
        "the {thing} stopped working after {n} days.",
        "the app crashes when I open it.",
        "the battery of the {thing} is empty after an hour.",
        "the update of the {thing} fails with error {n}.",
        "there is a strange noise from the {thing}.",
        "the screen of the {thing} stays black.",
        "I cannot connect the {thing} to my network.",
        "the {thing} gets very hot while charging.",
    ),
    "account": (
        "I cannot log in any more.",
        "I forgot my password and the mail to reset it does not come.",
        "please delete my account.",
        "how do I change my e-mail address?",
        "somebody else seems to use my account.",
        "my loyalty points have disappeared.",
        "please stop sending me the newsletter.",
        "my account was locked after {n} attempts.",
        "I would like to change my name after my wedding.",
    ),
}
FILLERS = (
    "I ordered it last {day}.",
    "This has happened before.",
    "My friend has the same problem.",
    "The hotline could not help.",
    "I have waited since {day}.",
    "It was a birthday present.",
    "Nobody answers the phone.",
    "The {thing} itself is fine.",
    "",
    "I already paid for it.",
    "The parcel arrived on {day}.",
    "I tried it on the website and in the app.",
    "",
)
THINGS = ("kettle", "lamp", "headphones", "speaker", "vacuum cleaner", "radio", "watch", "printer")
DAYS = ("Monday", "Tuesday", "Friday", "Sunday", "week", "month")
NAMES = ("Ada", "Ben", "Carla", "Deniz", "Elif", "Finn", "Grace", "Hugo", "Ines", "Jon")
TEAMS = tuple(ABOUT)


def messages(rng: np.random.Generator, *, n_rows: int) -> pd.DataFrame:
    """Return messages with the day and channel on which they came, and the team that answered."""
    rows = []
    for _ in range(n_rows):
        team = TEAMS[rng.choice(len(TEAMS), p=[0.27, 0.33, 0.25, 0.15])]
        topics = [team]
        if rng.random() < 0.15:  # people mention other troubles too
            topics.append(TEAMS[rng.integers(len(TEAMS))])
        text = " ".join(
            filter(
                None,
                [
                    _pick(rng, OPENINGS),
                    *(_pick(rng, ABOUT[topic]) for topic in topics),
                    _pick(rng, FILLERS),
                    _pick(rng, CLOSINGS),
                ],
            )
        )
        # Some messages are passed to the wrong team, and answered there.
        answered_by = TEAMS[rng.integers(len(TEAMS))] if rng.random() < 0.04 else team
        channel = rng.choice(["mail", "chat", "form"], p=[0.6, 0.15, 0.25] if team != "account" else [0.3, 0.5, 0.2])
        day = pd.Timestamp("2025-03-01") + pd.Timedelta(int(rng.integers(0, 200)), "D")
        n_orders = int(rng.poisson(1 if team == "account" else 4))
        rows.append((day.strftime("%Y-%m-%d"), channel, n_orders, text, answered_by))
    return pd.DataFrame(rows, columns=["received", "channel", "orders_so_far", "message", "team"])


def _pick(rng: np.random.Generator, sentences: Sequence[str]) -> str:
    sentence = sentences[int(rng.integers(len(sentences)))]
    return sentence.format(n=rng.integers(2, 99), thing=_any(rng, THINGS), day=_any(rng, DAYS), name=_any(rng, NAMES))


def _any(rng: np.random.Generator, words: Sequence[str]) -> str:
    return words[int(rng.integers(len(words)))]
