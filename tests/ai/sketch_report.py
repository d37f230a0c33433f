"""How musical Sketch is, in figures: `python -m tests.ai.sketch_report --seeds 200`.

What is counted: `studio.ai.composer.measures`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from studio.ai.composer.measures import Counts, count, of_result
from studio.ai.models.sketch import Sketch
from studio.ai.requests import Controls, Request, Result, Task, take_id
from studio.domain.gap import Gap
from studio.domain.project import ChordSpan, Project, new_song
from studio.edit.takes import PlaceTake

PROMPTS = (
    "a happy pop song at 110 bpm",
    "sad rock in E minor",
    "jazz swing, upright bass and brushes, 140 bpm",
    "bossa nova in D minor with nylon guitar and flute",
    "slow 12-bar blues in A, harmonica",
    "funk with slap bass, busy",
    "deep house, dark",
    "lo-fi hip hop, rhodes, 75 bpm",
    "folk ballad in 6/8, violin",
    "Walzer in h-Moll mit Klavier und Streichern",
    "only piano, dreamy, 5/4",
    "metal in 7/8, fast",
)  # fmt: skip


class Silent:
    """A context that lets everything pass."""

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, result: Result) -> None: ...

    def check_cancelled(self) -> None: ...


def compose(
    prompt: str,
    seed: int,
    bars: int = 16,
    song: Project | None = None,
    controls: Controls | None = None,
) -> Result:
    """A new song of `bars` bars from words."""
    song = song if song is not None else new_song()
    length = bars * song.tempo.meter_at(0).ticks_per_bar
    request = Request(
        Task.COMPOSE,
        Gap((), 0, length),
        "sketch",
        "1",
        seed,
        song,
        prompt,
        controls=controls or Controls(),
    )
    return Sketch().generate(request, Silent())


def song_of(prompt: str, seed: int = 1, bars: int = 8) -> Project:
    """An empty song with what Sketch composes from words placed in it."""
    song = new_song()
    gap = Gap((), 0, bars * 3840)
    request = Request(Task.COMPOSE, gap, "sketch", "1", seed, song, prompt)
    made = Sketch().generate(request, Silent())
    return place(request, made)


def place(request: Request, made: Result) -> Project:
    """The request's song with a result placed as the window places it."""
    take = PlaceTake(
        take_id(request),
        request.gap,
        made.parts,
        None,
        "",
        made.tempo,
        made.key,
        made.chords,
        made.sections,
    )
    return take.apply(request.song)


def measure(result: Result) -> Counts:
    """The counts of one composed song."""
    return count(of_result(result))


def chord_at(chords: Sequence[ChordSpan], tick: int) -> ChordSpan:
    return next(span for span in chords if span.start <= tick < span.end)


def music_of(result: Result) -> tuple[str, ...]:
    """What was written, to compare two results by."""
    return tuple(part.notes.digest for part in result.parts)


@dataclass
class Distinctness:
    """How many results were alike that should differ, and differed that should be alike."""

    same_for_seeds: int = 0
    same_for_words: int = 0
    unequal: int = 0


def survey(
    prompts: Sequence[str], seeds: Sequence[int], bars: int = 16
) -> Iterator[tuple[str, Counts, Distinctness]]:
    """Counts for each prompt over all seeds."""
    heard: dict[tuple[str, ...], str] = {}
    for prompt in prompts:
        total, likeness = Counts(), Distinctness()
        mine: set[tuple[str, ...]] = set()
        for seed in seeds:
            result = compose(prompt, seed, bars)
            music = music_of(result)
            likeness.same_for_seeds += music in mine
            likeness.same_for_words += heard.setdefault(music, prompt) != prompt
            mine.add(music)
            if seed < 8:
                likeness.unequal += music_of(compose(prompt, seed, bars)) != music
            total.add(measure(result))
        yield prompt, total, likeness


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--bars", type=int, default=16)
    given = parser.parse_args(argv)
    whole, alike = Counts(), Distinctness()
    for prompt, figures, likeness in survey(PROMPTS, range(given.seeds), given.bars):
        _show(prompt, figures, likeness)
        whole.add(figures)
        for each in fields(alike):
            setattr(alike, each.name, getattr(alike, each.name) + getattr(likeness, each.name))
    _show(f"all, {whole.songs} songs", whole, alike)
    return 0


def _show(title: str, figures: Counts, likeness: Distinctness) -> None:
    rows = [f"{name} {value:.2f}" for name, value in figures.rates().items()]
    sys.stdout.write(f"{title}\n  {'; '.join(rows)}\n  {likeness}\n")


if __name__ == "__main__":
    raise SystemExit(main())
