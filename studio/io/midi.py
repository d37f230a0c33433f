"""MIDI files: songs of notes in and out (Standard MIDI Files, RP-001).

A song's notes keep their ticks to the dot. What MIDI cannot say is left out: the detune of single
notes, chords, recordings, buses and effects, and by how much a fader is above 0 dB.

Fader and pan are channel volume (controller 7: 40 log10(value / 127) dB, as General MIDI recommends
it) and pan (controller 10: 64 in the middle, 1 and 127 at the sides).
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import mido
import numpy as np
import numpy.typing as npt

from studio.core import paths
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.general_midi import sound_name
from studio.domain.notes import HOLD, NOTE_DTYPE, Automation, Notes
from studio.domain.project import Marker, Project, new_song
from studio.domain.tempo import LAST_TICK, TICKS_PER_QUARTER, MeterChange, TempoChange, TempoMap
from studio.domain.theory import Key
from studio.domain.track import SILENT_DB, Track, TrackKind
from studio.edit.takes import new_instrument
from studio.io import smf
from studio.io.midi_channels import Part, parts_of
from studio.media import durable

MICROSECONDS = 60_000_000  # a minute
DRUM_CHANNEL = 9  # what musicians call channel 10
LONGEST_DELTA = 2**28  # the file cannot hold a longer wait between two events
_DRUM_BANKS = (120, 127)  # General MIDI 2 and XG put drum kits there, on any channel
_AT_REST = {"cc7": 100, "cc10": 64, "cc11": 127}  # other controllers rest at 0
_BASSES = range(32, 40)  # programs
_FULL, _CENTRE = 127, 64  # the volume of a fader at 0 dB, the pan of a sound in the middle
Table: TypeAlias = npt.NDArray[Any]


# -- reading ------------------------------------------------------------------------------------
def read_midi(path: Path) -> Project:
    """The song in a MIDI file: a track with one clip for each channel of each track with notes.

    Ticks are scaled to 960 to the quarter, exactly where the file's own divide it; a file in SMPTE
    time is read at 120 bpm. A meter that changes inside a bar changes at the next bar line. A part
    sounds as its program at its first note says, and is named after it where the file gives no
    name. Controllers, pitch bend (by the range the file sets) and channel pressure become lanes;
    a volume or pan that is set once, fader and pan. A key struck again is let go in the order it
    was struck; a key never let go sounds until the end of its track.

    Raises:
        StudioError: The file cannot be read, or is no MIDI file.
    """
    file = _parsed(path)
    tracks, ends = _in_song_ticks(file)
    parts = [part for track, end in zip(tracks, ends, strict=True) for part in parts_of(track, end)]
    if file.damaged and not any(part.rows for part in parts):
        raise StudioError(f"“{path.name}” is damaged: no notes could be read from it.")
    song = _conducted(new_song(), tracks, file, paths.legible(path.stem))
    return _with_parts(song, parts)


def parts_in(path: Path) -> list[tuple[int, Part]]:
    """What each channel of each track plays, with the track's number in the file from 0.

    Those with notes are the tracks of `read_midi`, in their order.

    Raises:
        StudioError: As from `read_midi`.
    """
    tracks = zip(*_in_song_ticks(_parsed(path)), strict=True)
    return [
        (number, part)
        for number, (track, end) in enumerate(tracks)
        for part in parts_of(track, end)
    ]


def _parsed(path: Path) -> smf.MidiFile:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StudioError(f"“{path.name}” could not be read: {error.strerror}.") from error
    file = smf.parse(data, path.name)
    if file.format == 2:
        raise StudioError(
            f"“{path.name}” holds loose patterns instead of a song.",
            "Save it as a MIDI file of type 0 or 1.",
        )
    return file


def _in_song_ticks(file: smf.MidiFile) -> tuple[list[list[smf.Event]], list[int]]:
    """The events of each track, and where it ends."""
    scale = _scale(file.division)
    tracks = [[e._replace(tick=_scaled(e.tick, scale)) for e in track] for track in file.tracks]
    tracks = [[event for event in track if event.tick < LAST_TICK] for track in tracks]
    return tracks, [min(_scaled(end, scale), LAST_TICK) for end in file.ends]


def _scale(division: int) -> Fraction:
    """Song ticks for one tick of the file."""
    if division > 0:
        return Fraction(TICKS_PER_QUARTER, division)
    frames, ticks = -(division >> 8), max(division & 0xFF, 1)
    rate = Fraction(30_000, 1001) if frames == 29 else Fraction(frames)
    return Fraction(2 * TICKS_PER_QUARTER) / (rate * ticks)  # two quarters a second


def _scaled(tick: int, scale: Fraction) -> int:
    return (2 * tick * scale.numerator + scale.denominator) // (2 * scale.denominator)


def _conducted(
    song: Project, tracks: list[list[smf.Event]], file: smf.MidiFile, title: str
) -> Project:
    """`song` with what the file says of tempo, meter, key, markers and title."""
    meta = sorted(
        (e for track in tracks for e in track if e.status == smf.META), key=lambda e: e.tick
    )
    tempos: dict[int, float] = {0: 120.0}
    markers: dict[int, str] = {}
    for tick, _, data in meta:
        kind, body = data[0], data[1:]
        micros = int.from_bytes(body[:3], "big")
        if kind == 0x51 and len(body) >= 3 and micros and file.division > 0:
            tempos[tick] = min(max(_bpm(micros), 10.0), 960.0)
        elif kind == 0x06:
            markers[tick] = smf.text(body)
    first = file.tracks[0] if file.tracks else ()
    if file.format == 0 or all(event.status & 0xF0 != 0x90 for event in first):
        names = (smf.text(e.data[1:]) for e in first if e.status == smf.META and e.data[0] == 0x03)
        title = next((name for name in names if name), title)
    return replace(
        song,
        tempo=TempoMap(
            tuple(TempoChange(*change) for change in sorted(tempos.items())), _meters(meta)
        ),
        key=_key(meta),
        markers=tuple(Marker(*marker) for marker in sorted(markers.items())),
        title=title,
    )


def _bpm(micros: int) -> float:
    """The roundest tempo that a file writes as `micros` for a quarter note: 97, not 96.99995."""
    exact = MICROSECONDS / micros
    rounded = (round(exact, digits) for digits in range(4))
    return next((bpm for bpm in rounded if bpm and round(MICROSECONDS / bpm) == micros), exact)


def _meters(meta: Iterable[smf.Event]) -> tuple[MeterChange, ...]:
    meters = [MeterChange(0, 4, 4)]
    for tick, _, data in meta:
        if data[0] != 0x58 or len(data) < 3 or data[2] > 5 or not 1 <= data[1] <= 64:
            continue
        last = meters[-1]
        bars, rest = divmod(tick - last.tick, last.ticks_per_bar)
        at = last.tick + (bars + (rest > 1)) * last.ticks_per_bar  # rounding may be a tick late
        if at <= last.tick:
            meters.pop()
        meters.append(MeterChange(max(at, last.tick), data[1], 2 ** data[2]))
    return tuple(meters)


def _key(meta: Iterable[smf.Event]) -> Key | None:
    """The first key signature; a text such as `key: D dorian` says what a signature cannot."""
    found = None
    for _, _, data in meta:
        if data[0] == 0x59 and len(data) >= 3 and found is None:
            fifths, minor = int.from_bytes(data[1:2], "big", signed=True), data[2] == 1
            if -7 <= fifths <= 7:
                found = Key((fifths * 7 + (9 if minor else 0)) % 12, "minor" if minor else "major")
        elif data[0] == 0x01 and data[1:].startswith(b"key: "):
            try:
                return Key.parse(smf.text(data[6:]))
            except ValueError:
                continue
    return found


def _with_parts(song: Project, parts: list[Part]) -> Project:
    """`song` with a track for each part that has notes."""
    programs: dict[tuple[int, int], list[tuple[int, int, int]]] = defaultdict(list)
    for part in parts:
        programs[part.port, part.channel] += part.programs
    for part in parts:
        if part.rows:
            elsewhere = sorted(programs[part.port, part.channel])
            volume_db = _volume_db(_set_once(part, "cc7", _FULL))
            pan = _pan(_set_once(part, "cc10", _CENTRE))
            track = _track(song, part, part.programs or elsewhere)
            track = replace(track, volume_db=volume_db, pan=pan)
            song = song.with_new_track(track)
            song = song.with_clip_on(track.id, _clip(song, part))
    return song


def _track(song: Project, part: Part, programs: list[tuple[int, int, int]]) -> Track:
    first = min(row[0] for row in part.rows)
    before = [change for change in programs if change[0] <= first]
    _, bank, program = (before[-1:] or programs[:1] or [(0, 0, 0)])[0]
    drums = part.channel == DRUM_CHANNEL or bank in _DRUM_BANKS
    role = "drums" if drums else "bass" if program in _BASSES else ""
    name = part.name or ("Drums" if drums else sound_name(program, drums))
    track = new_instrument(song, name, program, drums=drums, role=role)
    if drums or not bank:
        return track
    return replace(track, devices=(track.devices[0].with_parameter("bank", bank),))


def _set_once(part: Part, lane: str, rest: float) -> float:
    """The value that a controller has from the first note on; `rest` where it has none or moves.

    Where it does not move, its lane goes.
    """
    first = min(row[0] for row in part.rows)
    points = sorted(part.lanes.get(lane, {}).items())
    values = [value for tick, value in points if tick <= first][-1:]
    values += [value for tick, value in points if tick > first]
    if points and points[0][0] <= first and len(set(values)) == 1:
        del part.lanes[lane]
        return values[0]
    return rest


def _volume_db(value: float) -> float:
    return round(40.0 * math.log10(value / _FULL), 2) if value else SILENT_DB


def _pan(value: float) -> float:
    return max((value - _CENTRE) / 63, -1.0)


def _clip(song: Project, part: Part) -> NoteClip:
    """One clip of whole bars around the part's notes."""
    table = np.zeros(len(part.rows), NOTE_DTYPE)
    for column, values in zip(
        ("start", "length", "pitch", "velocity"), zip(*part.rows, strict=True), strict=True
    ):
        table[column] = values
    table = table[np.lexsort((table["pitch"], table["start"]))]
    start = song.tempo.bar_start(song.tempo.bar_at(int(table["start"].min())))
    end = song.tempo.next_bar(int((table["start"] + table["length"]).max()))
    table["start"] -= start
    table["id"] = np.arange(len(table))
    lanes = (_lane(name, points, start, end) for name, points in sorted(part.lanes.items()))
    return NoteClip(
        song.new_clip_id(), start, end - start, Notes(table), part.name, controllers=tuple(lanes)
    )


