"""What the arguments of several commands have in common: numbers, bars, shares, keys."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from studio.core import paths
from studio.domain.theory import pitch_class

Command: TypeAlias = Callable[[str, str, object], argparse.ArgumentParser]  # name, what, run
OUT = "x.tutti, x.mid, or x.wav (.flac, .ogg, .mp3)"
_KEY = re.compile(r"([A-Ga-g])([#b]?)(-?\d)")


def add_input(parser: argparse.ArgumentParser, what: str = "a song or a MIDI file") -> None:
    parser.add_argument("input", type=Path, metavar="IN", help=what)


def add_output(parser: argparse.ArgumentParser, what: str = OUT) -> None:
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help=what)
    parser.add_argument("--force", action="store_true", help="write over what is there")


def add_prompt(parser: argparse.ArgumentParser, what: str = "what they should be like") -> None:
    parser.add_argument("--prompt", type=paths.legible, default="", metavar="WORDS", help=what)


def add_tracks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tracks",
        default="",
        metavar="NAMES",
        help="on these tracks, divided by commas (default: all)",
    )


def add_track(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--track", required=True, metavar="NAME", help=what)


def add_bars(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bars",
        type=bar_range,
        metavar="A-B",
        help="which bars, counted from 1: 5-8, or 5 (default: all)",
    )


def add_chords(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--chords",
        default="",
        metavar="CHORDS",
        help='chords to follow, again and again, bars divided by |: "Dm7 | G7 | Cmaj7 A7"',
    )
    parser.add_argument(
        "--keep-to-chords", action="store_true", help="write no note outside its chord"
    )


def add_amount(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--amount", type=share, default=50, metavar="PERCENT", help=f"{what} (default: 50)"
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed",
        type=seed,
        default=0,
        metavar="S",
        help="another number, other music (default: 0)",
    )
    parser.add_argument(
        "--variations",
        type=variations,
        default=1,
        metavar="N",
        help="write N of them, with one seed after the other: x-1.mid, x-2.mid",
    )
    parser.add_argument("--model", metavar="M", help="a model's name (see: studio models)")


def number(text: str, least: int, what: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise argparse.ArgumentTypeError(f"“{text}” is not {what}.")
    return int(text)


def seed(text: str) -> int:
    return number(text, 0, "a whole number from 0 up")


def count(text: str) -> int:
    return number(text, 1, "a number of bars, 1 or more")


def variations(text: str) -> int:
    return number(text, 1, "a number of variations, 1 or more")


def share(text: str) -> int:
    percent = number(text.removesuffix("%"), 0, "a number from 0 to 100")
    if percent > 100:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from 0 to 100.")
    return percent


def bar_range(text: str) -> tuple[int, int]:
    """`5-8` or `5`."""
    first, dash, last = text.partition("-")
    what = "a bar or a range of bars, such as 5 or 5-8"
    bars = number(first, 1, what), number(last if dash else first, 1, what)
    if bars[0] > bars[1]:
        raise argparse.ArgumentTypeError(f"“{text}” ends before it begins.")
    return bars


def key_range(text: str) -> tuple[int, int]:
    """`C3-C5` as MIDI keys, C4 being 60."""
    found = [_KEY.fullmatch(part.strip()) for part in text.split("-", 1)]
    keys = [
        pitch_class(one[1], one[2]) + 12 * (int(one[3]) + 1) for one in found if one is not None
    ]
    if len(keys) != 2 or not 0 <= keys[0] <= keys[1] <= 127:
        raise argparse.ArgumentTypeError(f"“{text}” is no range of keys, such as C3-C5.")
    return keys[0], keys[1]
