"""The mixing desk: rows of sound through effects, faders and sends into one.

While nothing moves, faders and sends of all tracks are scaled and summed in a few array operations.
What moves is scaled by itself first, and takes the same sums in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from studio.render.graph import Feed, Graph
from studio.render.sources import Block
from studio.render.strip import CLOSED, OPEN, Frames, Strip, scale

Rows: TypeAlias = npt.NDArray[np.float32]  # [tracks, 2, frames]


class Desk:
    """Mixes one run after the other; all it keeps is room to work in.

    Attributes:
        heard_alone: The one row that reaches the master, or None for all.
    """

    def __init__(self, max_frames: int) -> None:
        self.heard_alone: int | None = None
        self._scratch = np.zeros((2, max_frames), np.float32)
        self._graph: Graph
        self._strips: Sequence[Strip] = ()

    def mix(self, graph: Graph, strips: Sequence[Strip], rows: Rows, frames: Frames) -> Block:
        """Everything up to what enters the master's effects; its row, shape [2, frames].

        Args:
            rows: What the sources made, silence elsewhere; changed in place.
            frames: The song frames at the borders of the run's steps.
        """
        self._graph, self._strips = graph, strips
        self._tracks(rows, frames)
        for index in graph.buses:
            self._bus(index, rows, frames)
        return self._sum(rows, frames)

    def _tracks(self, rows: Rows, frames: Frames) -> None:
        """Effects, sends before the fader, fader, sends after it, all tracks at once."""
        graph = self._graph
        for index in graph.tracks:
            self.effects(index, rows[index], frames)
        for feed in graph.feeds:
            if feed.pre_fader:
                self._feed(feed, rows, frames)
        if graph.faders is None:
            graph.faders = np.ones((len(rows), 2, 1), np.float32)
            for index in graph.tracks:
                gains = self._strips[index].fader(frames)
                if gains.shape[1] == 1:
                    graph.faders[index] = gains
                else:
                    rows[index] *= gains
        np.multiply(rows, graph.faders, out=rows)
        for feed in graph.feeds:
            if not feed.pre_fader:
                self._feed(feed, rows, frames)

    def _bus(self, index: int, rows: Rows, frames: Frames) -> None:
        block, feeds = rows[index], self._graph.bus_feeds[index]
        self.effects(index, block, frames)
        for feed in feeds:
            if feed.pre_fader:
                self._feed(feed, rows, frames)
        scale(block, self._strips[index].fader(frames), block)
        for feed in feeds:
            if not feed.pre_fader:
                self._feed(feed, rows, frames)

    def effects(self, index: int, block: Block, frames: Frames) -> None:
        """Let a row's effects change `block` in place."""
        chain = self._graph.chains[index]
        if chain is not None:
            chain.process(block, frames, self._strips[index].track.lanes)

    def _feed(self, feed: Feed, rows: Rows, frames: Frames) -> None:
        """Add what a feed's sends tap to their bus."""
        total, count = rows.shape[2], len(feed.sends)
        parts = self._graph.room[: count * 2 * total].reshape(count, 2, total)
        np.take(rows, feed.rows, axis=0, out=parts, mode="clip")
        if feed.levels is None:
            feed.levels = np.ones((count, 1, 1), np.float32)
            for index, send in enumerate(feed.sends):
                gains = self._strips[send.source].send(send.bus_id, frames, feed.pre_fader)
                if gains.shape[1] == 1:
                    feed.levels[index] = gains
                else:
                    parts[index] *= gains
        np.multiply(parts, feed.levels, out=parts)
        for part, send in zip(parts, feed.sends, strict=True):
            if send.late is not None:
                send.late.process(part, part)
        rows[feed.bus] += np.add.reduce(parts, axis=0, out=self._scratch[:, :total])

    def _sum(self, rows: Rows, frames: Frames) -> Block:
        """All strips into the master's row, in the order of rows."""
        master: Block = rows[-1]
        straight = [strip.straight(frames) for strip in self._strips[:-1]]
        plain = self.heard_alone is None and not any(
            late is not None for late in self._graph.direct
        )
        if plain and all(gains is OPEN for gains in straight):
            np.add.reduce(rows[:-1], axis=0, out=master)
            return master
        part = self._scratch[:, : rows.shape[2]]
        for index, gains in enumerate(straight):
            target = master if index == 0 else part
            scale(rows[index], gains if self.heard_alone in (None, index) else CLOSED, target)
            late = self._graph.direct[index]
            if late is not None:
                late.process(target, target)
            if index:
                master += part
        return master
