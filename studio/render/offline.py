"""Bounces: the mix and the stems of a song, by the mixer that plays it.

Sound comes as blocks, float32 [frames, 2], so that length costs no memory. A `progress` callback
gets the part done, 0 to 1, after each block; to cancel, it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from studio.domain.project import Project
from studio.domain.track import TrackId, TrackKind
from studio.render.knobs import LINEAR
from studio.render.mixer import STEP_FRAMES, Mixer, Segment
from studio.render.plan import Media, Plan, TrackPlan, compile_song
from studio.render.tables import empty_content

Samples = npt.NDArray[np.float32]  # [frames, 2]
Progress = Callable[[float], None]

TAIL_SECONDS = 12.0  # the longest a song rings on after its last note
_SILENT = 10.0 ** (-90.0 / 20.0)
_SILENT_SECONDS = 0.5  # so long below -90 dBFS, and it is over


@dataclass(frozen=True, slots=True)
class Stem:
    """One part of the mix before the master's effects and fader.

    A track's stem holds its own sound after the fader, and its share of what buses return. A bus
    whose effects do not treat a sum as the sum of its parts (compressor, saturation, limiter) has a
    stem of its own instead.

    Attributes:
        track: The track or bus it is of.
    """

    track: TrackId
    name: str


def render_song(
    project: Project,
    media: Media,
    *,
    start: int = 0,
    end: int | None = None,
    tail_seconds: float = TAIL_SECONDS,
    block_frames: int = 4096,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """The mix of a song; see `render_plan`."""
    plan = compile_song(project, media)
    return render_plan(
        plan,
        start=start,
        end=end,
        tail_seconds=tail_seconds,
        block_frames=block_frames,
        progress=progress,
    )


def render_plan(
    plan: Plan,
    *,
    start: int = 0,
    end: int | None = None,
    tail_seconds: float = TAIL_SECONDS,
    block_frames: int = 4096,
    premaster: bool = False,
    premaster_to: Callable[[Samples], object] | None = None,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """The song from frame `start`, as it sounds when played from there.

    Without `end`, until all has rung out; with it, notes are let go there, and what rings is kept.
    At most `tail_seconds` follow either.

    Args:
        block_frames: A multiple of 64; it changes no sample.
        premaster: Give what goes into the master's effects instead of what comes out of its fader.
        premaster_to: Gets what goes into the master's effects as well, from the same frame on, each
            block before that of the mix; in the end a little more of it where they look ahead.
    """
    length = max((plan.end if end is None else end) - start, 0)
    tail = round(tail_seconds * plan.sample_rate)
    bounce = _Bounce(plan, start, None if end is None else length, block_frames, premaster)
    bounce.premaster_to = premaster_to
    quiet, done = 0, 0
    for block in bounce.blocks(length + tail):
        done += len(block)
        loud = np.abs(block).max(axis=1) > _SILENT
        quiet = len(block) - 1 - int(np.flatnonzero(loud)[-1]) if loud.any() else quiet + len(block)
        yield block
        if progress is not None:
            progress(min(done / max(length, 1), 1.0))
        if done >= length and quiet >= _SILENT_SECONDS * plan.sample_rate:
            return


def stems_of(plan: Plan) -> tuple[Stem, ...]:
    """The stems whose sum is the mix before the master: every source, then buses that need their
    own."""
    sources = [t for t in plan.tracks if t.kind in (TrackKind.INSTRUMENT, TrackKind.AUDIO)]
    own = _own_stem(plan)
    buses = [track for track in plan.tracks if track.id in own]
    return tuple(Stem(track.id, track.name) for track in (*sources, *buses))


def render_stem(
    plan: Plan,
    stem: Stem,
    *,
    frames: int,
    start: int = 0,
    end: int | None = None,
    block_frames: int = 4096,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """One stem, exactly `frames` long: as long as the mix came out. Otherwise as `render_plan`."""
    length = None if end is None else max(end - start, 0)
    bounce = _Bounce(_only(plan, stem.track), start, length, block_frames, premaster=True)
    if stem.track in _own_stem(plan):
        bounce.only(stem.track)
    done = 0
    for block in bounce.blocks(frames):
        done += len(block)
        yield block
        if progress is not None:
            progress(done / frames)


class _Bounce:
    """A mixer that runs once, without a clock."""

    def __init__(
        self, plan: Plan, start: int, length: int | None, block_frames: int, premaster: bool
    ) -> None:
        self._mixer = Mixer(plan, block_frames)
        self._start, self._length, self._premaster = start, length, premaster
        self._block = np.zeros((block_frames, 2), np.float32)
        self._late = self._mixer.premaster_latency if premaster else self._mixer.latency
        self.premaster_to: Callable[[Samples], object] | None = None

    def only(self, track: TrackId) -> None:
        """Let nothing but this strip reach the master."""
        self._mixer.listen_to(self._mixer.plan.index(track))

    def blocks(self, frames: int) -> Iterator[Samples]:
        """The first `frames` frames, those that look-ahead delays included."""
        done, wanted = 0, frames + self._late
        try:
            while done < wanted:
                whole = -(-(wanted - done) // STEP_FRAMES) * STEP_FRAMES
                out = self._block[: min(len(self._block), whole)]
                self._mixer.run(out, self._segments(done, len(out)))
                if self.premaster_to is not None:
                    early = max(self._mixer.premaster_latency - done, 0)
                    self.premaster_to(self._mixer.premaster(len(out)).T[early:].copy())
                if self._premaster:
                    out[:] = self._mixer.premaster(len(out)).T
                first, last = max(self._late - done, 0), wanted - done
                done += len(out)
                if first < len(out):
                    yield out[first:last].copy()
        finally:
            self._mixer.close()

    def _segments(self, done: int, frames: int) -> list[Segment]:
        """Where the song is: running up to its length, then at rest."""
        here = self._start + done
        left = frames if self._length is None else min(max(self._length - done, 0), frames)
        running = [Segment(left, here, jump=done == 0)] if left else []
        if left == frames:
            return running
        return [*running, Segment(frames - left, here + left, rest=True)]


def _own_stem(plan: Plan) -> frozenset[TrackId]:
    """Buses whose return cannot be divided among what goes in, and all they feed."""
    found: set[TrackId] = set()
    for index in plan.bus_order():
        bus = plan.tracks[index]
        if bus.id in found or not all(device.kind in LINEAR for device in bus.devices):
            found |= {bus.id, *(send.bus for send in bus.sends)}
    return frozenset(found)


def _only(plan: Plan, wanted: TrackId) -> Plan:
    """The plan with one source left, and without the buses that have stems of their own."""
    own = _own_stem(plan)
    if wanted in own:
        return plan
    silent = empty_content()

    def kept(track: TrackPlan) -> TrackPlan:
        if track.id in own:
            return replace(track, muted=True)
        if track.id == wanted or track.kind in (TrackKind.BUS, TrackKind.MASTER):
            return track
        return replace(track, content=silent, instrument=None)

    return replace(plan, tracks=tuple(map(kept, plan.tracks)))
