"""What a DAWproject file says of a song, as XML elements in the order its schema wants.

Other studios are particular about the shape: the master comes first, so that no channel names one
that is still to come; the arrangement counts beats; notes lie in a clip, recordings in a clip
within a clip, warped from seconds to beats; tempo changes in steps; markers belong to the
arrangement.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from studio import __version__
from studio.domain.clip import AudioClip, NoteClip
from studio.domain.device import Device
from studio.domain.notes import HOLD, Automation
from studio.domain.project import Project
from studio.domain.tempo import TICKS_PER_QUARTER
from studio.domain.track import Track, TrackId, TrackKind
from studio.dsp.levels import gain
from studio.io.midi import DRUM_CHANNEL, played
from studio.render.knobs import PARAMETERS

Sound: TypeAlias = tuple[str, float]  # a recording's hash, and the gain in its file, dB
Anchor: TypeAlias = tuple[float, float]  # beats, seconds
Value: TypeAlias = str | bool | int | float | None

COLORS = (
    "#56b4e9", "#e69f00", "#3cb08f", "#cb68a8", "#d5705e", "#a7b0bd", "#5b8def", "#e8cf62",
)  # fmt: skip
_LOUDEST = 2.0  # where faders of other studios end
_STEP_DB = 1.5  # a ramp in decibels is written as straight lines no longer than this
_INSTANT = 1e-6  # seconds; shorter than any frame
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMES = {"eq": "Equalizer", "compressor": "Compressor", "limiter": "Limiter"}


def metadata(project: Project) -> Element:
    """`metadata.xml`."""
    root = Element("MetaData")
    _add(root, "Title").text = _clean(project.title)
    _add(root, "Artist")
    if project.key is not None:
        _add(root, "Comment").text = f"Key: {project.key.name}"
    return root


def song(project: Project, files: Mapping[Sound, str]) -> Element:
    """`project.xml`; `files` names the file of every recording and gain."""
    root = Element("Project", version="1.0")
    _add(root, "Application", name="Tutti", version=__version__)
    _transport(root, project)
    structure = _add(root, "Structure")
    numbers = {track.id: number for number, track in enumerate(project.tracks)}
    for track in (project.master, *project.tracks[:-1]):
        _track(structure, track, numbers, project.master.id)
    arrangement = _add(root, "Arrangement", id="arrangement")
    lanes = _add(arrangement, "Lanes", id="lanes", timeUnit="beats")
    for track in (project.master, *project.tracks[:-1]):
        _lanes(lanes, project, track, numbers, files)
    _markers(arrangement, project)
    _tempo(arrangement, project)
    _add(root, "Scenes")
    return root


def _add(parent: Element, tag: str, **attributes: Value) -> Element:
    written = {name: _text(value) for name, value in attributes.items() if value is not None}
    return SubElement(parent, tag, written)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _clean(value)
    return f"{value:.9f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _clean(text: str) -> str:
    """`text` without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("", text)


def _beats(ticks: float) -> float:
    return float(ticks) / TICKS_PER_QUARTER


# -- tempo, meter, markers ------------------------------------------------------------------------
def _transport(root: Element, project: Project) -> None:
    transport = _add(root, "Transport")
    tempo, meter = project.tempo.tempos[0], project.tempo.meters[0]
    _add(transport, "Tempo", id="tempo", unit="bpm", value=repr(tempo.bpm))
    _add(transport, "TimeSignature", id="meter", numerator=meter.beats, denominator=meter.unit)


def _markers(arrangement: Element, project: Project) -> None:
    if project.markers:
        markers = _add(arrangement, "Markers", id="markers", timeUnit="beats")
        for marker in project.markers:
            _add(markers, "Marker", time=_beats(marker.tick), name=marker.name)


def _tempo(arrangement: Element, project: Project) -> None:
    tempos = _add(arrangement, "TempoAutomation", timeUnit="beats", unit="bpm")
    _add(tempos, "Target", parameter="tempo")
    for tempo in project.tempo.tempos:
        _add(
            tempos,
            "RealPoint",
            time=_beats(tempo.tick),
            value=repr(tempo.bpm),
            interpolation="hold",
        )
    meters = _add(arrangement, "TimeSignatureAutomation", timeUnit="beats")
    _add(meters, "Target", parameter="meter")
    for meter in project.tempo.meters:
        _add(
            meters, "TimeSignaturePoint",
            time=_beats(meter.tick), numerator=meter.beats, denominator=meter.unit,
        )  # fmt: skip


