"""How the composer's plans compare with Sketch's and with songs that were held out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from studio.ai.composer.planned import BOOK_OF, planned, quarters
from studio.ai.composer.plans import Plans
from studio.ai.composer.progressions import Bar, cadence, changes, loop_bars, numeral
from studio.ai.composer.vocabulary import SECTIONS
from studio.ai.requests import Controls, Request, Task
from studio.ai.sketch.plan import Plan, plan
from studio.ai.sketch.styles import STYLES
from studio.ai.training.composer.progressions import Stretch, learnt, nats
from studio.domain.gap import Gap
from studio.domain.project import new_song

SEEDS = 200
BARS = 32
_PLAIN = {"A": "verse", "B": "chorus", "C": "bridge", "P": "pre-chorus"}


def figures(plans: Plans, held: Sequence[Stretch], seeds: int = SEEDS) -> dict[str, Any]:
    """Nats of held-out sections by Sketch's progressions, learnt from as the songs were; nats of
    each style's own progressions by the songs; and habits of plans, style by style.

    Args:
        held: Sections of the songs held out.
    """
    found: dict[str, Any] = {"of a song": habits([stretch.bars for stretch in held])}
    everything: list[Stretch] = []
    for style in STYLES:
        asked = [_request(style, seed) for seed in range(seeds)]
        sketched = _stretches(asked, plan)
        once = list({(s.minor, s.bars): s for s in sketched}.values())
        row: dict[str, Any] = {"nats a bar by songs": round(nats(plans.books["songs"], once)[0], 2)}
        if style in BOOK_OF:
            everything += once if BOOK_OF[style] == "songs" else []
            made = _stretches(asked, lambda request: planned(request, plans))
            row |= {"sketch": habits([s.bars for s in sketched])}
            row |= {"plan": habits([s.bars for s in made])}
        found[style] = row
    of_sketch = learnt(everything)
    found["nats a bar, a chord, by Sketch"] = [round(n, 3) for n in nats(of_sketch, held)]
    return found


def habits(sections: Sequence[Sequence[Bar]]) -> dict[str, float]:
    """Shares of sections of eight bars and more that go round in a loop of one, two or four bars,
    and that end with a cadence; chords that begin in a bar; how many differ."""
    long = [tuple(bars) for bars in sections if len(bars) >= 8]
    loops = [loop_bars(bars) for bars in long]
    begun = sum(len(changes(bars, bar)[1]) for bars in long for bar in range(len(bars)))
    count = max(len(long), 1)
    return {
        "sections": len(long),
        "different": len(set(long)),
        **{f"loop of {n}": round(loops.count(n) / count, 3) for n in (1, 2, 4)},
        "cadence": round(sum(bool(cadence(bars, len(bars) - 1)) for bars in long) / count, 3),
        "chords a bar": round(begun / max(sum(map(len, long)), 1), 3),
    }


def _request(style: str, seed: int) -> Request:
    song = new_song()
    gap = Gap((), 0, BARS * song.tempo.meter_at(0).ticks_per_bar)
    prompt = f"a {style} song in 4/4"
    controls = Controls()
    return Request(Task.COMPOSE, gap, "composer", "", seed, song, prompt, controls=controls)


def _stretches(asked: Sequence[Request], make: Callable[[Request], Plan]) -> list[Stretch]:
    return [stretch for request in asked for stretch in stretches_of(make(request))]


def stretches_of(made: Plan) -> Iterator[Stretch]:
    """The sections of a plan, each letter's first alone."""
    minor, seen = made.key.is_minor, set()
    starts = [i for i, bar in enumerate(made.bars) if bar.starts_section]
    for start in starts:
        first = made.bars[start]
        if first.letter in seen or first.count < 8:
            continue
        seen.add(first.letter)
        name = first.section.lower()
        section = name if name in SECTIONS else _PLAIN.get(first.letter, "verse")
        bars = [
            tuple(
                numeral((chord.root - made.key.tonic) % 12, chord.quality, minor)
                for chord in quarters(bar)
            )
            for bar in made.bars[start : start + first.count]
        ]
        yield Stretch("", section, minor, tuple(bars))
