"""Between song ticks and the seconds of the recording that a clip plays."""

from __future__ import annotations

import numpy as np

from studio.domain.clip import AudioClip
from studio.domain.tempo import TempoMap


def recording_seconds(clip: AudioClip, tempo: TempoMap, tick: int) -> float:
    """The moment of the recording that is heard at a song tick (also before and after the clip)."""
    if len(clip.warp) >= 2:
        ticks = [point.tick for point in clip.warp]
        frames = [point.source_frame for point in clip.warp]
        return float(np.interp(tick - clip.start, ticks, frames)) / clip.source.sample_rate
    passed = float(tempo.seconds(tick)) - float(tempo.seconds(clip.start))
    return clip.offset_frames / clip.source.sample_rate + passed


def song_tick(clip: AudioClip, tempo: TempoMap, seconds: float) -> int:
    """The song tick at which the clip plays a moment of its recording."""
    if len(clip.warp) >= 2:
        ticks = [point.tick for point in clip.warp]
        frames = [point.source_frame for point in clip.warp]
        return clip.start + round(
            float(np.interp(seconds * clip.source.sample_rate, frames, ticks))
        )
    passed = seconds - clip.offset_frames / clip.source.sample_rate
    return max(int(tempo.ticks(float(tempo.seconds(clip.start)) + passed)), 0)
