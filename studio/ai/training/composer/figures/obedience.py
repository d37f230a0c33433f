"""Whether songs are what was asked for: a thousand requests and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from studio.ai import wishes
from studio.ai.composer.keys import with_keys
from studio.ai.composer.measures import count, key_of, of_song
from studio.ai.composer.song import piece_of
from studio.ai.requests import Controls, Request, Result, Take
from studio.ai.sketch.instruments import INSTRUMENTS
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.composer.figures.songs import Player, project_of, prompts
from studio.ai.wishes import Wish
from studio.core.errors import StudioError
from studio.domain.gap import Part
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.tempo import MeterChange
from studio.domain.theory import SHARP_NAMES, Chord, Key

METERS = ((4, 4), (3, 4), (6, 8), (2, 4), (5, 4), (7, 8), (12, 8))
MODES = ("major", "minor")
BANDS = (
    "piano", "strings", "flute", "violin", "saxophone", "trumpet", "organ", "nylon guitar",
    "electric guitar", "bass", "drums", "clarinet", "vibraphone", "accordion", "cello",
)  # fmt: skip
DEGREES = ((0, ""), (2, "m"), (4, "m"), (5, ""), (7, ""), (9, "m"), (7, "7"), (2, "m7"))
LENGTHS = (2, 2, 3, 3, 4, 4, 4, 5, 6, 8)  # bars; short, so that there can be a thousand
HEARD_BARS = 4  # fewer leave a key open
MOST_SHOWN = 12  # failures kept by kind


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says, and the words or controls that say it. None: not said.

    Attributes:
        instruments: With `only`, and no others.
        without: An instrument that must not play.
        chords: One a bar, set by hand.
    """

    prompt: str
    bpm: int | None = None
    key: Key | None = None
    meter: tuple[int, int] | None = None
    bars: int | None = None
    instruments: tuple[str, ...] = ()
    only: bool = False
    without: str = ""
    chords: tuple[Chord, ...] = ()


