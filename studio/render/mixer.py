"""The graph: instruments and clips, effects, faders, sends, buses, master.

Sound runs in steps of 64 frames (`STEP_FRAMES`) counted on the stream, which never stops; every
gain moves in straight lines between the borders of steps. So results do not depend on how the
stream is cut into blocks. What the song does (notes, clips, automation) is placed by song frames,
which jump. A song at rest that has rung out sleeps: nothing is computed until something happens.

A strip's sound passes its effects, then its fader (volume, pan, mute), then goes to the master.
Sends tap it before or after the fader. Solo is in place: other tracks no longer reach the master,
but what a soloed track sends to a bus is heard, and so is what others send to a soloed bus. Mute
silences sends too.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from studio.domain.track import TrackId, TrackKind
from studio.render.desk import Desk
from studio.render.fluid import GRID_FRAMES
from studio.render.graph import Graph, GraphMaker
from studio.render.live import Live, LiveInstrument
from studio.render.meters import Meters
from studio.render.plan import Plan
from studio.render.sleep import WINDOW_FRAMES, Sleep
from studio.render.sources import AudioSource, Block, InstrumentSource, Source, Tail
from studio.render.strip import Frames, Strip, scale
from studio.render.tables import CROSS_SECONDS

STEP_FRAMES = GRID_FRAMES


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames during which the song runs on, or rests.

    Attributes:
        frames: How many.
        frame: The song frame of the first one; while the song rests, where it stands.
        jump: Playing begins here, or comes here from elsewhere.
        rest: The song does not run; what rings, rings on.
    """

    frames: int
    frame: int
    jump: bool = False
    rest: bool = False


