"""Reads DAWproject files by the format's own rules, knowing nothing of how this studio writes them.

Times are in beats of the arrangement. A clip's `time` and `duration` are in its parent's unit; its
content is shown from `playStart` on; a `Warps` maps its own time to its content's by straight lines
between its points.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree

Element = Any


@dataclass
class Note:
    time: float
    duration: float
    key: int
    velocity: float
    channel: int
    transpose: float


@dataclass
class Points:
    target: dict[str, str]
    unit: str
    points: list[tuple[float, float, bool]]  # time, value, whether it holds


@dataclass
class Clip:
    time: float
    duration: float
    name: str
    enabled: bool
    notes: list[Note] = field(default_factory=list)
    lanes: list[Points] = field(default_factory=list)
    file: str = ""
    sample_rate: int = 0
    shown: tuple[float, float] = (0.0, 0.0)  # content time at the clip's ends, seconds
    warps: list[tuple[float, float]] = field(default_factory=list)  # beats from clip start, seconds
    fades: tuple[float, float] = (0.0, 0.0)

    def content_at(self, beats: float) -> float:
        """Seconds in the file, so many beats after the clip's start."""
        times, contents = zip(*self.warps, strict=True)
        return float(np.interp(beats, times, contents))


@dataclass
class Track:
    name: str
    color: str
    role: str
    volume: float
    pan: float
    mute: bool
    solo: bool
    sends: list[tuple[str, float, str]]  # the bus's name, level, kind
    devices: list[tuple[str, dict[str, float]]]
    clips: list[Clip] = field(default_factory=list)
    automation: dict[str, Points] = field(default_factory=dict)  # by what it moves


@dataclass
class Song:
    title: str
    tempos: list[tuple[float, float]]
    meters: list[tuple[float, int, int]]
    markers: list[tuple[float, str]]
    tracks: list[Track]


def read(path: Path) -> Song:
    with zipfile.ZipFile(path) as archive:
        root = etree.fromstring(archive.read("project.xml"))
        metadata = etree.fromstring(archive.read("metadata.xml"))
    arrangement = root.find("Arrangement")
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    tracks = {element.get("id"): _track(element, by_id) for element in root.iter("Track")}
    lanes = arrangement.find("Lanes")
    assert lanes.get("timeUnit") == "beats"
    for timeline in lanes:
        _fill(tracks[timeline.get("track")], timeline, by_id)
    return Song(
        metadata.findtext("Title") or "",
        [_point(p)[:2] for p in arrangement.find("TempoAutomation").iter("RealPoint")],
        [
            (float(p.get("time")), int(p.get("numerator")), int(p.get("denominator")))
            for p in arrangement.find("TimeSignatureAutomation").iter("TimeSignaturePoint")
        ],
        [(float(m.get("time")), m.get("name")) for m in arrangement.iterfind("Markers/Marker")],
        list(tracks.values()),
    )


def _track(element: Element, by_id: dict[str, Element]) -> Track:
    channel = element.find("Channel")
    return Track(
        element.get("name"),
        element.get("color"),
        channel.get("role"),
        float(channel.find("Volume").get("value")),
        float(channel.find("Pan").get("value")),
        channel.find("Mute").get("value") == "true",
        channel.get("solo") == "true",
        [
            (
                by_id[send.get("destination")].getparent().get("name"),
                float(send.find("Volume").get("value")),
                send.get("type"),
            )
            for send in channel.iterfind("Sends/Send")
        ],
        [
            (d.tag, {p.tag: float(p.get("value")) for p in d.iter() if p.get("unit")})
            for d in channel.iterfind("Devices/*")
        ],
    )


def _fill(track: Track, timeline: Element, by_id: dict[str, Element]) -> None:
    for child in timeline:
        if child.tag == "Clips":
            track.clips += [found for clip in child for found in _clips(clip, 0.0, True)]
        elif child.tag == "Points":
            parameter = by_id[child.find("Target").get("parameter")]
            owner = parameter.getparent()
            name = parameter.tag
            if owner.tag == "Send":
                name = f"Send {by_id[owner.get('destination')].getparent().get('name')}"
            track.automation[name] = _points(child)


def _clips(element: Element, origin: float, enabled: bool) -> list[Clip]:
    """The clips of notes or sound in `element`, whose parent's time 0 is at beat `origin`."""
    start = origin + float(element.get("time"))
    inside = start - float(element.get("playStart", "0"))
    enabled = enabled and element.get("enable", "true") == "true"
    assert element.get("contentTimeUnit", "beats") == "beats"
    (content,) = element
    if content.tag == "Clips":
        return [found for clip in content for found in _clips(clip, inside, enabled)]
    clip = Clip(start, float(element.get("duration")), element.get("name"), enabled)
    if content.tag == "Warps":
        _sound(clip, element, content)
    else:
        lanes = list(content) if content.tag == "Lanes" else [content]
        for lane in lanes:
            if lane.tag == "Notes":
                clip.notes = [_note(note, inside) for note in lane]
            else:
                clip.lanes.append(_points(lane))
    return [clip]


def _sound(clip: Clip, element: Element, warps: Element) -> None:
    assert (warps.get("timeUnit"), warps.get("contentTimeUnit")) == ("beats", "seconds")
    audio = warps.find("Audio")
    begin = float(element.get("playStart", "0"))
    clip.warps = [
        (float(w.get("time")) - begin, float(w.get("contentTime"))) for w in warps.iter("Warp")
    ]
    clip.shown = clip.content_at(0.0), clip.content_at(clip.duration)
    clip.file = audio.find("File").get("path")
    clip.sample_rate = int(audio.get("sampleRate"))
    assert element.get("fadeTimeUnit") == "seconds"
    clip.fades = float(element.get("fadeInTime")), float(element.get("fadeOutTime"))


def _note(element: Element, origin: float) -> Note:
    bend = element.find("Points/RealPoint")
    return Note(
        origin + float(element.get("time")),
        float(element.get("duration")),
        int(element.get("key")),
        float(element.get("vel")),
        int(element.get("channel")),
        0.0 if bend is None else float(bend.get("value")),
    )


def _points(element: Element) -> Points:
    points = [_point(point) for point in element.iter("RealPoint")]
    return Points(dict(element.find("Target").attrib), element.get("unit"), points)


def _point(element: Element) -> tuple[float, float, bool]:
    hold = element.get("interpolation", "hold") == "hold"
    return float(element.get("time")), float(element.get("value")), hold
