"""How strips are wired: who sends where, in which order, and how late, so that paths line up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.domain.track import TrackId, TrackKind
from studio.render.effects import Chain
from studio.render.fluid import SoundFont, Synth
from studio.render.plan import Plan, TrackPlan
from studio.render.sources import AudioSource, InstrumentSource, Source
from studio.render.strip import Delay, delay


@dataclass(eq=False, slots=True)
class Send:
    """One send at work; `late` holds it back until the latest sound arrives at its bus."""

    source: int
    bus: int
    bus_id: TrackId
    late: Delay | None


@dataclass(eq=False, slots=True)
class Feed:
    """Sends tapped at the same place that go to the same bus, summed in this order."""

    bus: int
    sends: list[Send]
    pre_fader: bool
    rows: npt.NDArray[np.intp]
    levels: npt.NDArray[np.float32] | None = None  # [sends, 1, 1], known while nothing moves


@dataclass(eq=False)
class Graph:
    """A plan at work: everything `Mixer.swap` needs, made ahead by `Mixer.prepare`.

    Rows are those of the plan's tracks.

    Attributes:
        ready: Per source, other content for it to go on with, or None.
        direct: What holds each strip back on its way to the master.
        feeds: From tracks, by bus; `bus_feeds`: from each bus to buses after it.
        faders: Left and right factor of each row, [tracks, 2, 1], known while nothing moves.
        buffer: A row of sound for each strip, [tracks, 2, frames].
        room: As much again, in one piece, to sum sends in.
    """

    plan: Plan
    sources: list[Source | None] = field(default_factory=list)
    ready: list[Any] = field(default_factory=list)
    chains: list[Chain | None] = field(default_factory=list)
    tracks: tuple[int, ...] = ()
    buses: tuple[int, ...] = ()
    feeds: list[Feed] = field(default_factory=list)
    bus_feeds: dict[int, list[Feed]] = field(default_factory=dict)
    direct: list[Delay | None] = field(default_factory=list)
    latency: int = 0
    premaster_latency: int = 0
    faders: npt.NDArray[np.float32] | None = None
    buffer: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2, 0), np.float32))
    room: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    def forget(self) -> None:
        """Something moves: factors have to be found afresh."""
        self.faders = None
        for feed in self.all_feeds():
            feed.levels = None

    def reset(self) -> None:
        """Let nothing of what sounded be left in effects and delays."""
        for part in (*self.chains, *self.delays().values()):
            if part is not None:
                part.reset()

    def all_feeds(self) -> list[Feed]:
        return [*self.feeds, *(feed for feeds in self.bus_feeds.values() for feed in feeds)]

    def delays(self) -> dict[tuple[TrackId, TrackId | None], Delay | None]:
        """Every delay line by where it is: from a track to a bus, or to the master (None)."""
        tracks = self.plan.tracks
        found: dict[tuple[TrackId, TrackId | None], Delay | None] = {
            (track.id, None): late for track, late in zip(tracks, self.direct, strict=False)
        }
        for feed in self.all_feeds():
            found |= {(tracks[send.source].id, send.bus_id): send.late for send in feed.sends}
        return found


class GraphMaker:
    """Makes graphs; holds the SoundFont their instruments share."""

    def __init__(self, sample_rate: int, max_frames: int) -> None:
        self._rate, self._frames = sample_rate, max_frames
        self._font: SoundFont | None = None
        self._piano: Synth | None = None  # never played: it keeps the piano decoded

    def make(self, plan: Plan, now: Graph) -> Graph:
        """A graph for `plan` that goes on with whatever of `now` is the same in both.

        Raises:
            StudioError: An instrument cannot be loaded.
            ValueError: The plan runs at another sample rate.
        """
        if plan.sample_rate != self._rate:
            raise ValueError("a mixer keeps its sample rate")
        graph = Graph(plan)
        rows = {track.id: index for index, track in enumerate(now.plan.tracks)}
        for track in plan.tracks:
            self._add(track, graph, now, rows.get(track.id))
        wire(graph, now, self._frames)
        return graph

    def synth(self, bank: int, program: int) -> Synth:
        """A synthesiser of the shared SoundFont. Raises StudioError where it cannot be loaded."""
        if self._font is None:
            self._font = SoundFont(self._rate)
        return self._font.synth(bank, program)

    def keep_piano(self) -> None:
        """Have the piano decoded until `close`: no other instrument takes as long, and most songs
        begin with it. Slow. Raises StudioError where there is no SoundFont."""
        if self._piano is None:
            self._piano = self.synth(0, 0)

    def release(self, synth: Synth) -> None:
        if self._font is not None:
            self._font.release(synth)

    def close(self) -> None:
        if self._font is not None:
            self._font.close()

    def _add(self, track: TrackPlan, graph: Graph, now: Graph, row: int | None) -> None:
        source, chain, ready = None, None, None
        if row is None:
            source = self._source(track)
            chain = Chain(track.devices, self._rate) if track.devices else None
        else:
            before, source, chain = now.plan.tracks[row], now.sources[row], now.chains[row]
            if (before.kind, before.instrument) != (track.kind, track.instrument):
                source = self._source(track)
            elif source is not None and not before.content.equals(track.content):
                ready = source.ready(track.content)
            if track.devices or chain is not None:
                chain = Chain(track.devices, self._rate, chain or Chain((), self._rate))
        graph.sources.append(source)
        graph.ready.append(ready)
        graph.chains.append(chain)

    def _source(self, track: TrackPlan) -> Source | None:
        if track.kind is TrackKind.AUDIO:
            return AudioSource(track.content, self._rate, self._frames)
        if track.instrument is None:
            return None
        if self._font is None:
            self._font = SoundFont(self._rate)
        return InstrumentSource(self._font, *track.instrument, track.content, self._frames)


def wire(graph: Graph, earlier: Graph, longest: int) -> None:
    """Connect the strips of `graph`; delays that `earlier` has as well go on.

    Args:
        longest: Frames in the longest run.
    """
    plan, master = graph.plan, len(graph.plan.tracks) - 1
    buses = plan.bus_order()
    graph.buses = buses
    graph.tracks = tuple(i for i in range(master) if i not in buses)
    graph.buffer = np.zeros((master + 1, 2, longest), np.float32)
    graph.room = np.zeros(graph.buffer.size, np.float32)
    known = earlier.delays()
    arrives, leaves = _times(graph)
    for index in graph.tracks:
        _add_feeds(graph, index, graph.feeds, arrives, leaves, known)
    for index in buses:
        _add_feeds(graph, index, graph.bus_feeds.setdefault(index, []), arrives, leaves, known)
    for index, track in enumerate(plan.tracks[:master]):
        wait = arrives[master] - leaves[index]
        graph.direct.append(delay(wait, longest, known.get((track.id, None))))
    graph.latency, graph.premaster_latency = leaves[master], arrives[master]


def _targets(plan: Plan, index: int) -> list[tuple[int, TrackId, bool]]:
    """(row, id, pre-fader) of each bus a strip sends to; the master sends nowhere."""
    rows = {t.id: i for i, t in enumerate(plan.tracks) if t.kind is TrackKind.BUS}
    if index == len(plan.tracks) - 1:
        return []
    return [(rows[s.bus], s.bus, s.pre_fader) for s in plan.tracks[index].sends if s.bus in rows]


def _times(graph: Graph) -> tuple[list[int], list[int]]:
    """How late the latest sound enters each strip, and leaves it, in frames."""
    master = len(graph.plan.tracks) - 1
    arrives, leaves = [0] * (master + 1), [0] * (master + 1)
    for index in (*graph.tracks, *graph.buses, master):
        chain = graph.chains[index]
        leaves[index] = arrives[index] + (chain.latency_frames if chain is not None else 0)
        for target in (*(row for row, _, _ in _targets(graph.plan, index)), master):
            if target != index:
                arrives[target] = max(arrives[target], leaves[index])
    return arrives, leaves


def _add_feeds(
    graph: Graph,
    index: int,
    feeds: list[Feed],
    arrives: list[int],
    leaves: list[int],
    known: dict[tuple[TrackId, TrackId | None], Delay | None],
) -> None:
    longest, id = graph.buffer.shape[2], graph.plan.tracks[index].id
    for row, bus, pre_fader in _targets(graph.plan, index):
        late = delay(arrives[row] - leaves[index], longest, known.get((id, bus)))
        feed = next((f for f in feeds if (f.bus, f.pre_fader) == (row, pre_fader)), None)
        if feed is None:
            feed = Feed(row, [], pre_fader, np.zeros(0, np.intp))
            feeds.append(feed)
        feed.sends.append(Send(index, row, bus, late))
        feed.rows = np.append(feed.rows, index)