class Mixer:
    """Plays one plan at a time.

    All but `prepare` belongs to one thread (the audio callback, or an offline loop). `prepare` may
    run on another thread meanwhile, one call at a time; it holds all that is slow: loading
    instruments, mapping files, building effects. What it made is swapped in, or discarded, before
    the next call.

    Args:
        plan: What to play.
        max_frames: The longest run of frames in one call, a multiple of 64.

    Attributes:
        plan: What is played.
        latency: Frames between a song frame and what is heard of it, by look-ahead in effects.
    """

    def __init__(self, plan: Plan, max_frames: int = 8192) -> None:
        if max_frames % STEP_FRAMES:
            raise ValueError("a mixer works in multiples of 64 frames")
        self.max_frames = max_frames
        self.sample_rate = plan.sample_rate
        at_once = min(max_frames, WINDOW_FRAMES)
        self._maker = GraphMaker(plan.sample_rate, at_once)
        self._graph = Graph(replace(plan, tracks=()))
        self._strips: list[Strip] = []
        self._unused: list[Source] = []
        self._desk = Desk(at_once)
        self._meters = Meters(0)
        self._premaster = np.zeros((2, max_frames), np.float32)
        self._cut = round(CROSS_SECONDS * self.sample_rate)
        self._tail = Tail(self._cut)
        self._place = Segment(0, 0, rest=True)
        self._sleep = Sleep(plan.sample_rate)
        self._live: tuple[Live, ...] = ()
        self._live_rows: list[tuple[int, Live]] = []
        self.swap(self.prepare(plan))

    @property
    def plan(self) -> Plan:
        return self._graph.plan

    @property
    def latency(self) -> int:
        return self._graph.latency

    @property
    def premaster_latency(self) -> int:
        """As `latency`, of what enters the master's effects."""
        return self._graph.premaster_latency

    def listen_to(self, track: int | None) -> None:
        """Let only this row reach the master; None for all."""
        self._desk.heard_alone = track

    # -- another plan ---------------------------------------------------------------------------
    def prepare(self, plan: Plan) -> Graph:
        """Make what `plan` needs and the present one has not. Slow: not for the audio callback.

        Raises:
            StudioError: An instrument cannot be loaded.
            ValueError: The plan runs at another sample rate.
        """
        while self._unused:
            self._unused.pop().close()
        return self._maker.make(plan, self._graph)

    def keep_piano(self) -> None:
        """Have the piano ready before any plan asks for it; slow, as `prepare` is, and as safe.

        Raises:
            StudioError: There is no SoundFont.
        """
        self._maker.keep_piano()

    def discard(self, graph: Graph) -> None:
        """Give back what was made for a graph that will not be swapped in."""
        kept = set(map(id, self._graph.sources))
        self._unused += [s for s in graph.sources if s is not None and id(s) not in kept]

    def swap(self, graph: Graph) -> None:
        """Go on with another plan from the song frame we are at. Quick.

        What is the same in both plans sounds on undisturbed; notes that are gone are let go;
        changed audio cross-fades in 5 ms, changed gains ramp.
        """
        self._sleep.wake()
        self._let_go(graph)
        known = set(map(id, self._graph.sources))
        strips = {strip.track.id: strip for strip in self._strips}
        self._graph = graph
        self._strips = [strips.get(track.id) or Strip(track) for track in graph.plan.tracks]
        self._meters = Meters(len(self._strips))
        for strip, track in zip(self._strips, graph.plan.tracks, strict=True):
            strip.follow(track)
        for chain in filter(None, graph.chains):
            chain.start()
        for source, ready in zip(graph.sources, graph.ready, strict=True):
            if source is not None and ready is not None:
                source.swap(ready)
            elif source is not None and id(source) not in known and not self._place.rest:
                source.jump(self._place.frame)
        self._open_and_close(fresh={s.track.id for s in self._strips} - strips.keys())
        self.set_live(self._live)

    # -- by ear ---------------------------------------------------------------------------------
    def live_instrument(self, track: TrackId) -> LiveInstrument | None:
        """A track's instrument to be played by hand; slow, as `prepare` is. None where there is
        none."""
        found = next((t for t in self.plan.tracks if t.id == track), None)
        if found is None or found.instrument is None:
            return None
        synth = self._maker.synth(*found.instrument)
        return LiveInstrument(track, found.instrument, synth, self.max_frames)

    def set_live(self, live: Sequence[Live]) -> None:
        """Add what comes in from outside to the tracks it is meant for, before their effects."""
        rows = {track.id: row for row, track in enumerate(self.plan.tracks)}
        self._live = tuple(live)
        self._live_rows = [(rows[one.track], one) for one in live if one.track in rows]

    def release_live(self, live: LiveInstrument) -> None:
        """Give back the memory of one that is no longer set."""
        self._maker.release(live.synth)

    # -- within ---------------------------------------------------------------------------------
    def _let_go(self, graph: Graph) -> None:
        """Fade out what the sources that `graph` does without would have played next."""
        kept, last = set(map(id, graph.sources)), np.zeros((2, self._cut), np.float32)
        for source, strip in zip(self._graph.sources, self._strips, strict=False):
            if source is None or id(source) in kept:
                continue
            part = np.zeros_like(last)
            if source.render(part):
                last += part * (strip.volume.ramp.goal * strip.open.goal)
            self._unused.append(source)
        if last.any():
            self._tail.take(last)

    def close(self) -> None:
        """Give all memory back."""
        for source in (*self._graph.sources, *self._unused):
            if source is not None:
                source.close()
        self._maker.close()

    # -- by hand --------------------------------------------------------------------------------
    def set_parameter(self, track: int, which: str, value: float) -> None:
        """Move one of `TrackPlan.parameters` of a row; it stays there, automated or not, until a
        plan comes that says otherwise. `volume` and sends are in dB; `mute` and `solo` are 0 or 1.
        What the track has not is ignored: the plan may just have changed."""
        if not 0 <= track < len(self._strips):
            return
        self._sleep.wake()
        if self._strips[track].hold(which, value):
            if which in ("mute", "solo"):
                self._open_and_close()
            return
        device, _, name = which.partition(":")
        chain = self._graph.chains[track]
        if chain is not None:
            chain.turn(device, name, value)

    def audition(self, track: int, pitch: int, velocity: int, frames: int) -> None:
        """Sound a note on an instrument track for `frames`, whether the song runs or not."""
        source = self._graph.sources[track] if 0 <= track < len(self._graph.sources) else None
        if isinstance(source, InstrumentSource):
            self._sleep.wake()
            source.audition(pitch, velocity, frames)

    def _open_and_close(self, fresh: Set[TrackId] = frozenset()) -> None:
        """Open and close what mute and solo say; at once on strips that are `fresh`."""
        soloed = {strip.track.id for strip in self._strips[:-1] if strip.solo.ramp.goal}
        for strip in self._strips:
            id, kind = strip.track.id, strip.track.kind
            through = not soloed or id in soloed or kind in (TrackKind.BUS, TrackKind.MASTER)
            sends = {bus: through or bus in soloed for bus in strip.sends}
            strip.gate(not strip.mute.ramp.goal, through, sends, at_once=id in fresh)

    def read_ahead(self, frame: int, frames: int) -> None:
        """Ask the system to have the recordings of [frame, frame + frames) in memory soon.

        Does not wait, and may be called from any thread.
        """
        for source in self._graph.sources:
            if isinstance(source, AudioSource):
                source.read_ahead(frame, frames)

    # -- sounding -------------------------------------------------------------------------------
    def reset(self, frame: int) -> None:
        """Begin at a song frame with the next `render`: notes that sound there are started,
        controllers set."""
        self._sleep.wake()
        for source in self._graph.sources:
            if source is not None:
                source.jump(frame)
        self._place = Segment(0, frame)

    def render(self, out: npt.NDArray[np.float32], frame: int) -> None:
        """The next frames of the song, from song frame `frame`, to `out` (shape [n, 2], n a
        multiple of 64).

        A `frame` that does not follow on the last call's is a jump.
        """
        goes_on = not self._place.rest and self._place.frame == frame
        self.run(out, (Segment(len(out), frame, jump=not goes_on),))

    def run(self, out: npt.NDArray[np.float32], segments: Sequence[Segment]) -> None:
        """The next frames of the stream to `out` (shape [n, 2]): `segments` say where the song is
        meanwhile.

        Raises:
            ValueError: n is no multiple of 64, more than `max_frames`, or not the segments' sum.
        """
        total = len(out)
        if (
            total % STEP_FRAMES
            or total > self.max_frames
            or sum(s.frames for s in segments) != total
        ):
            raise ValueError(
                "a run is whole steps of 64 frames, no more than the mixer has room for"
            )
        if self._live_rows:
            self._sleep.wake()
        at, left = 0, list(segments)
        while at < total:
            frames = min(total - at, self._sleep.left)
            if self._sleep.asleep:
                frames = min(frames, _resting(left)) or frames
            piece, left = _split(left, frames)
            self._run(out[at : at + frames], self._premaster[:, at : at + frames], piece)
            at += frames

    def premaster(self, frames: int) -> Block:
        """What went into the master's effects in the last run, before its fader; shape [2,
        frames]."""
        return self._premaster[:, :frames]

    def _run(
        self, out: npt.NDArray[np.float32], premaster: Block, segments: Sequence[Segment]
    ) -> None:
        """A run within one window, in sleep all of it or none."""
        total, rests = len(out), all(segment.rest for segment in segments)
        if self._sleep.asleep and rests:
            out[:], premaster[:] = 0.0, 0.0
            self._place = segments[-1]
            self._sleep.add(total, True, 0.0)
            return
        if self._sleep.asleep:
            self._sleep.wake()
        sounds = self._sound(segments)
        peak = self._mix(out, premaster, _borders(segments, total))
        if self._sleep.add(total, rests and not sounds, peak):
            self._graph.reset()

    def _sound(self, segments: Sequence[Segment]) -> bool:
        """Let every source write its row, one segment after the other; whether any sounds."""
        at, sounds = 0, self._tail.left > 0
        for segment in segments:
            self._move(segment)
            for row, source in zip(self._graph.buffer, self._graph.sources, strict=True):
                part = row[:, at : at + segment.frames]
                if source is None or not source.render(part):
                    part[:] = 0.0
                else:
                    sounds = True
            for index, live in self._live_rows:
                live.add(self._graph.buffer[index, :, at : at + segment.frames])
            at += segment.frames
            ran = 0 if segment.rest else segment.frames
            self._place = Segment(0, segment.frame + ran, rest=segment.rest)
        return sounds

    def _move(self, segment: Segment) -> None:
        if segment.rest and not self._place.rest:
            for source in self._graph.sources:
                if source is not None:
                    source.stop()
        elif segment.jump:
            for source in self._graph.sources:
                if source is not None:
                    source.jump(segment.frame)

    def _mix(self, out: npt.NDArray[np.float32], premaster: Block, frames: Frames) -> float:
        """Mix the rows to `out`; the largest amplitude on any strip."""
        total = len(out)
        rows = self._graph.buffer[:, :, :total]
        settled = True
        for strip in self._strips:
            settled &= strip.begin(frames)
        if not settled:
            self._graph.forget()
        master = self._desk.mix(self._graph, self._strips, rows, frames)
        self._tail.add(master)
        premaster[:] = master
        self._desk.effects(len(rows) - 1, master, frames)
        scale(master, self._strips[-1].fader(frames), master)
        out[:] = master.T
        peak = self._meters.add(rows)
        if not settled:
            self._graph.forget()
        return peak

    # -- meters ---------------------------------------------------------------------------------
    def take_levels(self, out: npt.NDArray[np.float32]) -> None:
        """Write each strip's peak left, peak right, RMS left, RMS right since the last call, as
        amplitudes, to `out` (shape [tracks, 4]); the master is last."""
        self._meters.take(out)