# -- mixer --------------------------------------------------------------------------------------
_CONTENT = {TrackKind.INSTRUMENT: "notes"}
_ROLE = {TrackKind.MASTER: "master", TrackKind.BUS: "effect"}


def _track(
    structure: Element, track: Track, numbers: Mapping[TrackId, int], master: TrackId
) -> None:
    number = numbers[track.id]
    strip = _add(
        structure, "Track", id=f"track{number}", name=track.name,
        color=COLORS[track.color % len(COLORS)], contentType=_CONTENT.get(track.kind, "audio"),
        loaded=True, comment=_left_out(track),
    )  # fmt: skip
    channel = _add(
        strip, "Channel", id=f"channel{number}", role=_ROLE.get(track.kind, "regular"),
        audioChannels=2, solo=track.soloed,
        destination=None if track.id == master else f"channel{numbers[master]}",
    )  # fmt: skip
    if devices := [device for device in track.effects if device.kind in _NAMES]:
        _devices(channel, devices)
    _add(channel, "Mute", id=f"mute{number}", value=track.muted)
    _add(
        channel, "Pan", id=f"pan{number}", unit="normalized", min=0.0, max=1.0,
        value=_panned(track.pan),
    )  # fmt: skip
    sends = _add(channel, "Sends") if track.sends else channel
    for send in track.sends:
        kind = "pre" if send.pre_fader else "post"
        element = _add(sends, "Send", destination=f"channel{numbers[send.bus]}", type=kind)
        _level(element, f"send{number}to{numbers[send.bus]}", send.level_db)
    _level(channel, f"volume{number}", track.volume_db)


def _left_out(track: Track) -> str | None:
    """What the file cannot carry, for whoever opens it."""
    kinds = [device.kind for device in track.effects if device.kind not in _NAMES]
    said = [f"Effects left out: {', '.join(kinds)}."] if kinds else []
    if track.instrument is not None:
        program = int(track.instrument.parameter("program", 0))
        kit = "drum kit" if track.is_drums else "program"
        said.insert(0, f"General MIDI {kit} {program + 1}.")
    return " ".join(said) or None


def _panned(pan: float) -> float:
    return (float(pan) + 1.0) / 2.0


def _level(parent: Element, id: str, db: float) -> None:
    value = float(gain(db))
    _add(
        parent, "Volume", id=id, unit="linear", min=0.0, max=max(_LOUDEST, value), value=value
    )  # fmt: skip


def _devices(channel: Element, devices: Iterable[Device]) -> None:
    parent = _add(channel, "Devices")
    for device in devices:
        name = _NAMES[device.kind]
        element = _add(parent, name, deviceName=name, deviceRole="audioFX", loaded=True)
        _add(element, "Enabled", value=not device.bypassed)
        knobs = {p.name: device.parameter(p.name, p.default) for p in PARAMETERS[device.kind]}
        if device.kind == "eq":
            _equalizer(element, knobs)
        else:
            _dynamics(element, knobs)


def _equalizer(element: Element, knobs: Mapping[str, float]) -> None:
    if knobs["low_cut_hz"] > 20.0:
        band = _add(element, "Band", type="highPass", order=2)
        _add(band, "Freq", unit="hertz", value=knobs["low_cut_hz"])
    for name, kind in (("low", "lowShelf"), ("mid", "bell"), ("high", "highShelf")):
        if knobs[f"{name}_db"]:
            band = _add(element, "Band", type=kind)
            _add(band, "Freq", unit="hertz", value=knobs[f"{name}_hz"])
            _add(band, "Gain", unit="decibel", value=knobs[f"{name}_db"])
            if name == "mid":
                _add(band, "Q", unit="linear", value=knobs["mid_q"])


def _dynamics(element: Element, knobs: Mapping[str, float]) -> None:
    threshold = knobs.get("threshold_db", knobs.get("ceiling_db"))
    if "attack_ms" in knobs:
        _add(element, "Attack", unit="seconds", value=knobs["attack_ms"] / 1000)
        _add(element, "OutputGain", unit="decibel", value=knobs["makeup_db"])
        _add(element, "Ratio", unit="linear", value=knobs["ratio"])
    _add(element, "Release", unit="seconds", value=knobs["release_ms"] / 1000)
    _add(element, "Threshold", unit="decibel", value=threshold)