def _lane(name: str, points: dict[int, float], start: int, end: int) -> Automation:
    """What a controller does from `start` to `end`, as steps; before its first message it rests."""
    before = [tick for tick in points if tick <= start]
    at_start = points[max(before)] if before else _AT_REST.get(name, 0)
    steps = {0: at_start} | {t - start: v for t, v in points.items() if start < t < end}
    ticks = sorted(steps)
    return Automation.of(name, ticks, [steps[tick] for tick in ticks], HOLD)


# -- writing ------------------------------------------------------------------------------------
_OFF, _CONTROL, _ON = 0, 1, 2  # in this order where they fall together
_Timed: TypeAlias = tuple[int, int, mido.Message]  # tick, order, message
_RAMP_STEP = TICKS_PER_QUARTER // 32  # how often a moving controller is sent
_BEND_RANGES = (2, 12, 24, 48)


def write_midi(project: Project, path: Path) -> None:
    """Write the song's notes as a MIDI file of type 1 with 960 ticks to the quarter.

    The first track holds title, tempo, meter, key and markers; then comes a track for each
    instrument, muted or not, in the song's order, with its sound, fader and pan. Notes are those
    that are heard: not those that are muted or trimmed away, each at the time it is played, and
    each key let go where it is struck again. Drums are on channel 10. Fifteen other instruments
    have a channel of their own; further ones, and drums of another kit, start over on the next port
    (meta event 0x21).

    Raises:
        StudioError: The song is too long for a MIDI file, or the file cannot be written.
    """
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER)
    file.tracks.append(_conductor(project))
    tracks = [track for track in project.sources if track.kind is TrackKind.INSTRUMENT]
    for track, place in zip(tracks, _places(tracks), strict=True):
        file.tracks.append(_written(track, *place))
    with durable.whole(path) as partial:
        file.save(partial)


