"""Small MIDI files and archives, written by the tests."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import mido

Note = tuple[float, float, int, int]  # start and length in quarters, pitch, velocity


@dataclass
class Track:
    notes: Sequence[Note] = ()
    name: str = ""
    program: int = 0
    drums: bool = False
    meta: Sequence[tuple[float, mido.MetaMessage]] = field(default_factory=tuple)


def tempo(bpm: float, at: float = 0.0) -> tuple[float, mido.MetaMessage]:
    return at, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))


def meter(beats: int, unit: int, at: float = 0.0) -> tuple[float, mido.MetaMessage]:
    return at, mido.MetaMessage("time_signature", numerator=beats, denominator=unit)


def signature(key: str, at: float = 0.0) -> tuple[float, mido.MetaMessage]:
    return at, mido.MetaMessage("key_signature", key=key)


def midi(*tracks: Track, per_quarter: int = 480, kind: int = 1) -> bytes:
    """The bytes of a MIDI file; the first track holds what is not of any."""
    file = mido.MidiFile(type=kind, ticks_per_beat=per_quarter)
    channels = [channel for channel in range(16) if channel != 9]
    for index, track in enumerate(tracks):
        channel = 9 if track.drums else channels[index % 15]
        file.tracks.append(_messages(track, channel, per_quarter))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _messages(track: Track, channel: int, per_quarter: int) -> mido.MidiTrack:
    events: list[tuple[float, int, mido.Message | mido.MetaMessage]] = [
        (0.0, 0, mido.MetaMessage("track_name", name=track.name)),
        (0.0, 1, mido.Message("program_change", channel=channel, program=track.program)),
        *((at, 0, message) for at, message in track.meta),
    ]
    for start, length, pitch, velocity in track.notes:
        on = mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)
        off = mido.Message("note_off", channel=channel, note=pitch)
        events += [(start, 3, on), (start + length, 2, off)]
    out = mido.MidiTrack()
    now = 0
    for at, _, message in sorted(events, key=lambda event: event[:2]):
        tick = round(at * per_quarter)
        out.append(message.copy(time=tick - now))
        now = tick
    return out


def scale(
    count: int, *, step: float = 1.0, pitch: int = 60, start: float = 0.0, velocity: int = 80
) -> list[Note]:
    """As many notes one after another, up and down the scale of C."""
    steps = (0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2)
    return [(start + i * step, step, pitch + steps[i % 14], velocity) for i in range(count)]


def archive(folder: Path, name: str, files: Mapping[str, bytes | str]) -> Path:
    """`folder/symbolic/name.tar.xz` with the files below a folder of its own."""
    path = folder / "symbolic" / f"{name}.tar.xz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:xz") as tar:
        for inside, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(f"content/{inside}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def table(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(str(cell) for cell in row) for row in rows) + "\n"
