"""Playing, stopping, seeking, looping: where the song is at each frame of the stream.

The stream's clock counts frames from 0 and never stops; the song's position jumps. Commands name
the stream frame at which they take effect; they do so at the first border of a 64-frame step from
there on that has not been rendered yet. Given in time, they make the stream the same to the bit
whatever the size of its blocks.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.domain.tempo import TempoMap
from studio.render.graph import Graph
from studio.render.metronome import Metronome
from studio.render.mixer import STEP_FRAMES, Mixer, Segment
from studio.render.plan import BEAT_DTYPE
from studio.render.tables import Table

SHORTEST_LOOP_FRAMES = 256
_RUNS = 65536
_NO_BEATS: Table = np.zeros(0, BEAT_DTYPE)


@dataclass(frozen=True, slots=True)
class _Command:
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A segment, and the clicks over it: the beats, the beat frame it starts at, and the first to
    be heard."""

    segment: Segment
    beats: Table
    click_frame: int = 0
    since: int = 0


class Transport:
    """Drives a mixer.

    `process` belongs to the audio callback; every other method may be called from one other thread,
    takes effect later, and takes `at`: a stream frame, or None for as soon as may be. Attributes
    are written by `process` and may be read from anywhere.

    Attributes:
        clock: Stream frames given out so far.
        playing: Whether the song runs (not while it counts in).
        counting_in: Whether the count-in runs.
        frame: The song frame of the next frame that is given out, or where playing will begin.
        loop: (start, end) in song frames, or None.
        runs: Where the song ran of late: (stream frame, song frame it came to there), or
            (stream frame, -1) where it came to rest; taken by whoever places a recording.
    """

    def __init__(self, mixer: Mixer) -> None:
        self.mixer = mixer
        self.clock = 0
        self.playing = False
        self.counting_in = False
        self.frame = 0
        self.loop: tuple[int, int] | None = None
        self.runs: deque[tuple[int, int]] = deque(maxlen=_RUNS)
        self._runs_on = False
        self._run_end = 0  # the stream frame after those being rendered
        self._incoming: deque[tuple[int, _Command]] = deque()
        self._waiting: list[
            tuple[int, int, _Command]
        ] = []  # heap of (stream frame, order, command)
        self._order = itertools.count()
        self._rendered = 0  # stream frames rendered; at most 63 more than given out
        self._run = np.zeros((mixer.max_frames, 2), np.float32)
        self._spare = np.zeros((STEP_FRAMES, 2), np.float32)
        self._spared = 0
        self._position = 0  # song frame at `_rendered`
        self._jumped = False  # whether the song comes to `_position` from elsewhere
        self._since = 0  # where it last came to
        self._counted = self._count_frames = 0
        self._count_beats = _NO_BEATS
        self._metronome = Metronome(mixer.sample_rate)
        self._clicks = False
        self._actions: dict[str, Callable[..., None]] = {
            "play": self._play,
            "stop": self._stop,
            "seek": self._seek,
            "loop": self._set_loop,
            "metronome": self._set_metronome,
            "plan": self._set_plan,
            "parameter": mixer.set_parameter,
            "audition": mixer.audition,
        }

    # -- commands -------------------------------------------------------------------------------
    def play(self, at: int | None = None, count_in_bars: int = 0) -> None:
        """Run from where the song stands, after `count_in_bars` of clicks."""
        self._give("play", at, count_in_bars)

    def stop(self, at: int | None = None) -> None:
        """Rest where the song is; what sounds rings out."""
        self._give("stop", at)

    def seek(self, frame: int, at: int | None = None) -> None:
        self._give("seek", at, frame)

    def set_loop(self, start: int, end: int | None, at: int | None = None) -> None:
        """Go back to `start` whenever `end` is reached from before it; no `end`, no loop.

        Raises:
            ValueError: The loop is shorter than `SHORTEST_LOOP_FRAMES`.
        """
        if end is not None and (end - start < SHORTEST_LOOP_FRAMES or start < 0):
            raise ValueError("a loop lasts at least 256 frames")
        self._give("loop", at, (start, end) if end is not None else None)

    def set_metronome(self, on: bool, at: int | None = None) -> None:
        self._give("metronome", at, on)

    def set_plan(self, graph: Graph, at: int | None = None) -> None:
        """Go on with what `mixer.prepare` made. If the tempo is another, the song stays at its
        tick."""
        self._give("plan", at, graph)

    def set_parameter(self, track: int, which: str, value: float, at: int | None = None) -> None:
        """See `Mixer.set_parameter`."""
        self._give("parameter", at, track, which, value)

    def audition(
        self, track: int, pitch: int, velocity: int, frames: int, at: int | None = None
    ) -> None:
        """See `Mixer.audition`."""
        self._give("audition", at, track, pitch, velocity, frames)

    def _give(self, name: str, at: int | None, *arguments: Any) -> None:
        self._incoming.append((-1 if at is None else at, _Command(name, arguments)))

    # -- the stream -----------------------------------------------------------------------------
    def process(self, out: npt.NDArray[np.float32]) -> None:
        """The next frames of the stream to `out`, float32 [n, 2], any n."""
        while self._incoming:
            at, command = self._incoming.popleft()
            heapq.heappush(self._waiting, (at, next(self._order), command))
        done = min(self._spared, len(out))
        out[:done] = self._spare[STEP_FRAMES - self._spared : STEP_FRAMES - self._spared + done]
        self._spared -= done
        while done < len(out):
            done += self._fill(out[done:])
        self.clock += len(out)
        ahead = self._spared if self.playing else 0
        self.frame = self._position - ahead if self._position >= ahead else self._position

    def _fill(self, out: npt.NDArray[np.float32]) -> int:
        """Render up to the next command and write it to `out`, keeping what is too much; frames
        written."""
        self._obey()
        frames = min(-(-len(out) // STEP_FRAMES) * STEP_FRAMES, self.mixer.max_frames)
        if self._waiting:  # not due yet: up to it
            until = -(-(self._waiting[0][0] - self._rendered) // STEP_FRAMES) * STEP_FRAMES
            frames = min(frames, until)
        run = self._run[:frames]
        self._render(run)
        self._rendered += frames
        written = min(frames, len(out))
        out[:written] = run[:written]
        if written < frames:
            self._spare[:] = run[-STEP_FRAMES:]
            self._spared = frames - written
        return written

    def _render(self, run: npt.NDArray[np.float32]) -> None:
        """Render the next frames, and the clicks over them; the song moves on."""
        pieces: list[_Piece] = []
        left = len(run)
        self._run_end = self._rendered + left
        while left:
            pieces.append(self._count(left) if self.counting_in else self._next(left))
            left -= pieces[-1].segment.frames
        self.mixer.run(run, [piece.segment for piece in pieces])
        at = 0
        for piece in pieces:
            heard = run[at : at + piece.segment.frames]
            frame = piece.click_frame - self.mixer.latency
            self._metronome.add(heard, piece.beats, frame, piece.since)
            at += piece.segment.frames

    def _next(self, left: int) -> _Piece:
        """What of the next frames is in one piece."""
        start, frames = self._position, left
        if not self.playing:
            self._note_rest(left)
            return _Piece(Segment(frames, start, rest=True), _NO_BEATS)
        loop = self.loop if self.loop is not None and start < self.loop[1] else None
        if loop is not None:
            frames = min(frames, loop[1] - start)
        if self._jumped:
            self._since = start
            self.runs.append((self._run_end - left, start))
            self._runs_on = True
        segment = Segment(frames, start, jump=self._jumped)
        self._position = start + frames
        self._jumped = loop is not None and self._position == loop[1]
        if loop is not None and self._jumped:
            self._position = loop[0]
        beats = self.mixer.plan.beats if self._clicks else _NO_BEATS
        return _Piece(segment, beats, start, self._since)

    def _note_rest(self, left: int) -> None:
        if self._runs_on:
            self._runs_on = False
            self.runs.append((self._run_end - left, -1))

    def _count(self, left: int) -> _Piece:
        """Clicks while the song waits where it will begin."""
        self._note_rest(left)
        frames = min(left, self._count_frames - self._counted)
        piece = _Piece(
            Segment(frames, self._position, rest=True), self._count_beats, self._counted, 0
        )
        self._counted += frames
        if self._counted == self._count_frames:
            self.counting_in, self.playing, self._jumped = False, True, True
        return piece

    # -- obeying --------------------------------------------------------------------------------
    def _obey(self) -> None:
        """Carry out the commands that are due."""
        while self._waiting and self._waiting[0][0] <= self._rendered:
            command = heapq.heappop(self._waiting)[2]
            self._actions[command.name](*command.arguments)

    def _play(self, count_in_bars: int) -> None:
        if self.playing or self.counting_in:
            return
        self._jumped = True
        self.playing, self.counting_in = count_in_bars == 0, count_in_bars > 0
        if self.counting_in:
            self._counted = 0
            self._count_frames, self._count_beats = self._count_in(count_in_bars)

    def _count_in(self, bars: int) -> tuple[int, Table]:
        """How long a count-in from here lasts, and its beats, in frames from its start."""
        tempo, rate = self.mixer.plan.tempo, self.mixer.sample_rate
        tick = tempo.tick_of_frame(self._position, rate)
        meter = tempo.meter_at(tick)
        whole = TempoMap.constant(tempo.tempo_at(tick), meter.beats, meter.unit)
        table = np.zeros(bars * meter.beats, BEAT_DTYPE)
        table["frame"] = whole.frames(np.arange(len(table)) * meter.ticks_per_beat, rate)
        table["accent"] = np.arange(len(table)) % meter.beats == 0
        return whole.frame(bars * meter.ticks_per_bar, rate), table

    def _stop(self) -> None:
        self.playing = self.counting_in = False

    def _seek(self, frame: int) -> None:
        self._position, self._jumped = max(frame, 0), True

    def _set_loop(self, loop: tuple[int, int] | None) -> None:
        self.loop = loop

    def _set_metronome(self, on: bool) -> None:
        self._clicks = on

    def _set_plan(self, graph: Graph) -> None:
        before, rate = self.mixer.plan.tempo, self.mixer.sample_rate
        self.mixer.swap(graph)
        after = graph.plan.tempo
        if after == before:
            return

        def moved(frame: int) -> int:
            return after.frame(before.tick_of_frame(frame, rate), rate)

        self._seek(moved(self._position))
        if self.loop is not None:
            start, end = map(moved, self.loop)
            self.loop = (start, max(end, start + SHORTEST_LOOP_FRAMES))