def _places(tracks: Iterable[Track]) -> Iterator[tuple[int, int]]:
    """Port and channel of each track."""
    kits: list[int] = []  # one a port
    melodic = 0
    for track in tracks:
        if track.is_drums:
            kit = _program(track)
            if kit not in kits:
                kits.append(kit)
            yield kits.index(kit), DRUM_CHANNEL
        else:
            port, channel = divmod(melodic, 15)
            yield port, channel + (channel >= DRUM_CHANNEL)
            melodic += 1


def _program(track: Track) -> int:
    return int(track.instrument.parameter("program", 0)) if track.instrument is not None else 0


def _conductor(project: Project) -> mido.MidiTrack:
    timed: list[_Timed] = []

    def add(tick: int, kind: str, **values: Any) -> None:
        timed.append((tick, 0, mido.MetaMessage(kind, **values)))

    if project.title:
        add(0, "track_name", name=_wire(project.title))
    for tempo in project.tempo.tempos:
        add(tempo.tick, "set_tempo", tempo=round(MICROSECONDS / tempo.bpm))
    for meter in project.tempo.meters:
        add(meter.tick, "time_signature", numerator=meter.beats, denominator=meter.unit)
    if project.key is not None:
        add(0, "key_signature", key=_signature(project.key))
        if project.key.mode not in ("major", "minor"):
            add(0, "text", text=f"key: {project.key.name}")
    for marker in project.markers:
        add(marker.tick, "marker", text=_wire(marker.name))
    return _in_deltas(timed)


