"""A check for personal data: by the column's name and by how its values are written.

No value is shown as evidence: findings travel with the model.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.first_names import has_first_name
from engine.checks.remedies import leave_out_each
from engine.checks.sample import number_text
from engine.messages import Message, Phrase, listed, phrase
from engine.table.schema import ColumnSchema, Kind

PERSONAL = phrase(
    "personal_data",
    "Columns that seem to hold personal data: {columns}.",
    "Leave them out unless they are needed and you may use them.",
    "The model file contains values that it learned from; whoever has the file can read them.",
)
MAYBE_PERSONAL = phrase(
    "maybe_personal_data",
    "Columns that may hold names of people: {columns}.",
    "Leave them out if they do, and the names are not needed.",
    "The model file contains values that it learned from; whoever has the file can read them.",
)
MAYBE_NAMES = phrase("maybe_names_shown", "{column}: written like names, which may be those of people or of anything.")
NAMES = phrase("personal_names_shown", "{column}: names of people.")
EMAILS = phrase("personal_emails_shown", "{column}: e-mail addresses.")
PHONES = phrase("personal_phones_shown", "{column}: phone numbers.")
IDENTITIES = phrase("personal_identities_shown", "{column}: identity card numbers.")
ACCOUNTS = phrase("personal_accounts_shown", "{column}: bank account numbers.")
CARDS = phrase("personal_cards_shown", "{column}: credit card numbers.")
ADDRESSES = phrase("personal_addresses_shown", "{column}: street addresses.")
BIRTHS = phrase("personal_births_shown", "{column}: dates of birth.")
COMPUTERS = phrase("personal_computers_shown", "{column}: addresses of computers.")

_MOST_VALUES = 500
_LEAST_NUMBER = 1e6
_LEAST_VALUES = 5
_FIRST = 20
_MOST = 0.8
_SOME = 0.5
_FIRST_NAMES_SHARE = 0.2

_PHONE_NAME = re.compile(
    r"(?i)(^|[\W_])(phone|tel|telephone|telefon|mobile|cell|handy|fax|móvil|téléphone|whatsapp)|电话|手机|電話|телефон"
)
_PERSON_NAME = re.compile(
    r"(?i)(first|last|sur|middle|full|given|family|maiden|customer|client|patient|employee|person|student|passenger"
    r"|contact|owner|user|author|teacher|doctor)[\s_.-]*name$|^(vor|nach|familien)name$|^(apellidos?|prénom|prenom|cognome|sobrenome)$"
    r"|姓名|^名字$|氏名|фамилия|^имя$|^фио$"
)
_NAME = re.compile(
    r"(?i)^names?$|^(full)?name$|^(nombre|nom|nome)$|^person$|^customer$|^patient$|^passenger$|^employee$"
)
_ADDRESS_NAME = re.compile(
    r"(?i)(^|[\W_])(street|address|addr|adresse|anschrift|straße|strasse|dirección|direccion|indirizzo|rue)|地址|住址|住所|адрес"
)
_IDENTITY_NAME = re.compile(r"(?i)身份证|证件号|\bssn\b|social[\s_]*security|passport|national[\s_]*id\b|id[\s_]*card")
_BIRTH_NAME = re.compile(
    r"(?i)birth|(^|[\W_])dob($|[\W_])|geburt|geboren|nacimiento|naissance|nascita|生日|出生|рожден"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(\+|00)?[\d(][\d\s().\-/]{6,18}\d")
_MARKED_PHONE = re.compile(
    r"\+\d[\d\s().\-/]{6,16}\d|00[\d\s().\-/]{8,16}\d|\(\d{2,5}\)\s?[\d\s\-]{5,12}|\d{3}[-.\s]\d{3}[-.\s]\d{4}|1[3-9]\d{9}"
)
_SSN = re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
_COMPUTER = re.compile(r"(\d{1,3}\.){3}\d{1,3}|([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}")
_PERSON = re.compile(r"[^\W\d_][^\W\d_'’\-]*\.?,?(\s+\(?[\"“]?[^\W\d_][\w'’\-]*\.?[\"”]?\)?,?){1,3}")
_TITLE = re.compile(r"\b(Mr|Mrs|Miss|Ms|Dr|Herr|Frau|Prof|Master)\b\.?")
_HOUSE = re.compile(r"(?=.*\d)(?=.*[^\W\d_]{3}).{6,}")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_identity_number(text: str) -> bool:
    """Say whether a text is a Chinese identity card number, by its check digit, or a US social security number.

    >>> is_identity_number("11010519491231002X"), is_identity_number("110105194912310021")
    (True, False)
    """
    if re.fullmatch(r"\d{17}[\dXx]", text):
        rest = sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False)) % 11
        return "10X98765432"[rest] == text[-1].upper()
    return _SSN.fullmatch(text) is not None


def is_account_number(text: str) -> bool:
    """Say whether a text is an IBAN, by its check digits.

    >>> is_account_number("DE89 3704 0044 0532 0130 00"), is_account_number("DE88370400440532013000")
    (True, False)
    """
    bare = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", bare):
        return False
    return int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1


def is_card_number(text: str) -> bool:
    """Say whether a text is the number of a payment card, by its first digit, length and check digit.

    >>> is_card_number("4111 1111 1111 1111"), is_card_number("4111 1111 1111 1112")
    (True, False)
    """
    bare = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"[2-6]\d{12,18}", bare):
        return False
    digits = [int(digit) for digit in reversed(bare)]
    return sum(sum(divmod(2 * digit, 10)) if at % 2 else digit for at, digit in enumerate(digits)) % 10 == 0


def _has_digits(text: str) -> bool:
    return sum(sign.isdigit() for sign in text) >= 5


def _may_be_person(text: str) -> bool:
    return any(letter.isalpha() for letter in text) and not any(letter.isdigit() for letter in text)


def _is_person(text: str) -> bool:
    return _PERSON.fullmatch(text) is not None and text[0].isupper()


_SIGNS: tuple[tuple[Phrase, re.Pattern[str] | None, Callable[[str], object], float], ...] = (
    (EMAILS, None, _EMAIL.fullmatch, _SOME),
    (IDENTITIES, None, is_identity_number, _MOST),
    (ACCOUNTS, None, is_account_number, _MOST),
    (CARDS, None, is_card_number, _MOST),
    (COMPUTERS, None, _COMPUTER.fullmatch, _MOST),
    (PHONES, None, _MARKED_PHONE.fullmatch, _MOST),
    (IDENTITIES, _IDENTITY_NAME, _has_digits, _MOST),
    (PHONES, _PHONE_NAME, _PHONE.fullmatch, _SOME),
    (NAMES, _PERSON_NAME, _may_be_person, _SOME),
    (NAMES, None, _TITLE.search, _SOME),
    (ADDRESSES, _ADDRESS_NAME, _HOUSE.fullmatch, _SOME),
)


def personal(name: str, kind: Kind, values: Sequence[str], *, unique_share: float) -> Phrase | None:
    """Say which personal data a column holds, by its name, its kind and some different values; None for none."""
    if kind is Kind.DATE:
        return BIRTHS if _BIRTH_NAME.search(name) else None
    if len(values) < _LEAST_VALUES:
        return None
    for say, named, fits, least in _SIGNS:
        wanted = named is None or named.search(name) is not None
        if wanted and any(map(fits, values[:_FIRST])) and _share(values, fits) >= least:
            return say
    if not _NAME.search(name) or _share(values, _is_person) < _MOST:
        return None
    # "Name" alone may be the name of anything.
    if _share(values, has_first_name) >= _FIRST_NAMES_SHARE:
        return NAMES
    return MAYBE_NAMES if unique_share > _SOME else None


def _share(values: Sequence[str], fits: Callable[[str], object]) -> float:
    return sum(bool(fits(value)) for value in values) / len(values)


def _look(case: Case) -> tuple[Finding, ...]:
    found: dict[str, Message] = {}
    maybe: dict[str, Message] = {}
    for column in case.features:
        if column.kind in {Kind.YES_NO, Kind.CONSTANT} or not _worth_a_look(case, column):
            continue
        levels = case.sample.levels(column.name)
        values = [
            number_text(level) if isinstance(level, float) else str(level) for level in levels.index[:_MOST_VALUES]
        ]
        unique_share = len(levels) / max(int(levels.sum()), 1)
        say = personal(column.original_name, column.kind, values, unique_share=unique_share)
        if say is not None:
            (maybe if say is MAYBE_NAMES else found)[column.name] = say(column=column.name)
    return tuple(
        Finding(
            severity=severity,
            message=message(columns=listed(list(shown))),
            columns=tuple(shown),
            evidence=tuple(shown.values()),
            remedies=leave_out_each(tuple(shown)),
        )
        for shown, message, severity in (
            (found, PERSONAL, Severity.PLEASE_LOOK),
            (maybe, MAYBE_PERSONAL, Severity.HANDLED),
        )
        if shown
    )


def _worth_a_look(case: Case, column: ColumnSchema) -> bool:
    """Leave out numbers too small or not whole to be the number of a person, of which wide tables are full."""
    if not column.kind.is_number:
        return True
    numbers = case.sample.numbers(column)[:_MOST_VALUES]
    known = numbers[np.isfinite(numbers)]
    return bool((known >= _LEAST_NUMBER).all() and (known == np.round(known)).all())


PERSONAL_DATA = Check(key="personal_data", title="Personal data", look=_look)