def _borders(segments: Sequence[Segment], total: int) -> Frames:
    """The song frames at the borders of the run's steps, shape [steps + 1]."""
    wanted = np.arange(0, total + 1, STEP_FRAMES)
    found, at = np.zeros(len(wanted), np.int64), 0
    for segment in segments:
        held = (wanted >= at) & (wanted <= at + segment.frames)
        found[held] = segment.frame + (0 if segment.rest else wanted[held] - at)
        at += segment.frames
    return found


def _resting(segments: Sequence[Segment]) -> int:
    """Frames, in whole steps, for which the song still rests."""
    resting = itertools.takewhile(lambda segment: segment.rest, segments)
    return sum(segment.frames for segment in resting) // STEP_FRAMES * STEP_FRAMES


def _split(segments: Sequence[Segment], frames: int) -> tuple[list[Segment], list[Segment]]:
    """The first `frames` frames, and what is left."""
    first: list[Segment] = []
    for index, segment in enumerate(segments):
        if segment.frames > frames:
            ran = 0 if segment.rest else frames
            rest = Segment(segment.frames - frames, segment.frame + ran, rest=segment.rest)
            if frames:
                first.append(replace(segment, frames=frames))
                return first, [rest, *segments[index + 1 :]]
            return first, [*segments[index:]]
        first.append(segment)
        frames -= segment.frames
    return first, []