# -- arrangement --------------------------------------------------------------------------------
def _lanes(
    parent: Element, project: Project, track: Track, numbers: Mapping[TrackId, int],
    files: Mapping[Sound, str],
) -> None:  # fmt: skip
    number = numbers[track.id]
    lanes = _add(parent, "Lanes", id=f"lanes{number}", track=f"track{number}", timeUnit="beats")
    clips = _add(lanes, "Clips", id=f"clips{number}")
    for clip in track.clips:
        if isinstance(clip, NoteClip):
            _note_clip(clips, clip, DRUM_CHANNEL if track.is_drums else 0)
        else:
            _audio_clip(clips, project, clip, files[clip.source.media, clip.gain_db])
    for lane in track.automation:
        target = _target(lane.parameter, track, numbers)
        if target is not None and len(lane.points):
            _points(lanes, lane, target)


def _target(parameter: str, track: Track, numbers: Mapping[TrackId, int]) -> str | None:
    """The id of what a lane moves, or None where the file does not hold it."""
    number = numbers[track.id]
    if parameter in ("volume", "pan"):
        return f"{parameter}{number}"
    bus = parameter.removeprefix("send:")
    sent = bus != parameter and any(send.bus == bus for send in track.sends)
    return f"send{number}to{numbers[TrackId(bus)]}" if sent else None


def _points(lanes: Element, lane: Automation, target: str) -> None:
    pan = lane.parameter == "pan"
    points = _add(lanes, "Points", unit="normalized" if pan else "linear")
    _add(points, "Target", parameter=target)
    for tick, value, curve in _straight(lane, 1e9 if pan else _STEP_DB):
        _add(
            points, "RealPoint", time=_beats(tick),
            value=_panned(value) if pan else float(gain(value)),
            interpolation="hold" if curve == HOLD else "linear",
        )  # fmt: skip


def _straight(lane: Automation, step: float) -> Iterator[tuple[float, float, int]]:
    """The lane's points (tick, value, curve), and more on ramps that cover more than `step`."""
    rows: list[tuple[int, float, int]] = lane.points.tolist()
    for (tick, value, curve), (later, reached, _) in itertools.pairwise(rows):
        count = 1 if curve == HOLD else max(round(abs(reached - value) / step), 1)
        for part in np.arange(count) / count:
            yield tick + (later - tick) * part, value + (reached - value) * part, curve
    yield rows[-1]


def _note_clip(clips: Element, clip: NoteClip, channel: int) -> None:
    element = _add(
        clips, "Clip", time=_beats(clip.start), duration=_beats(clip.length), playStart=0.0,
        contentTimeUnit="beats", name=clip.name, enable=False if clip.muted else None,
    )  # fmt: skip
    lanes = [lane for lane in clip.controllers if len(lane.points)]
    content = _add(element, "Lanes", timeUnit="beats") if lanes else element
    _notes(content, clip, channel)
    for lane in lanes:
        _controller(content, clip, lane, channel)


def _notes(parent: Element, clip: NoteClip, channel: int) -> None:
    notes = _add(parent, "Notes")
    table = played(clip)
    columns = ("start", "length", "pitch", "velocity", "cents")
    for start, length, pitch, velocity, cents in table[list(columns)].tolist():
        late = max(start - clip.start, 0)  # a note begins within its clip
        element = _add(
            notes, "Note", time=_beats(late),
            duration=_beats(max(start + length - clip.start - late, 1)),
            channel=channel, key=pitch, vel=velocity / 127, rel=0.0,
        )  # fmt: skip
        if cents:
            bend = _add(element, "Points", timeUnit="beats", unit="semitones")
            _add(bend, "Target", expression="transpose")
            _add(bend, "RealPoint", time=0.0, value=cents / 100)


