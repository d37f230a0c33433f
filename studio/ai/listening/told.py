"""What a take of listening tells, by the recording's own time."""

from __future__ import annotations

import itertools

import numpy as np

from studio.ai.listening.beats import beats_of
from studio.ai.listening.heard import Heard, HeardChord, HeardSection, Seconds
from studio.ai.requests import Excerpt, Result
from studio.domain.tempo import TempoMap


def heard_of(excerpt: Excerpt, result: Result) -> Heard:
    """What was heard in an excerpt, in seconds from the start of the whole recording."""
    first = excerpt.first_frame / excerpt.source.sample_rate
    end = first + excerpt.seconds
    tempo = result.tempo or TempoMap()

    def seconds(ticks: list[int]) -> Seconds:
        return np.minimum(first + tempo.seconds(np.array(ticks, np.int64)), end)

    starts = seconds([span.start for span in result.chords]).tolist()
    ends = seconds([span.end for span in result.chords]).tolist()
    chords = [span.chord for span in result.chords]
    borders = [*seconds([tick for tick, _ in result.sections]).tolist(), end]
    labels = [label for _, label in result.sections]
    sections = zip(itertools.pairwise(borders), labels, strict=True)
    return Heard(
        excerpt.seconds,
        beats_of(
            first + np.array([beat.seconds for beat in result.beats], np.float64),
            np.array([beat.downbeat for beat in result.beats], np.bool_),
        ),
        result.key,
        tuple(map(HeardChord._make, zip(starts, ends, chords, strict=True))),
        tuple(HeardSection(start, until, label) for (start, until), label in sections),
        why=result.why,
    )


def in_words(heard: Heard) -> str:
    """`104.2 bpm, 4 beats a bar, D minor, 32 chords, 5 sections`; empty where nothing was heard."""
    beats, found = heard.beats, []
    if len(beats):
        found += [f"{beats.bpm:.1f} bpm", f"{beats.beats_per_bar} beats a bar"]
    if heard.key is not None:
        found.append(heard.key.name)
    for things, name in ((heard.chords, "chord"), (heard.sections, "section")):
        if things:
            found.append(f"{len(things)} {name}{'s' * (len(things) != 1)}")
    return ", ".join(found)


def in_brief(heard: Heard) -> str:
    """`104.2 bpm · D minor`, as much of it as was heard."""
    bpm = f"{heard.beats.bpm:.1f} bpm" if len(heard.beats) else ""
    return " · ".join(filter(None, (bpm, heard.key.name if heard.key is not None else "")))
