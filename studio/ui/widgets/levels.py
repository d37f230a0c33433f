"""How decibels lie on a fader and on a meter, and how they are written."""

from __future__ import annotations

import math

from studio.domain.track import LOUDEST_DB, SILENT_DB
from studio.ui.widgets.number_field import parse_number

_FLOOR_DB = -84.0  # the lowest level a fader shows; its end is silence
METER_LOW_DB, METER_HIGH_DB = -60.0, 6.0


def fader_position(db: float) -> float:
    """Where a level lies on a fader, 0 (silent) to 1 (+12 dB); half the way is about -8 dB."""
    share = (min(db, LOUDEST_DB) - _FLOOR_DB) / (LOUDEST_DB - _FLOOR_DB)
    return float(max(share, 0.0) ** 3)


def fader_db(position: float) -> float:
    """The level at a fader position; the lower end is silence."""
    if position <= 1e-6:
        return SILENT_DB
    return float(_FLOOR_DB + min(position, 1.0) ** (1 / 3) * (LOUDEST_DB - _FLOOR_DB))


def meter_position(db: float) -> float:
    """Where a level lies on a meter, 0 to 1; the upper half covers the top 18 dB."""
    if db <= METER_LOW_DB:
        return 0.0
    share = (min(db, METER_HIGH_DB) - METER_LOW_DB) / (METER_HIGH_DB - METER_LOW_DB)
    return float(share**1.8)


def db_words(db: float) -> str:
    """`-6.0`, `0.0`, `+2.5`, or `-∞` for silence."""
    if db <= _FLOOR_DB:
        return "-∞"
    rounded = round(db, 1) + 0.0
    return f"{rounded:+.1f}" if rounded > 0 else f"{rounded:.1f}"


def parse_db(text: str) -> float:
    """What `db_words` writes, and plain numbers.

    Raises:
        ValueError: The text is no level.
    """
    if text.strip().lower().lstrip("-−") in {"∞", "inf", "off"}:
        return SILENT_DB
    return parse_number(text)


def pan_words(pan: float) -> str:
    """`C`, `L30`, `R100`."""
    share = round(abs(pan) * 100)
    if not share:
        return "C"
    return f"{'L' if pan < 0 else 'R'}{share}"


def parse_pan(text: str) -> float:
    """What `pan_words` writes, and plain percent from -100 to 100.

    Raises:
        ValueError: The text is no position.
    """
    plain = text.strip().lower()
    if plain in {"c", "centre", "center"}:
        return 0.0
    if plain[:1] in {"l", "r"}:
        return parse_number(plain[1:]) / 100 * (-1 if plain[0] == "l" else 1)
    return parse_number(plain) / 100


def level_db(linear: float) -> float:
    """A linear level (1 is full scale) in dB, at least `SILENT_DB`."""
    return 20 * math.log10(linear) if linear > 1e-6 else SILENT_DB
