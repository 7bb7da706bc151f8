"""The sample tables, each with a story and a question."""

from dataclasses import dataclass
from pathlib import Path

_MADE_UP = "Made up by sample_data/generate.py; nobody in it exists. Free to use under CC0 1.0."


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One sample table. `source` says where it comes from and under which licence."""

    key: str
    title: str
    story: str
    question: str
    file: str
    target: str
    source: str = _MADE_UP

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(__file__).parent / self.file


SAMPLES = (
    Sample(
        key="customers",
        title="Customers of an internet provider",
        story="4,000 customers, what they pay and how content they are. Some cancelled in the following quarter.",
        question="Which customers will leave?",
        file="customers.csv",
        target="left",
    ),
    Sample(
        key="houses",
        title="Houses and flats of one city",
        story="3,000 homes that were sold, with size, place and condition; some years of building are unknown.",
        question="What will a home sell for?",
        file="houses.csv",
        target="price",
    ),
    Sample(
        key="machines",
        title="Machines on a production line",
        story="4,000 measurements and the fault that was found next. One column is written only after the repair.",
        question="Which fault comes next?",
        file="machines.csv",
        target="fault",
    ),
    Sample(
        key="complaints",
        title="Messages to a mail-order shop",
        story="3,000 messages in the words of customers, and the team that could answer them.",
        question="Which team should answer?",
        file="complaints.csv",
        target="team",
    ),
    Sample(
        key="bakery",
        title="Daily sales of three bakeries",
        story="A year and a half of days with weather and offers, in a European spreadsheet's way of writing.",
        question="How much will be sold?",
        file="bakery.csv",
        target="sales",
    ),
)
