"""`studio listen`, what is in a recording; `studio transcribe`, its notes as a MIDI file."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.ai import by_ear, registry, sound_wishes
from studio.ai.listening.beats import bpm_of
from studio.ai.listening.heard import SHORTEST_SECONDS
from studio.ai.listening.listen import Kind
from studio.ai.requests import Controls, Request, Result, Task
from studio.cli import arguments
from studio.cli.desk import MIDI_SUFFIXES, Desk, Draft, check_output
from studio.cli.writing import write
from studio.core.errors import StudioError
from studio.domain.clip import AudioSource
from studio.domain.gap import Gap
from studio.domain.tempo import TempoMap

_STEADY = 0.01  # a share of the tempo by which a steady one may differ


def add_listen(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser, "a recording")
    parser.add_argument("--json", action="store_true", help="as JSON, with every beat")


def add_transcribe(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser, "a recording")
    arguments.add_output(parser, "x.mid")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--drums", action="store_true", help="kick, snare and hi-hat")
    kinds.add_argument(
        "--melody", action="store_true", help="of one voice that sings, hums or plays alone"
    )


def listen(options: argparse.Namespace, desk: Desk) -> None:
    """Say what was heard in a recording."""
    draft = desk.new()
    source = _taken_in(options.input, draft, desk)
    told = _told(source, _heard(source, draft, desk))
    print(json.dumps(told, ensure_ascii=False, indent=1) if options.json else _table(told))


def transcribe(options: argparse.Namespace, desk: Desk) -> None:
    """Write the notes of a recording, in its own tempo, as a MIDI file.

    Raises:
        StudioError: It cannot be read, or holds no notes; nothing is written then.
    """
    check_output(options.out, MIDI_SUFFIXES, force=options.force)
    draft = desk.new()
    source = _taken_in(options.input, draft, desk)
    if source.frames >= SHORTEST_SECONDS * source.sample_rate:
        result = _heard(source, draft, desk)
        song = replace(draft.project, tempo=result.tempo or TempoMap(), key=result.key)
        draft = replace(draft, project=song)
    kind = Kind.DRUMS if options.drums else Kind.MELODY if options.melody else Kind.NOTES
    request = _request(Task.TRANSCRIBE, source, draft, str(kind))
    filled = desk.filled(draft, request)
    by_ear.check_written(request, filled.takes[-1].result)
    write(desk, filled, options.out)


def _taken_in(path: Path, draft: Draft, desk: Desk) -> AudioSource:
    if not path.exists():
        raise StudioError(f"There is no file called “{path}”.")
    with desk.bar(f"Read {path.name}") as reached:
        return draft.media.import_audio(path, reached)


def _heard(source: AudioSource, draft: Draft, desk: Desk) -> Result:
    return desk.take(_request(Task.LISTEN, source, draft)).result


def _request(task: Task, source: AudioSource, draft: Draft, kind: str = "notes") -> Request:
    """A wish about a whole recording that begins where the song does."""
    controls = Controls(listen_for=kind)
    card = registry.default_for(task)
    wish = sound_wishes.about_file(task, card, source, draft.media, controls)
    end = draft.project.tempo.tick_of_frame(source.frames, source.sample_rate)
    return replace(wish, song=draft.project, gap=Gap((), 0, max(end, 1)))


def _told(source: AudioSource, result: Result) -> dict[str, Any]:
    """What was heard, as JSON knows it; times are in seconds."""
    tempo = result.tempo or TempoMap()
    seconds = np.array([beat.seconds for beat in result.beats])
    counts = np.diff(np.flatnonzero([beat.downbeat for beat in result.beats]))
    ends = [(span.start, span.end) for span in result.chords]
    chord_seconds = tempo.seconds(np.array(ends, np.int64).reshape(-1, 2))
    flats = result.key.uses_flats if result.key is not None else False
    return {
        "file": source.name,
        "seconds": round(source.frames / source.sample_rate, 3),
        "bpm": round(bpm_of(seconds), 2) if len(seconds) else None,
        "steady": len(seconds) > 1 and _is_steady(tempo),
        "beats_per_bar": int(np.bincount(counts).argmax()) if len(counts) else None,
        "key": result.key.name if result.key is not None else None,
        "sections": [
            {"start": round(float(tempo.seconds(tick)), 3), "label": label}
            for tick, label in result.sections
        ],
        "chords": [
            {
                "start": round(float(a), 3),
                "end": round(float(b), 3),
                "chord": span.chord.name(flats),
            }
            for span, (a, b) in zip(result.chords, chord_seconds, strict=True)
        ],
        "beats": [
            {"seconds": round(beat.seconds, 3), "downbeat": beat.downbeat} for beat in result.beats
        ],
        "how": result.why,
    }


def _is_steady(tempo: TempoMap) -> bool:
    paces = [change.bpm for change in tempo.tempos[1:] or tempo.tempos]
    return max(paces) - min(paces) <= _STEADY * max(paces)


def _table(told: dict[str, Any]) -> str:
    bpm = "none was found" if told["bpm"] is None else f"{told['bpm']:.1f} bpm"
    if told["bpm"] is not None:
        bpm += ", steady" if told["steady"] else ", changing"
    if told["beats_per_bar"]:
        bpm += f", {told['beats_per_bar']} beats a bar"
    downbeats = [beat["seconds"] for beat in told["beats"] if beat["downbeat"]]
    first = f", the first bar begins at {_clock(downbeats[0])}" if downbeats else ""
    rows = [
        f"{told['file']}, {_clock(told['seconds'])}",
        f"Tempo     {bpm}",
        f"Beats     {len(told['beats'])}{first}",
        f"Key       {told['key'] or 'none was found'}",
    ]
    alike = ", those with one letter sound alike"
    for title, name, meant in (("sections", "label", alike), ("chords", "chord", "")):
        rows.append(title.capitalize() + (meant if told[title] else "  none were found"))
        rows += [f"  {_clock(row['start']):>9}  {row[name]}" for row in told[title]]
    return "\n".join([*rows, told["how"]])


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds, 2), 60.0)
    return f"{int(minutes)}:{rest:05.2f}"
