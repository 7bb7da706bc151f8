"""Makes the sample tables anew: `python -m sample_data.generate`. The same seed gives the same files."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sample_data.messages import messages

FOLDER = Path(__file__).parent
SEED = 20260101

Floats = NDArray[np.float64]


def main() -> None:
    """Write every sample table beside this file."""
    for number, (file, make) in enumerate(TABLES.items()):
        table = make(np.random.default_rng(SEED + number))
        european = file == "bakery.csv"
        text = table.to_csv(
            index=False, sep=";" if european else ",", decimal="," if european else ".", lineterminator="\n"
        )
        (FOLDER / file).write_text(text, encoding="utf-8", newline="\n")
        print(f"{file}: {len(table)} rows, {(FOLDER / file).stat().st_size // 1000} kB")


def customers(rng: np.random.Generator) -> pd.DataFrame:
    """Return customers of an internet provider, some of whom left within a quarter."""
    n = 4000
    contract = rng.choice(["monthly", "one year", "two years"], n, p=[0.52, 0.28, 0.20])
    product = rng.choice(["dsl", "cable", "fibre", "mobile only"], n, p=[0.3, 0.3, 0.28, 0.12])
    months = np.minimum(rng.gamma(1.6, 18, n), 96).astype(int)
    joined = pd.Timestamp("2025-09-30") - pd.to_timedelta(months * 30 + rng.integers(0, 30, n), unit="D")
    fee = (
        18 + 9 * (product == "cable") + 17 * (product == "fibre") - 6 * (product == "mobile only") + rng.gamma(2, 4, n)
    )
    calls = rng.poisson(0.6 + 0.9 * (product == "dsl"), n)
    outage_hours = rng.gamma(0.7, 3.0, n) * (1 + (product == "dsl"))
    satisfaction = np.clip(np.round(4.3 - 0.45 * calls - 0.05 * outage_hours + rng.normal(0, 0.8, n)), 1, 5)
    late_payments = rng.poisson(0.35, n)
    payment = rng.choice(["direct debit", "card", "invoice"], n, p=[0.55, 0.25, 0.20])
    logit = (
        -3.1
        + 1.7 * (contract == "monthly")
        - 0.9 * (contract == "two years")
        + 1.1 * np.exp(-months / 14)
        + 0.055 * (fee - 32)
        + 0.55 * (3.5 - satisfaction)
        + 0.5 * (calls >= 3)
        + 0.35 * late_payments
        + 0.45 * (payment == "invoice")
        - 1.1 * (product == "fibre") * (contract != "monthly")
    )
    return pd.DataFrame(
        {
            "customer_id": [f"C-{number}" for number in rng.permutation(90_000)[:n] + 10_000],
            "joined": joined.strftime("%Y-%m-%d"),
            "region": rng.choice(["north", "south", "east", "west", "capital"], n),
            "product": product,
            "contract": contract,
            "payment": payment,
            "monthly_fee": _with_gaps(rng, fee.round(2), 0.02),
            "support_calls": calls,
            "outage_hours": outage_hours.round(1),
            # Unhappy people answer questionnaires less often: that a value is missing says something.
            "satisfaction": pd.Series(satisfaction)
            .mask(rng.random(n) < 0.12 + 0.08 * (satisfaction < 3))
            .astype("Int64"),
            "late_payments": late_payments,
            "newsletter": rng.choice(["yes", "no"], n, p=[0.4, 0.6]),
            "left": np.where(_happens(rng, logit), "yes", "no"),
        }
    )


def houses(rng: np.random.Generator) -> pd.DataFrame:
    """Return houses and flats that were sold in one city."""
    n = 3000
    districts = {
        "Old Town": 1.35,
        "Harbour": 1.22,
        "Parkside": 1.12,
        "University": 1.08,
        "Hillside": 1.0,
        "Mills": 0.86,
    }
    district = rng.choice(list(districts), n, p=[0.12, 0.10, 0.20, 0.18, 0.22, 0.18])
    kind = rng.choice(["flat", "terraced house", "detached house"], n, p=[0.55, 0.25, 0.20])
    area = np.clip(rng.gamma(9, 8.5, n) + 28 * (kind == "terraced house") + 65 * (kind == "detached house"), 22, 380)
    rooms = np.clip(np.round(area / 27 + rng.normal(0, 0.6, n)), 1, 10)
    built = rng.choice(np.arange(1890, 2025), n)
    condition = rng.choice(["to renovate", "fair", "good", "as new"], n, p=[0.12, 0.33, 0.40, 0.15])
    factor = pd.Series(condition).map({"to renovate": 0.78, "fair": 0.93, "good": 1.03, "as new": 1.16}).to_numpy()
    kilometres = np.clip(rng.gamma(2.2, 1.9, n), 0.2, 18)
    sold = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 1370, n), unit="D")
    years = (sold - pd.Timestamp("2022-01-01")).days.to_numpy() / 365
    price = (
        (26_000 + 2_900 * area**0.97)
        * pd.Series(district).map(districts).to_numpy()
        * factor
        * np.exp(-0.028 * kilometres + 0.035 * years + 0.0011 * (built - 1970) * (built > 1970))
        * (1 + 0.09 * (kind == "detached house"))
        * rng.lognormal(0, 0.11, n)
    )
    return pd.DataFrame(
        {
            "listing": np.arange(1, n + 1),
            "sold_on": sold.strftime("%d/%m/%Y"),
            "district": district,
            "type": kind,
            "living_area": [f"{value:.0f} m²" for value in area],
            "rooms": rooms.astype(int),
            "year_built": pd.Series(built).mask(rng.random(n) < 0.06).astype("Int64"),
            "condition": condition,
            "garden": np.where(rng.random(n) < 0.25 + 0.5 * (kind != "flat"), "yes", "no"),
            "km_to_centre": kilometres.round(1),
            "energy_class": pd.Series(rng.choice(list("ABCDEFG"), n)).mask(rng.random(n) < 0.2),
            "price": (price / 500).round().astype(int) * 500,
        }
    )


def machines(rng: np.random.Generator) -> pd.DataFrame:
    """Return measurements of machines on a production line, and the fault that was found next."""
    n = 4000
    machine = rng.integers(1, 41, n)
    age = rng.integers(0, 16, 41)[machine]
    load = np.clip(rng.normal(62, 16, n), 5, 110)
    air = rng.normal(22, 4, n)
    wear_minutes = rng.uniform(0, 260, n)
    speed = rng.normal(1480, 120, n) - 1.4 * (load - 60)
    vibration = rng.gamma(4, 0.45, n) + 0.05 * age
    temperature = air + 31 + 0.33 * load + rng.normal(0, 3, n)
    pressure = rng.normal(6.1, 0.35, n)
    scores = np.column_stack(
        [
            np.full(n, 4.0),
            0.22 * (temperature - 79) + 0.9 * (air > 27) + 2.2,
            2.1 * (vibration - 3.2) + 0.12 * age,
            0.045 * (wear_minutes - 165) + 0.02 * (load - 60) + 1.6,
            4.5 * np.abs(pressure - 6.1) - 0.8 + 0.006 * (1480 - speed),
        ]
    )
    scores += rng.gumbel(0, 0.8, scores.shape)
    names = np.array(["none", "overheating", "bearing", "worn tool", "leak"])
    fault = names[scores.argmax(axis=1)]
    works = np.array(["no work", "fan cleaned", "bearing replaced", "tool replaced", "seal replaced"])
    moment = pd.Timestamp("2025-01-06 06:00") + pd.to_timedelta(np.sort(rng.integers(0, 300 * 1440, n)), unit="min")
    return pd.DataFrame(
        {
            "measured_at": moment.strftime("%Y-%m-%d %H:%M"),
            "machine": [f"M{number:02d}" for number in machine],
            "machine_age_years": age,
            "product": rng.choice(["bolt", "gear", "shaft", "flange"], n, p=[0.4, 0.3, 0.2, 0.1]),
            "load_percent": _with_gaps(rng, load.round(1), 0.03),
            "air_temperature": air.round(1),
            "oil_temperature": _with_gaps(rng, temperature.round(1), 0.02),
            "vibration": vibration.round(2),
            "pressure_bar": pressure.round(2),
            "speed_rpm": speed.round().astype(int),
            "tool_wear_minutes": wear_minutes.round().astype(int),
            # Written by the mechanic after the fault was found: knowing it is cheating.
            "work_done": np.where(rng.random(n) < 0.995, works[scores.argmax(axis=1)], "no work"),
            "fault": fault,
        }
    )


def complaints(rng: np.random.Generator) -> pd.DataFrame:
    """Return messages of customers, and the team that could answer them."""
    return messages(rng, n_rows=3000)


def bakery(rng: np.random.Generator) -> pd.DataFrame:
    """Return daily sales of three bakeries."""
    days = pd.date_range("2024-01-01", "2025-06-30")
    shops = {"Market": 1.0, "Station": 1.35, "School": 0.7}
    day = np.repeat(np.arange(len(days)), len(shops))
    shop = np.tile(list(shops), len(days))
    weekday = days.day_of_week.to_numpy()[day]
    season = np.cos(2 * np.pi * (days.day_of_year.to_numpy()[day] - 15) / 365)
    warmth = (11 - 9.5 * season + rng.normal(0, 3, len(days))[day]).round(1)
    rain = np.where(rng.random(len(days)) < 0.4, rng.gamma(1.2, 4, len(days)), 0)[day].round(1)
    offer = rng.random(len(day)) < 0.15
    holidays = ((weekday < 5) & (shop == "School") & np.isin(days.month.to_numpy()[day], [7, 8])) | (weekday == 6)
    sales = (
        210
        * pd.Series(shop).map(shops).to_numpy()
        * np.array([0.9, 0.88, 0.95, 1.0, 1.15, 1.4, 0.75])[weekday]
        * np.where((shop == "School") & (weekday >= 5), 0.35, 1.0)
        * np.where(holidays & (shop == "School"), 0.6, 1.0)
        * (1 + 0.22 * offer)
        * (1 - 0.009 * np.minimum(rain, 25))
        * (1 + 0.05 * season)
        * rng.lognormal(0, 0.08, len(day))
    )
    return pd.DataFrame(
        {
            "day": days[day].strftime("%d.%m.%Y"),
            "shop": shop,
            "weather_c": pd.Series(warmth).mask(rng.random(len(day)) < 0.03),
            "rain_mm": rain,
            "offer": np.where(offer, "yes", "no"),
            "staff": np.clip(np.round(sales / 90 + rng.normal(0, 0.5, len(day))), 1, 6).astype(int),
            "price_of_a_loaf": [f"{value:.2f} €".replace(".", ",") for value in 3.2 + 0.4 * (day > 365) - 0.5 * offer],
            "sales": sales.round(2),
        }
    )


def _happens(rng: np.random.Generator, logit: Floats) -> NDArray[np.bool_]:
    return np.asarray(rng.random(len(logit)) < 1 / (1 + np.exp(-logit)))


def _with_gaps(rng: np.random.Generator, values: Floats, share: float) -> pd.Series:
    return pd.Series(values).mask(rng.random(len(values)) < share)


TABLES = {
    "customers.csv": customers,
    "houses.csv": houses,
    "machines.csv": machines,
    "complaints.csv": complaints,
    "bakery.csv": bakery,
}

if __name__ == "__main__":
    main()
