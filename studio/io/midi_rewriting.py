"""Other notes in a MIDI file, all else in it as it was: lyrics, messages, its own ticks."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import mido
import numpy as np
from mido.midifiles.meta import KeySignatureError

from studio.domain.clip import NoteClip
from studio.domain.notes import NOTE_DTYPE
from studio.domain.project import Project
from studio.domain.tempo import TICKS_PER_QUARTER
from studio.domain.track import Track
from studio.io.midi import cut_where_struck_again, parts_in, played, write_midi
from studio.media import durable

_Note: TypeAlias = tuple[int, int, int, int]  # start, length, pitch, velocity
_Timed: TypeAlias = tuple[int, int, mido.Message]  # tick of the file, order, message
_OFF, _THERE, _ON = 0, 1, 2  # in this order where they fall together


def rewrite_midi(original: Path, before: Project, after: Project, path: Path) -> None:
    """Write `original` to `path` with the notes by which `after` differs from `before`.

    Every event stays but those of notes that are gone. What a model made of the file's whole
    (tempo, markers) does not get in. A file that is damaged or in SMPTE time is written anew.

    Args:
        original: The file that `before` was read from.

    Raises:
        StudioError: The file cannot be read or written.
    """
    places = [(i, part.port, part.channel) for i, part in parts_in(original) if part.rows]
    try:
        file = mido.MidiFile(original)
    except (OSError, EOFError, ValueError, LookupError, KeySignatureError):
        file = None
    if file is None or file.ticks_per_beat <= 0 or len(after.sources) != len(places):
        return write_midi(after, path)
    scale = Fraction(TICKS_PER_QUARTER, file.ticks_per_beat)
    for place, old, new in zip(places, before.sources, after.sources, strict=True):
        was, becomes = _notes(old), _notes(new)
        track, port, channel = place
        kept = _without(file.tracks[track], was - becomes, port, channel, scale)
        added = itertools.chain.from_iterable(_messages(becomes - was, channel, scale))
        file.tracks[track] = _in_deltas([*kept, *added])
    with durable.whole(path) as partial:
        file.save(partial)
    return None


def _notes(track: Track) -> Counter[_Note]:
    rows = (played(clip) for clip in track.clips if isinstance(clip, NoteClip) and not clip.muted)
    columns = ["start", "length", "pitch", "velocity"]
    return Counter(row for table in rows for row in table[columns].tolist())


def _without(
    track: Iterable[mido.Message], gone: Counter[_Note], port: int, channel: int, scale: Fraction
) -> list[_Timed]:
    """The messages of a track in file ticks, less those that strike and let go notes `gone`."""
    left = Counter({(s, p, v): 0 for s, _, p, v in gone})
    for (start, _, pitch, velocity), count in gone.items():
        left[start, pitch, velocity] += count
    held: dict[int, list[bool]] = defaultdict(list)  # pitch: whether each note on it goes
    found: list[_Timed] = []
    now = at_port = 0
    for message in track:
        now += message.time
        at_port = message.port if message.type == "midi_port" else at_port
        goes = False
        if at_port == port and getattr(message, "channel", None) == channel:
            if message.type == "note_on" and message.velocity:
                struck = int(now * scale + Fraction(1, 2)), message.note, message.velocity
                goes = left[struck] > 0
                left[struck] -= goes
                held[message.note].append(goes)
            elif message.type in ("note_on", "note_off") and held[message.note]:
                goes = held[message.note].pop(0)
        if not goes:
            found.append((now, _THERE, message))
    return found


def _messages(
    notes: Counter[_Note], channel: int, scale: Fraction
) -> Iterable[tuple[_Timed, _Timed]]:
    table = np.zeros(notes.total(), NOTE_DTYPE)
    rows = np.array([*notes.elements()], np.int64).reshape(-1, 4)
    for name, column in zip(("start", "length", "pitch", "velocity"), rows.T, strict=True):
        table[name] = column
    for note in cut_where_struck_again(table):
        start = round(int(note["start"]) / scale)
        end = max(round(int(note["start"] + note["length"]) / scale), start + 1)
        key, velocity = int(note["pitch"]), int(note["velocity"])
        yield (
            (start, _ON, mido.Message("note_on", channel=channel, note=key, velocity=velocity)),
            (end, _OFF, mido.Message("note_off", channel=channel, note=key)),
        )


def _in_deltas(timed: list[_Timed]) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(timed, key=lambda entry: entry[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    return track
