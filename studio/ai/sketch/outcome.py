"""From a plan to the result a model hands over: the same way for all that write behind a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from studio.ai.catalogue import ModelContext
from studio.ai.requests import Request, Result, Task
from studio.ai.sketch import balance
from studio.ai.sketch.arrange import arrangers
from studio.ai.sketch.cast import Player, cast
from studio.ai.sketch.compose import Written, one_note
from studio.ai.sketch.harmonise import harmonised, under_melody
from studio.ai.sketch.plan import Plan, plan
from studio.ai.sketch.score import Bar, Event
from studio.core.errors import StudioError
from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan

MOST_PARTIALS = 128  # of a gap with more bars, several are reported at once

# Yields every bar with the notes that start in it, by player; the last argument is called now and
# then, and may raise to stop.
Writer = Callable[[Plan, Sequence[Player], Callable[[], None]], Iterator[tuple[Bar, Written]]]


def prepared(
    request: Request, planner: Callable[[Request], Plan] = plan
) -> tuple[Plan, tuple[Player, ...]]:
    """The plan of a request's gap, and who plays.

    Args:
        planner: What makes the plan, but of a harmonisation.

    Raises:
        StudioError: A track is gone or an instrument is unknown.
    """
    planned = harmonised(request) if request.task is Task.HARMONISE else planner(request)
    if request.task is Task.ARRANGE:
        return planned, arrangers(planned)
    players = cast(planned)
    return planned, under_melody(planned, players) if request.task is Task.HARMONISE else players


def fulfilled(
    planned: Plan, players: Sequence[Player], write: Writer, context: ModelContext
) -> Result:
    """Let `write` fill the gap, and report who will play, then bar by bar.

    Raises:
        StudioError: No note fits the gap's band.
        Cancelled: On request.
    """
    request = planned.request
    result = _opened(planned, players)
    context.partial(result)  # so that the tracks are seen at once
    every = -(-len(planned.bars) // MOST_PARTIALS)
    waiting: dict[int, list[Event]] = {index: [] for index in range(len(players))}
    for count, (bar, rows) in enumerate(write(planned, players, context.check_cancelled), 1):
        for index, events in rows.items():
            waiting[index] += events
        if count % every == 0 or count == len(planned.bars):
            result = _grown(result, waiting, min(bar.end, request.gap.end))
            waiting = {index: [] for index in waiting}
            context.partial(result)
            context.progress(count / len(planned.bars), f"bar {count} of {len(planned.bars)}")
    if _must_write(request) and not any(len(part.notes) for part in result.parts):
        result = _grown(result, {**waiting, **one_note(planned, players)}, request.gap.end)
        _check_room(planned, result)
    return replace(result, written_until=request.gap.end)


def _must_write(request: Request) -> bool:
    """Whether notes are made up, and not only handed on or developed."""
    motif = request.task is Task.EXTEND and request.controls.source
    return request.task not in (Task.HUMANISE, Task.ARRANGE) and not motif


def _check_room(planned: Plan, result: Result) -> None:
    """Raises StudioError where a bar or more was to be written, and no note could be."""
    written = any(len(part.notes) for part in result.parts)
    if not written and planned.request.gap.length >= planned.bars[0].length:
        raise StudioError(
            f"There is no room for a note of {planned.key.name} in this gap.",
            "Widen its pitch range or unlock notes.",
        )


def _opened(planned: Plan, players: Sequence[Player]) -> Result:
    """All of a result but its notes; what only hands on notes says nothing of chords."""
    harmonic = planned.request.task not in (Task.HUMANISE, Task.ARRANGE)
    return Result(
        parts=tuple(
            Part(
                player.track,
                Notes.empty(),
                player.name,
                player.role,
                player.program,
                player.drums,
                volume_db=balance.volume_db(planned, player, players),
                pan=balance.pan(player, players),
            )
            for player in players
        ),
        written_until=planned.request.gap.start,
        tempo=planned.tempo if planned.shaped else None,
        key=planned.key if harmonic else None,
        chords=_chords(planned) if harmonic else (),
        sections=_sections(planned),
        chips=planned.words.chips,
        why=_why(planned),
    )


def _grown(result: Result, added: Mapping[int, Sequence[Event]], until: int) -> Result:
    """The result with more notes, written up to tick `until`."""
    parts = [
        replace(part, notes=part.notes.joined(_notes(added[index]))) if added[index] else part
        for index, part in enumerate(result.parts)
    ]
    return replace(result, parts=tuple(parts), written_until=until)


def _notes(events: Sequence[Event]) -> Notes:
    start, length, pitch, velocity, timing = zip(*events, strict=True)
    return Notes.of(start, length, pitch, velocity=velocity, timing=timing)


def _chords(planned: Plan) -> tuple[ChordSpan, ...]:
    """The chords followed, within the gap, equal neighbours joined."""
    gap = planned.request.gap
    found: list[ChordSpan] = []
    for bar in planned.bars:
        for span in bar.chords:
            start, end = max(span.start, gap.start), min(span.end, gap.end)
            if end <= start:
                continue
            if found and found[-1].chord == span.chord and found[-1].end == start:
                found[-1] = ChordSpan(found[-1].start, end - found[-1].start, span.chord)
            else:
                found.append(ChordSpan(start, end - start, span.chord))
    return tuple(found)


def _sections(planned: Plan) -> tuple[tuple[int, str], ...]:
    """Where sections begin: for a song, and where the words named them."""
    if planned.request.task is not Task.COMPOSE and not planned.words.form:
        return ()
    heads = [
        bar for bar in planned.bars if bar.starts_section and bar.start >= planned.request.gap.start
    ]
    return tuple((bar.start, bar.section) for bar in heads)


def _why(planned: Plan) -> str:
    task = planned.request.task
    if task is Task.HUMANISE:
        return f"Accents of {_meter(planned)} and the feel of {planned.style_name}."
    if task is Task.ARRANGE:
        return "The outer voices keep the outer notes; octaves follow the instruments' ranges."
    names = " ".join(planned.key.chord_name(span.chord) for span in _chords(planned)[:8])
    source = "the song's chords" if planned.known else "chords"
    if planned.request.controls.chords:
        source = "the given chords"
    if task is Task.ADD_PART and planned.request.controls.source:
        source = "chords that fit the melody"
    manner = "in the manner of what is there" if planned.loop else f"{planned.style_name} style"
    return (
        f"{manner[0].upper()}{manner[1:]} in {planned.key.name}, {round(planned.bpm, 1):g} bpm, "
        f"{_meter(planned)}, over {source} {names}."
    )


def _meter(planned: Plan) -> str:
    meter = planned.bars[0].meter
    return f"{meter.beats}/{meter.unit}"
