"""One track by itself: what is rendered to bounce clips or to freeze a track, and to play it so."""

from __future__ import annotations

from dataclasses import replace

from studio.domain.clip import AudioClip, ClipId
from studio.domain.project import Project
from studio.domain.track import Track, TrackInput, TrackKind
from studio.media import columns

_FROZEN_CLIP = ClipId("c0")


def alone(project: Project, track: Track, *, effects: bool) -> Project:
    """A song in which nothing but `track` sounds, before its fader, with or without its effects.

    What does not change that sound (names, colours, faders) is left out, so that the song has an
    equal digest whatever those are.
    """
    devices = track.devices if effects else track.devices[: len(track.devices) - len(track.effects)]
    ids = {device.id for device in devices}
    part = replace(
        track, name="", role="", color=0, devices=devices, volume_db=0.0, pan=0.0, muted=False,
        soloed=False, sends=(), frozen=None, group="", input=TrackInput(),
        automation=tuple(a for a in track.automation if a.parameter.partition(":")[0] in ids),
    )  # fmt: skip
    return Project(
        sample_rate=project.sample_rate,
        tempo=project.tempo,
        tracks=(part, Track(project.master.id, TrackKind.MASTER, "")),
    )


def digest(project: Project, track: Track) -> str:
    """What a frozen recording of `track` is made of; an equal one sounds the same."""
    return columns.digest(alone(project, track, effects=True))


def is_frozen(project: Project, track: Track) -> bool:
    """Whether the track has a frozen recording of just what it plays; buses have none."""
    if track.frozen is None or track.kind in (TrackKind.BUS, TrackKind.MASTER):
        return False
    return track.frozen.of == digest(project, track)


def as_heard(project: Project, track: Track) -> Track:
    """`track`; or, frozen, an audio track without effects that plays what it was frozen to."""
    found = track.frozen
    if found is None or not is_frozen(project, track):
        return track
    clip = AudioClip(_FROZEN_CLIP, found.start, found.source, 0, found.source.frames)
    ids = {device.id for device in track.devices}
    lanes = (a for a in track.automation if a.parameter.partition(":")[0] not in ids)
    return replace(track, kind=TrackKind.AUDIO, clips=(clip,), devices=(), automation=tuple(lanes))
