"""Writes the players' parts, phrase by phrase, from a plan."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from studio.ai.requests import Task
from studio.ai.sketch import bass, comping, groove, melody
from studio.ai.sketch.cast import Player
from studio.ai.sketch.form import SILENT
from studio.ai.sketch.groove_patterns import DRUM_KEYS
from studio.ai.sketch.harmony import is_muddy, scale_over
from studio.ai.sketch.instruments import BRUSH_KIT
from studio.ai.sketch.lane import chords_there
from studio.ai.sketch.listen import carry, instrument_tracks, notes_on, role_of
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import QUARTER, Bar, Event, stream
from studio.ai.sketch.settle import Settler
from studio.domain.clip import NoteClip
from studio.domain.project import ChordSpan
from studio.domain.theory import Chord

Written = Mapping[int, list[Event]]  # player's index -> events
_RINGING_BARS = 8  # in which half a bar of 4/4 has ended, in any meter


@dataclass
class _Voice:
    """What a player remembers from bar to bar.

    Attributes:
        entered: By material, the chord and the pitch that its first section was entered from: a
            section that returns goes on from there, and so in the same voicings.
    """

    memory: melody.Memory = field(default_factory=melody.Memory)
    shape: tuple[int, ...] = ()
    pitch: int | None = None
    entered: dict[str, tuple[tuple[int, ...], int | None]] = field(default_factory=dict)


def compose(
    plan: Plan, players: Sequence[Player], at_bar: Callable[[], None]
) -> Iterator[tuple[Bar, Written]]:
    """Yield every bar with the settled notes that start in it, in order.

    Args:
        at_bar: Called before each phrase is written and each bar is given; may raise to stop.
    """
    voices = [_voice(plan, player) for player in players]
    settlers = [Settler(plan, player) for player in players]
    for _, group in groupby(plan.bars, key=lambda bar: bar.phrase):
        bars = list(group)
        at_bar()
        rows = _phrase(plan, players, voices, bars)
        settled = [settler.settle(rows[i], bars) for i, settler in enumerate(settlers)]
        for bar in bars:
            at_bar()
            yield (
                bar,
                {
                    i: [e for e in events if bar.start <= e.start < bar.end]
                    for i, events in enumerate(settled)
                },
            )


def one_note(plan: Plan, players: Sequence[Player]) -> dict[int, list[Event]]:
    """For a gap too short for any rhythm: a chord tone at its start, or on the first beat where a
    note may stand; a stroke where only drums may play."""
    settlers = [Settler(plan, player) for player in players]
    for index, at in _beats(plan):
        bars = plan.bars[index : index + _RINGING_BARS]
        for drums in (False, True):
            found = {
                i: notes
                for i, player in enumerate(players)
                if player.drums is drums and (notes := _struck(plan, player, settlers[i], at, bars))
            }
            if found:
                return found
    return {}


def _beats(plan: Plan) -> Iterator[tuple[int, int]]:
    """The gap's start and its beats, ticks, each behind the index of its bar."""
    gap = plan.request.gap
    for index, bar in enumerate(plan.bars):
        if bar.start <= gap.start < bar.end:
            yield index, gap.start
        for pulse in bar.pulses:
            if gap.start < bar.start + pulse.at < gap.end:
                yield index, bar.start + pulse.at