def _wire(text: str) -> str:
    """`text` such that mido, which knows Latin-1 alone, writes it as UTF-8."""
    return text.encode("utf-8", "replace").decode("latin-1")


def _signature(key: Key) -> str:
    """The major or minor key with the same accidentals, as mido names it."""
    tonic = key.fifths * 7 + (9 if key.is_minor else 0)
    relative = Key(tonic % 12, "minor" if key.is_minor else "major")
    return relative.name.removesuffix(" major").replace(" minor", "m")


def _written(track: Track, port: int, channel: int) -> mido.MidiTrack:
    timed: list[_Timed] = []
    if track.name:
        timed.append((0, 0, mido.MetaMessage("track_name", name=_wire(track.name))))
    if port:
        timed.append((0, 0, mido.MetaMessage("midi_port", port=port)))
    bank = int(track.instrument.parameter("bank", 0)) if track.instrument is not None else 0
    if bank and not track.is_drums:
        timed.append((0, 0, _control_change(channel, 0, bank)))
    timed.append((0, 0, mido.Message("program_change", channel=channel, program=_program(track))))
    clips = [clip for clip in track.clips if isinstance(clip, NoteClip) and not clip.muted]
    moving = {lane.parameter for clip in clips for lane in clip.controllers if len(lane.points)}
    timed += [(0, 0, _control_change(channel, *cc)) for cc in _positions(track, moving)]
    timed += _bend_range(clips, channel)
    for clip in clips:
        for lane in clip.controllers:
            timed += _lane_messages(clip, lane, channel, _bend_limit(clips))
    timed += _note_messages(heard_notes(clips), channel)
    return _in_deltas(timed)


def _positions(track: Track, moving: set[str]) -> Iterator[tuple[int, int]]:
    """Controllers 7 and 10 for fader and pan, unless a lane of the track's clips moves them."""
    if "cc7" not in moving:
        yield 7, min(round(_FULL * 10.0 ** (track.volume_db / 40.0)), _FULL)
    if "cc10" not in moving:
        yield 10, _CENTRE + round(63 * track.pan)


def _control_change(channel: int, number: int, value: int) -> mido.Message:
    return mido.Message("control_change", channel=channel, control=number, value=value)


def heard_notes(clips: Iterable[NoteClip]) -> Table:
    """The notes of unmuted clips as they are played: `NOTE_DTYPE` in song ticks, timing applied,
    cut where the clip ends or the same key is struck again, ordered by start and pitch."""
    return cut_where_struck_again(
        np.concatenate([np.zeros(0, NOTE_DTYPE), *(played(clip) for clip in clips)])
    )