def _controller(parent: Element, clip: NoteClip, lane: Automation, channel: int) -> None:
    """A lane over the clip: its value where the clip begins, and its points within."""
    bend, number = lane.parameter == "bend", lane.parameter.removeprefix("cc")
    points = _add(parent, "Points", timeUnit="beats", unit="semitones" if bend else "normalized")
    if bend:
        _add(points, "Target", expression="pitchBend", channel=channel)
    elif number.isdecimal():
        _add(
            points, "Target", expression="channelController", channel=channel,
            controller=int(number),
        )  # fmt: skip
    else:
        _add(points, "Target", expression="channelPressure", channel=channel)
    ticks = lane.points["tick"]
    inside = (ticks > clip.offset) & (ticks < clip.offset + clip.length)
    before = lane.points["curve"][ticks <= clip.offset]
    curves = [int(before[-1]) if len(before) else HOLD, *lane.points["curve"][inside].tolist()]
    shown = np.concatenate([[clip.offset], ticks[inside]])
    for tick, value, curve in zip(shown, lane.at(shown), curves, strict=True):
        _add(
            points, "RealPoint", time=_beats(tick - clip.offset),
            value=float(value) if bend else float(value) / 127,
            interpolation="hold" if curve == HOLD else "linear",
        )  # fmt: skip


def _audio_clip(clips: Element, project: Project, clip: AudioClip, file: str) -> None:
    anchors = _anchors(project, clip)
    seconds = clip.source.frames / clip.source.sample_rate
    lead, warps = _warps(anchors, seconds)
    duration = anchors[-1][0]
    outer = _add(
        clips, "Clip", time=_beats(clip.start), duration=duration, playStart=0.0,
        contentTimeUnit="beats", name=clip.name, enable=False if clip.muted else None,
    )  # fmt: skip
    fade_in, fade_out = _fades(project, clip)
    inner = _add(
        _add(outer, "Clips"), "Clip", time=0.0, duration=duration, playStart=lead,
        contentTimeUnit="beats", fadeTimeUnit="seconds", fadeInTime=fade_in, fadeOutTime=fade_out,
        name=clip.name,
    )  # fmt: skip
    warped = _add(inner, "Warps", timeUnit="beats", contentTimeUnit="seconds")
    audio = _add(
        warped, "Audio", timeUnit="seconds", duration=seconds,
        sampleRate=clip.source.sample_rate, channels=clip.source.channels,
    )  # fmt: skip
    _add(audio, "File", path=file)
    for beats, at in warps:
        _add(warped, "Warp", time=beats, contentTime=at)


def _anchors(project: Project, clip: AudioClip) -> list[Anchor]:
    """Where in the file (seconds) the clip is, by beats since its start: first, last and bends."""
    rate = clip.source.sample_rate
    if clip.warp:
        return [(_beats(point.tick), point.source_frame / rate) for point in clip.warp]
    tempo = project.tempo
    shift = clip.offset_frames / rate - float(tempo.seconds(clip.start))
    end = (clip.offset_frames + clip.length_frames) / rate
    ticks = [clip.start, *(t.tick for t in tempo.tempos if t.tick > clip.start)]
    anchors = [(_beats(t - clip.start), float(tempo.seconds(t)) + shift) for t in ticks]
    kept = [anchors[0], *(anchor for anchor in anchors[1:] if anchor[1] < end - _INSTANT)]
    beats, at = kept[-1]
    bpm = tempo.tempo_at(ticks[len(kept) - 1])
    return [*kept, (beats + (end - at) * bpm / 60, end)]


def _warps(anchors: list[Anchor], seconds: float) -> tuple[float, list[Anchor]]:
    """Warp points for the whole file, and the beat of it at which the clip begins."""
    (first, begin), (second, after) = anchors[:2]
    lead = begin * (second - first) / (after - begin)
    (last_but_one, before), (last, end) = anchors[-2:]
    tail = (seconds - end) * (last - last_but_one) / (end - before)
    inner = [(beats + lead, at) for beats, at in anchors[1:-1]]
    return lead, [(0.0, 0.0), *inner, (last + lead + tail, seconds)]


def _fades(project: Project, clip: AudioClip) -> tuple[float, float]:
    """Fade-in and fade-out in seconds of the song."""
    scale = 1.0 / clip.source.sample_rate
    if clip.warp:
        ends = project.tempo.seconds([clip.start, clip.start + clip.warp[-1].tick])
        scale = float(ends[1] - ends[0]) / clip.length_frames
    return clip.fade_in_frames * scale, clip.fade_out_frames * scale