def _struck(
    plan: Plan, player: Player, settler: Settler, at: int, bars: Sequence[Bar]
) -> list[Event]:
    """The likeliest note that a player may strike at a tick, if there is one."""
    tones = bars[0].chord_at(at).pitch_classes
    middle = player.standing[0].pitch if player.standing else (player.low + player.high) // 2
    keys = sorted(
        range(player.low, player.high + 1),
        key=lambda key: (key % 12 not in tones, abs(key - middle), key),
    )
    if player.drums:
        usual = (*(note.pitch for note in player.standing), *DRUM_KEYS.values())
        keys = list(dict.fromkeys(usual))
    length = min(plan.request.gap.length, 2 * QUARTER)
    events = (Event(at, length, key, 80 + player.push // 2) for key in keys)
    return next((found for one in events if (found := settler.settle([one], bars))), [])


def _voice(plan: Plan, player: Player) -> _Voice:
    """A player who has heard what its track plays before the gap."""
    voice = _Voice()
    heard = [note for note in player.standing if not note.muted]
    before = [note for note in heard if note.start < plan.request.gap.start]
    if not before or player.drums:
        return voice
    last = before[-1].start
    if plan.request.gap.start - last > 2 * plan.bars[0].length:
        return voice
    voice.shape = tuple(sorted({note.pitch for note in before if note.start == last}))
    tops = [
        max(n.pitch for n in before if n.start == start)
        for start in sorted({n.start for n in before})[-2:]
    ]
    voice.memory.last = tuple(tops)
    voice.pitch = voice.shape[0]
    return voice


def _phrase(
    plan: Plan, players: Sequence[Player], voices: Sequence[_Voice], bars: Sequence[Bar]
) -> dict[int, list[Event]]:
    rows: dict[int, list[Event]] = {}
    order = sorted(range(len(players)), key=lambda i: players[i].plays == "counter")
    for index in order:
        player = players[index]
        active = [bar for bar in bars if not waits(plan, player, bar)]
        if not active:
            rows[index] = []
        elif player.plays == "melody":
            rows[index] = _pushed(_melody(plan, player, voices[index], active), player)
        elif player.plays == "counter":
            line = _counter(plan, players, player, voices[index], active, rows)
            rows[index] = _pushed(line, player)
        else:
            rows[index] = [
                e
                for bar in active
                for e in _bar(plan, player, voices[index], bar, _next(plan, bar))
            ]
    return rows


def waits(plan: Plan, player: Player, bar: Bar) -> bool:
    """Whether a part is silent here; nobody is who was asked for alone."""
    if plan.request.task is not Task.COMPOSE or bar.final:
        return False
    if len(set(plan.request.gap.tracks)) == 1:
        return False
    name, alone = bar.section, len(plan.bars) <= bar.count
    if (
        not player.asked
        and not alone
        and player.plays in ("pad", "arpeggio", "counter")
        and bar.energy < 0.6
        and bar.turn == 0
        and bar.count >= 8
    ):
        return plan.style_name not in ("ambient", "classical")
    return player.plays in SILENT.get(name, frozenset()) and not alone


def _next(plan: Plan, bar: Bar) -> Bar | None:
    starts = [other.start for other in plan.bars]
    index = bisect_right(starts, bar.start)
    return plan.bars[index] if index < len(starts) else None


def _bar(plan: Plan, player: Player, voice: _Voice, bar: Bar, following: Bar | None) -> list[Event]:
    echoed = _echo(plan, player, bar)
    if echoed is not None:
        return echoed
    if bar.starts_section:
        voice.entered.setdefault(bar.letter, (voice.shape, voice.pitch))
        voice.shape, voice.pitch = voice.entered[bar.letter]
    return _pushed(_written_bar(plan, player, voice, bar, following), player)


def _pushed(events: Sequence[Event], player: Player) -> list[Event]:
    """The notes as loud as the instrument needs them."""
    if not player.push:
        return list(events)
    return [e._replace(velocity=min(max(e.velocity + player.push, 12), 124)) for e in events]


def _written_bar(
    plan: Plan, player: Player, voice: _Voice, bar: Bar, following: Bar | None
) -> list[Event]:
    if player.plays == "drums":
        return groove.drum_bar(
            bar,
            plan.style_name,
            plan.style.fills,
            plan.seed,
            plan.dials.density,
            plan.dials.surprise,
            player.program == BRUSH_KIT,
        )
    if player.plays == "bass":
        return _bass(plan, player, voice, bar, following)
    return _chords(plan, player, voice, bar)


def _bass(
    plan: Plan, player: Player, voice: _Voice, bar: Bar, following: Bar | None
) -> list[Event]:
    upcoming = following.chords[0].chord if following else _beyond(plan, bar)
    events = bass.bass_bar(
        bar, plan.style.bass, plan.seed, upcoming, voice.pitch, player.low, player.high,
        plan.dials.density, plan.dials.surprise, plan.request.controls.keep_to_scale,
    )  # fmt: skip
    voice.pitch = events[-1].pitch if events else voice.pitch
    return events


def _beyond(plan: Plan, bar: Bar) -> Chord | None:
    """The chord after the gap, where the song goes on."""
    spans = _there(plan, bar.end)
    return spans[0].chord if spans else None


def _there(plan: Plan, start: int) -> tuple[ChordSpan, ...]:
    return chords_there(plan.request, plan.heard, plan.key, start, plan.tempo.meter_at(start))


def _chords(plan: Plan, player: Player, voice: _Voice, bar: Bar) -> list[Event]:
    style = plan.style
    low, high = player.low, player.high
    if player.power:
        shapes = [comping.power_shape(span.chord, low, high) for span in bar.chords]
    else:
        voices = 3 if player.plays == "pad" else style.voices
        rootless = (style.rootless or player.left_hand) and player.plays == "chords"
        shapes = comping.shapes_for(bar, voice.shape, voices, low, high, rootless)
    shapes = [
        shape or _any_tone(bar, span, low, high)
        for shape, span in zip(shapes, bar.chords, strict=True)
    ]
    if not all(shapes):
        return []
    voice.shape = shapes[-1]
    if player.plays == "pad":
        return comping.pad_bar(bar, shapes, plan.seed)
    events = comping.comp_bar(
        bar, player.figure, shapes, plan.seed, plan.dials.density, high, player.guitar
    )
    if player.left_hand:
        figure = "waltz" if len(bar.pulses) == 3 and style.left != "held" else style.left
        bottom = max(plan.request.gap.pitch_low, player.lowest, 36 if not player.guitar else 40)
        under = comping.left_hand(
            bar, figure, plan.seed, bottom, min(bottom + 24, plan.request.gap.pitch_high)
        )
        above = [
            e
            for e in events
            if e.pitch > max((u.pitch for u in under if _meet(u, e)), default=0) + 2
        ]
        return under + above
    return events


def _meet(a: Event, b: Event) -> bool:
    return a.start < b.end and b.start < a.end


def _any_tone(bar: Bar, span: ChordSpan, low: int, high: int) -> tuple[int, ...]:
    """A single note of the scale, where a narrow band holds no chord tone."""
    scale = scale_over(bar.key, span.chord)
    return next(((pitch,) for pitch in range(low, high + 1) if pitch % 12 in scale), ())


def _melody(plan: Plan, player: Player, voice: _Voice, bars: Sequence[Bar]) -> list[Event]:
    rhythms = _model_rhythms(plan, player, bars)
    return melody.melody_phrase(
        bars, plan.style.manner, plan.seed, (player.low, player.high), voice.memory,
        density=plan.dials.density, surprise=plan.dials.surprise, after=_after(plan, player, bars),
        given=_given(player, bars), rhythms=rhythms,
        in_scale=plan.request.controls.keep_to_scale,
    )  # fmt: skip


def _given(player: Player, bars: Sequence[Bar]) -> list[Event]:
    """Notes of the track that stand within the bars, one at a time."""
    found: list[Event] = []
    for note in player.standing:
        if (
            not note.muted
            and bars[0].start <= note.start < bars[-1].end
            and (not found or found[-1].end <= note.start)
        ):
            found.append(
                Event(note.start, max(note.end - note.start, 1), note.pitch, note.velocity)
            )
    return found


def _after(plan: Plan, player: Player, bars: Sequence[Bar]) -> int | None:
    """The pitch that the line meets behind the gap."""
    if bars[-1].end < plan.request.gap.end:
        return None
    edge = plan.request.gap.end
    return next(
        (n.pitch for n in player.standing if edge <= n.start < edge + bars[-1].length), None
    )


def _counter(
    plan: Plan,
    players: Sequence[Player],
    player: Player,
    voice: _Voice,
    bars: Sequence[Bar],
    rows: Mapping[int, list[Event]],
) -> list[Event]:
    lines = [rows[i] for i, other in enumerate(players) if other.plays == "melody" and i in rows]
    line = lines[0] if lines else _sung(plan, bars)
    return melody.counter_phrase(
        bars,
        line,
        plan.seed,
        (player.low, player.high),
        voice.memory,
        plan.dials.density,
        _given(player, bars),
    )


def _sung(plan: Plan, bars: Sequence[Bar]) -> list[Event]:
    """The melody that the song has in these bars."""
    for track in instrument_tracks(plan.request.song):
        notes = notes_on(track, plan.request.gap)
        if role_of(track, notes) == "melody":
            return [
                Event(n.start, max(n.end - n.start, 1), n.pitch, n.velocity)
                for n in notes
                if n.kept and n.start < bars[-1].end and n.end > bars[0].start
            ]
    return []


# --- going on in the manner of what is there --------------------------------------------------


def _model(plan: Plan, player: Player, bar: Bar) -> tuple[int | None, list[Event]]:
    """The bar of this track that `bar` is modelled on: its start, and its notes in song ticks."""
    if not plan.loop or not plan.echo or player.track is None:
        return None, []
    number = plan.tempo.bar_at(bar.start)
    if plan.request.task is Task.REWRITE:  # from another bar each time
        number += int(stream(plan.seed, "model", player.name).integers(plan.loop.bars))
    start = plan.tempo.bar_start(plan.loop.model(number))
    if plan.tempo.meter_at(start).ticks_per_bar != bar.length:
        return None, []
    found = [
        Event(n.start, max(n.end - n.start, 1), n.pitch, n.velocity)
        for n in player.standing
        if start <= n.start < start + bar.length and not n.muted
    ]
    return start, found


def _pauses(plan: Plan, player: Player, bar: Bar) -> bool:
    """Whether a track without notes in a model bar rests in `bar` too: it plays in another one, or
    others go on without it. Where notes of its own give way, it does where it did."""
    if plan.loop is None:
        return False
    leaving = _leaving(plan, player)
    if leaving:
        return not any(bar.start <= start < bar.end for start in leaving)
    first = plan.tempo.bar_start(plan.loop.first)
    last = plan.tempo.bar_start(plan.loop.first + plan.loop.bars)
    plays = any(first <= n.start < last and not n.muted for n in player.standing)
    return plays or len(set(plan.request.gap.tracks)) != 1


def _leaving(plan: Plan, player: Player) -> list[int]:
    """Where the notes start that the gap takes from the player's track."""
    gap, song = plan.request.gap, plan.request.song
    track = song.find_track(player.track) if player.track is not None else None
    found: list[int] = []
    for clip in track.clips if track is not None and track.id in gap.tracks else ():
        if isinstance(clip, NoteClip) and not clip.muted:
            starts = clip.notes.start[gap.holds(clip) & ~clip.notes.muted]
            found += (starts + clip.shift).tolist()
    return found


def _echo(plan: Plan, player: Player, bar: Bar) -> list[Event] | None:
    """The model bar again, its velocities a little different, carried over to this bar's chords.

    None where the bar is to be written otherwise.
    """
    start, notes = _model(plan, player, bar)
    if not notes and not (start is not None and _pauses(plan, player, bar)):
        return None
    assert start is not None
    rng = stream(plan.seed, "echo", player.name, bar.start)
    fills = player.drums and bar.ends_phrase and rng.random() < 0.3 + plan.dials.surprise
    if fills or rng.random() >= (plan.echo + player.drums) / (1 + player.drums):
        return None
    spans = _there(plan, start)
    found: list[Event] = []
    for note in notes:
        velocity = min(max(note.velocity + round(float(rng.normal(0.0, 3.0))), 1), 127)
        moved = note._replace(start=note.start - start + bar.start, velocity=velocity)
        if not player.drums:
            source = next((s.chord for s in reversed(spans) if s.start <= note.start), None)
            target = bar.chord_at(moved.start)
            low, high = min(player.low, note.pitch), max(player.high, note.pitch)
            moved = carry(moved, source or target, target, bar.key, low, high)
        found.append(moved)
    return found if player.plays in ("drums", "bass") else _clear(found)


def _clear(events: list[Event]) -> list[Event]:
    """Without what became a low cluster or a doubled note."""
    kept: list[Event] = []
    for event in sorted(events, key=lambda e: (e.start, -e.pitch)):
        beside = [e.pitch for e in kept if _meet(e, event)]
        if event.pitch not in beside and not is_muddy([*beside, event.pitch]):
            kept.append(event)
    return kept


def _model_rhythms(plan: Plan, player: Player, bars: Sequence[Bar]) -> list[melody.Rhythm]:
    rhythms: list[melody.Rhythm] = []
    for bar in bars:
        start, notes = _model(plan, player, bar)
        if start is None or not (notes or _pauses(plan, player, bar)):
            return []
        heads = sorted({note.start - start for note in notes})
        ends = [*heads[1:], bar.length][: len(heads)]
        longest = {note.start - start: note.length for note in notes}
        rhythm = tuple(
            (at, max(min(longest[at], end - at), 1)) for at, end in zip(heads, ends, strict=True)
        )
        rhythms.append(rhythm)
    return rhythms