def demands(number: int, seed: int = 3) -> Iterator[Asked]:
    """As many as asked for, equal for equal seeds."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        yield _demand(rng)


def _demand(rng: np.random.Generator) -> Asked:
    words = [str(rng.choice(prompts()))]
    asked = Asked("", bars=int(rng.choice(LENGTHS)))
    if rng.random() < 0.7:
        asked = replace(asked, bpm=int(rng.integers(60, 181)))
        words.append(f"at {asked.bpm} bpm")
    if rng.random() < 0.7:
        key = Key(int(rng.integers(12)), str(rng.choice(MODES)))
        asked = replace(asked, key=key)
        words.append(f"in {SHARP_NAMES[key.tonic]} {key.mode}")
    if rng.random() < 0.5:
        asked = replace(asked, meter=METERS[int(rng.integers(len(METERS)))])
        words.append(f"in {asked.meter[0]}/{asked.meter[1]}" if asked.meter else "")
    words.append(f"{asked.bars} bars")
    asked, told = _with_band(asked, rng)
    if asked.key is not None and asked.meter is not None and asked.bars and rng.random() < 0.7:
        asked = replace(asked, chords=_chords(rng, asked.key, asked.bars))
    return replace(asked, prompt=", ".join([*words, told] if told else words))


def _with_band(asked: Asked, rng: np.random.Generator) -> tuple[Asked, str]:
    kind = rng.random()
    if kind < 0.3:
        chosen = tuple(
            str(one) for one in rng.choice(BANDS, int(rng.integers(1, 4)), replace=False)
        )
        return replace(asked, instruments=chosen), f"with {' and '.join(chosen)}"
    if kind < 0.45:
        one = str(rng.choice([name for name in BANDS if name != "drums"]))
        return replace(asked, instruments=(one,), only=True), f"only {one}"
    if kind < 0.6:
        return replace(asked, without="drums"), "no drums"
    return asked, ""


def _chords(rng: np.random.Generator, key: Key, bars: int) -> tuple[Chord, ...]:
    shift = 3 if key.is_minor else 0  # the chords of the relative major
    picked = rng.integers(len(DEGREES), size=bars)
    return tuple(
        Chord((key.tonic + shift + DEGREES[i][0]) % 12, DEGREES[i][1]) for i in picked.tolist()
    )


def request_of(player: Player, asked: Asked, seed: int) -> Request:
    """The request that says so."""
    controls = Controls()
    if asked.chords and asked.meter is not None:
        length = MeterChange(0, *asked.meter).ticks_per_bar
        spans = (ChordSpan(n * length, length, chord) for n, chord in enumerate(asked.chords))
        controls = Controls(chords=tuple(spans))
    wish = Wish(asked.prompt, seed=seed, controls=controls)
    return wishes.compose(new_song(), player.card, wish)


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    del work
    for seed, asked in enumerate(demands(songs)):
        yield request_of(player, asked, seed)


# --- what came of it --------------------------------------------------------------------------


def obeyed(asked: Asked, take: Take) -> dict[str, bool]:
    """For everything that was said, whether the song is so."""
    result, song = take.result, project_of(take)
    meter = song.tempo.meter_at(0)
    found: dict[str, bool] = {}
    if asked.bpm is not None:
        found["tempo"] = abs(song.tempo.tempo_at(0) - asked.bpm) < 1
    if asked.meter is not None:
        found["meter"] = (meter.beats, meter.unit) == asked.meter
    if asked.bars is not None:
        found["bars"] = _last_bar(song) == asked.bars
    if asked.key is not None:
        found["key"] = result.key is not None and result.key == asked.key
        if not asked.chords and (asked.bars or HEARD_BARS) >= HEARD_BARS:
            found["key, as heard"] = _heard_key(song) == asked.key
    if asked.instruments:
        playing = [part for part in result.parts if len(part.notes)]
        found["instruments"] = _all_play(asked.instruments, playing)
        if asked.only:
            found["no others"] = all(_is(part, asked.instruments[0]) for part in playing)
    if asked.without:
        found["none of what was refused"] = not any(p.drums and len(p.notes) for p in result.parts)
    if asked.chords:
        found["chords, named"] = _named(asked, result, meter)
        rates = count(of_song(song)).rates()
        found["chords, heard"] = rates["chord tones of all parts on strong beats"] >= 85.0
    return found


def _last_bar(song: Project) -> int:
    """The bar in which the last note starts."""
    starts = [int(v.start.max()) for v in of_song(song).voices if len(v.start)]
    return song.tempo.bar_at(max(starts)) if starts else 0


def _heard_key(song: Project) -> Key | None:
    piece = piece_of(song).piece
    bars = piece.bars.copy()
    bars["tonic"] = bars["mode"] = -1
    return key_of(with_keys(replace(piece, bars=bars)))


def _all_play(names: Sequence[str], playing: Sequence[Part]) -> bool:
    """Whether each instrument has a part of its own: two guitars are two parts."""
    fits = np.array([[_is(part, name) for part in playing] for name in names], bool)
    if not fits.size:
        return False
    chosen = maximum_bipartite_matching(csr_array(fits), perm_type="column")
    return bool((chosen >= 0).all())


def _is(part: Part, name: str) -> bool:
    """Whether a part is played by the instrument, or by one of its General MIDI family."""
    wanted = INSTRUMENTS[name]
    if wanted.drums or part.drums:
        return wanted.drums and part.drums
    if wanted.role == "bass" and part.role == "bass":
        return True
    return part.program // 8 == wanted.program // 8


def _named(asked: Asked, result: Result, meter: MeterChange) -> bool:
    """Whether the song's chord lane holds the chord of each bar."""
    starts = [index * meter.ticks_per_bar for index in range(len(asked.chords))]
    at = [next((s.chord for s in result.chords if s.start <= t < s.end), None) for t in starts]
    return at == list(asked.chords)


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """For every player and kind of demand: asked, obeyed, and some that were not."""
    del work
    found: dict[str, Any] = {}
    for player in players:
        asked_of, obeyed_of, refused = Counter[str](), Counter[str](), 0
        failures: dict[str, list[str]] = {}
        for seed, asked in enumerate(demands(songs)):
            try:
                kinds = obeyed(asked, player.fill(request_of(player, asked, seed)))
            except StudioError as error:
                refused += 1
                failures.setdefault("refused", []).append(f"{asked.prompt}: {error}")
                continue
            for kind, well in kinds.items():
                asked_of[kind] += 1
                obeyed_of[kind] += well
                if not well and len(failures.setdefault(kind, [])) < MOST_SHOWN:
                    failures[kind].append(asked.prompt)
        found[player.title] = {
            "requests": songs,
            "refused": refused,
            "kinds": {kind: [asked_of[kind], obeyed_of[kind]] for kind in sorted(asked_of)},
            "failures": failures,
        }
    return found


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    kinds = sorted({kind for found in data.values() for kind in found["kinds"]})
    with plots.axes(folder / "obedience.svg", 7, 3) as ax:
        series = {
            title: [100 * obeyed / max(asked, 1) for asked, obeyed in (
                found["kinds"].get(kind, (0, 0)) for kind in kinds
            )]
            for title, found in data.items()
        }  # fmt: skip
        plots.grouped(ax, kinds, series, "obeyed, %")
    return ["obedience.svg"]


def tell(data: dict[str, Any]) -> str:
    kinds = sorted({kind for found in data.values() for kind in found["kinds"]})
    rows = []
    for kind in kinds:
        cells = [found["kinds"].get(kind, (0, 0)) for found in data.values()]
        asked = max(asked for asked, _ in cells)
        told = (intervals.told(intervals.percent(well, n)) for n, well in cells)
        rows.append([kind, asked, *told])
    number = max(found["requests"] for found in data.values())
    refused = ", ".join(f"{title} {found['refused']}" for title, found in data.items())
    return (
        f"Percent obeyed, with 95 % intervals, of {number} random requests in words (chords by "
        f"hand) for songs of {min(LENGTHS)} to {max(LENGTHS)} bars. Key as heard: estimated from "
        f"the notes alone, of songs of {HEARD_BARS} bars or more. Chords heard: at least 85 % of "
        f"the notes on strong beats belong to them. Instruments: each that was named has a part "
        "of its own, played by it or by one of its General MIDI family; with others beside them "
        f"unless “only” was said. Refused with a sentence: {refused}.\n\n"
        + plots.table(["demand", "asked", *data], rows, 1)
    )
