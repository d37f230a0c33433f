"""Making room: the whole song moved to later bars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.domain.notes import Automation
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.track import Track


def with_bars_before(project: Project, bars: int) -> Project:
    """The song with `bars` empty bars in front, in its first meter and tempo.

    Clips, automation, chords, markers, tempo and meter changes move together, so that the song
    sounds as before, only later.
    """
    by = bars * project.tempo.meter_at(0).ticks_per_bar
    return replace(
        project,
        tempo=_later_tempo(project.tempo, by),
        chords=tuple(replace(span, start=span.start + by) for span in project.chords),
        markers=tuple(replace(marker, tick=marker.tick + by) for marker in project.markers),
        tracks=tuple(_later_track(track, by) for track in project.tracks),
    )


def _later_tempo(tempo: TempoMap, by: int) -> TempoMap:
    """The first tempo and meter begin where they did; all other changes come later."""
    return TempoMap(
        tuple(
            replace(change, tick=change.tick + by * (change.tick > 0)) for change in tempo.tempos
        ),
        tuple(
            replace(change, tick=change.tick + by * (change.tick > 0)) for change in tempo.meters
        ),
    )


def _later_track(track: Track, by: int) -> Track:
    if not (track.clips or track.automation):
        return track
    return replace(
        track,
        clips=tuple(replace(clip, start=clip.start + by) for clip in track.clips),
        automation=tuple(_later_lane(lane, by) for lane in track.automation),
    )


def _later_lane(lane: Automation, by: int) -> Automation:
    points = np.array(lane.points)
    points["tick"] += by
    return Automation(lane.parameter, points)