def cut_where_struck_again(table: Table) -> Table:
    """Notes (`NOTE_DTYPE`) of which each ends where the same key is struck again at the latest,
    ordered by start and pitch."""
    end = table["start"] + table["length"]
    order = np.lexsort((end, table["start"], table["pitch"]))
    table, end = table[order], end[order]
    again = table["pitch"][1:] == table["pitch"][:-1]
    end[:-1][again] = np.minimum(end[:-1][again], table["start"][1:][again])
    table["length"] = end - table["start"]
    table = table[table["length"] > 0]
    return table[np.lexsort((table["pitch"], table["start"]))]


def played(clip: NoteClip) -> Table:
    """The notes that a clip lets be heard: `NOTE_DTYPE` in song ticks, timing applied."""
    heard = clip.notes.starting_in(clip.offset, clip.offset + clip.length) & ~clip.notes.muted
    table = clip.notes.table[heard]
    played = table["start"] + table["timing"] + clip.shift
    end = np.minimum(played + table["length"], clip.end)
    table["start"] = np.maximum(played, 0)
    table["length"] = np.maximum(end - table["start"], 1)
    return table


def _note_messages(notes: Table, channel: int) -> Iterator[_Timed]:
    for start, length, pitch, velocity in notes[["start", "length", "pitch", "velocity"]].tolist():
        on = mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)
        yield start, _ON, on
        yield start + length, _OFF, mido.Message("note_off", channel=channel, note=pitch)


def _bend_limit(clips: Iterable[NoteClip]) -> int:
    """The range of the pitch wheel in semitones, 0 where it is not used."""
    values = [
        np.abs(lane.points["value"]).max()
        for clip in clips
        for lane in clip.controllers
        if lane.parameter == "bend" and len(lane.points)
    ]
    if not values:
        return 0
    return next((limit for limit in _BEND_RANGES if max(values) <= limit), _BEND_RANGES[-1])


def _bend_range(clips: Iterable[NoteClip], channel: int) -> Iterator[_Timed]:
    """Registered parameter 0 says how far the pitch wheel goes."""
    limit = _bend_limit(clips)
    messages = ((101, 0), (100, 0), (6, limit), (38, 0), (101, 127), (100, 127)) if limit else ()
    for number, value in messages:
        yield 0, _OFF, _control_change(channel, number, value)


def _lane_messages(
    clip: NoteClip, lane: Automation, channel: int, bend_limit: int
) -> Iterator[_Timed]:
    """The lane's values over the clip, each where it changes, and at the clip's end at rest."""
    if not len(lane.points):
        return
    named = lane.points["tick"]
    named = named[(named >= clip.offset) & (named < clip.offset + clip.length)]
    ramps = _ramps(lane, clip.offset, clip.offset + clip.length)
    ticks = np.unique(np.concatenate([[clip.offset], named, *ramps]))
    last: mido.Message | None = None
    rest = float(_AT_REST.get(lane.parameter, 0))
    for tick, value in [*zip(ticks + clip.shift, lane.at(ticks), strict=True), (clip.end, rest)]:
        message = _controller(lane.parameter, float(value), channel, bend_limit)
        if last is None or message != last:
            yield int(tick), _CONTROL, message
        last = message


def _ramps(lane: Automation, start: int, end: int) -> Iterator[npt.NDArray[np.int64]]:
    """The ticks at which a moving lane is sent between its points, within [start, end)."""
    points = lane.points
    for here, there in itertools.pairwise(points):
        if here["curve"] != HOLD and here["value"] != there["value"]:
            yield np.arange(max(here["tick"], start), min(there["tick"], end), _RAMP_STEP)


def _controller(parameter: str, value: float, channel: int, bend_limit: int) -> mido.Message:
    if parameter == "bend":
        wheel = min(max(round(value / bend_limit * 8192), -8192), 8191)
        return mido.Message("pitchwheel", channel=channel, pitch=wheel)
    level = min(max(round(value), 0), 127)
    if parameter == "pressure":
        return mido.Message("aftertouch", channel=channel, value=level)
    return _control_change(channel, int(parameter.removeprefix("cc")), level)


def _in_deltas(timed: list[_Timed]) -> mido.MidiTrack:
    """The messages in order, each with its distance from the one before."""
    messages, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(timed, key=lambda entry: entry[:2]):
        if tick - now >= LONGEST_DELTA:
            raise StudioError("The song is too long for a MIDI file.")
        message.time = tick - now
        messages.append(message)
        now = tick
    return messages
