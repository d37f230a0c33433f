"""The songs that figures are taken of: written by a model to requests, or people's, held out."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np

from studio.ai import registry
from studio.ai.catalogue import Model, ModelCard
from studio.ai.composer.measures import chords_of, key_of
from studio.ai.composer.piece import SUB_TICKS, Piece
from studio.ai.composer.song import notes_of
from studio.ai.composer.vocabulary import SECTIONS
from studio.ai.record import take_from_json, take_to_json
from studio.ai.requests import Controls, Request, Result, Take, Task, take_id
from studio.ai.sketch.styles import STYLES
from studio.ai.training.composer.shards import Shards
from studio.ai.wishes import placement
from studio.ai.wishes import tempo_of as tempo_of_wish
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.project import Marker, Project, new_song
from studio.domain.tempo import MeterChange, TempoChange, TempoMap
from studio.edit.takes import new_instrument
from studio.media.store import MediaStore

FORM = "intro 4, verse 4, chorus 4, verse 4, chorus 4, outro 4"
FORM_BARS = 24
PLAIN_BARS = 16
STRAIGHT_BPM = 100.0  # for music that tells no tempo


class Unheard:
    """A context that lets everything pass, and notes when the first bars came."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.first_seconds: float | None = None

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, result: Result) -> None:
        if self.first_seconds is None and any(len(part.notes) for part in result.parts):
            self.first_seconds = time.perf_counter() - self.began

    def check_cancelled(self) -> None: ...


@dataclass
class Player:
    """A model that fills gaps; each request is filled once and its take kept in `folder`."""

    card: ModelCard
    folder: Path
    _model: Model | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        return self.card.title

    def model(self) -> Model:
        """The adapter with its weights."""
        if self._model is None:
            self._model = registry.load(self.card)
            self._model.load("cpu")
        return self._model

    def fill(self, request: Request) -> Take:
        """Raises StudioError where the model cannot."""
        store = MediaStore(self.folder / "media")
        kept = self.kept(request)
        if kept.exists():
            return take_from_json(json.loads(kept.read_text()), store)
        began = time.perf_counter()
        result = self.model().generate(request, Unheard())
        take = Take(take_id(request), request, result, time.perf_counter() - began)
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(take_to_json(take, store)))
        part.replace(kept)
        return take

    def kept(self, request: Request) -> Path:
        """The file of the request's take, there or not."""
        return self.folder / "takes" / f"{take_id(request)}.json"

    def song(self, request: Request) -> Project:
        """The request's song with what the model wrote in it."""
        take = self.fill(request)
        return placement(take.id, request, take.result).apply(request.song)

    def composing(
        self, prompt: str, seed: int, bars: int, controls: Controls | None = None
    ) -> Request:
        """A wish for a song from nothing, of so many bars of the meter that its words mean."""
        bar = Gap((), 0, 1)
        asked = self.request(Task.COMPOSE, bar, new_song(), seed, prompt, controls)
        length = tempo_of_wish(asked).meter_at(0).ticks_per_bar
        return replace(asked, gap=Gap((), 0, bars * length))

    def request(
        self,
        task: Task,
        gap: Gap,
        song: Project,
        seed: int,
        prompt: str = "",
        controls: Controls | None = None,
    ) -> Request:
        return Request(
            task,
            gap,
            self.card.id,
            self.card.digest,
            seed,
            song,
            prompt,
            controls=controls or Controls(),
        )


def players(folder: Path, names: Sequence[str] = ()) -> list[Player]:
    """The models that compose, those named or all."""
    found = [card for card in registry.cards() if Task.COMPOSE in card.tasks]
    return [Player(card, folder) for card in found if not names or card.id in names]


# Has takes that are missing written; what comes back waits until they are there.
Fill: TypeAlias = Callable[[Player, Iterable[Request]], Callable[[], None]]


@contextmanager
def writers(processes: int) -> Iterator[Fill]:
    """A function that has several processes write takes, in the order in which it is called.

    With one process nothing is written ahead: who wants a take writes it.
    """
    if processes < 2:
        yield lambda _player, _requests: lambda: None
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context)
    under_way: dict[Path, Future[None]] = {}

    def fill(player: Player, requests: Iterable[Request]) -> Callable[[], None]:
        asked = {player.kept(one): one for one in requests}
        for kept, one in asked.items():
            if kept not in under_way and not kept.exists():
                under_way[kept] = pool.submit(_write, player.card.id, player.folder, one)

        def wait() -> None:
            for kept in asked.keys() & under_way.keys():
                under_way[kept].result()

        return wait

    try:
        yield fill
    finally:
        pool.shutdown(cancel_futures=True)


def _write(model: str, folder: Path, request: Request) -> None:
    try:
        _writer(model, folder).fill(request)
    except StudioError:
        return  # said again by whoever wants the take


@cache
def _writer(model: str, folder: Path) -> Player:
    return Player(registry.card(model), folder)


def prompts() -> tuple[str, ...]:
    """One for each style that every model knows."""
    return tuple(STYLES)


def composed(player: Player, count: int, *, form: bool = False) -> Iterator[tuple[str, Take]]:
    """(style, take) of `count` songs, styles in turn; with a form, or 16 bars without."""
    for style, request in compositions(player, count, form=form):
        yield style, player.fill(request)


def compositions(
    player: Player, count: int, *, form: bool = False
) -> Iterator[tuple[str, Request]]:
    """(style, request) of each song of `composed`."""
    styles = prompts()
    for index in range(count):
        style = styles[index % len(styles)]
        seed = index // len(styles)
        prompt, bars = (f"{style}, {FORM}", FORM_BARS) if form else (style, PLAIN_BARS)
        yield style, player.composing(prompt, seed, bars)


def project_of(take: Take) -> Project:
    """The song that a take makes of its request's."""
    return placement(take.id, take.request, take.result).apply(take.request.song)


# --- people's music ---------------------------------------------------------------------------


def collections(work: Path, split: str) -> dict[str, Shards]:
    """Held-out or training pieces by collection; empty where none were prepared."""
    found = sorted((work / "shards" / split).glob("*.npz"))
    shards = {path.stem: Shards(path) for path in found}
    return {name: one for name, one in shards.items() if len(one)}


def held_out(
    work: Path, *, each: int, seed: int = 7, split: str = "test"
) -> Iterator[tuple[str, Piece]]:
    """(collection, piece) of up to `each` pieces of every collection, drawn by seed."""
    for name, shards in collections(work, split).items():
        order = np.random.default_rng(seed).permutation(len(shards))
        for index in order[:each]:
            yield name, shards[int(index)]


def excerpts(
    work: Path, *, bars: int, each: int, least_parts: int = 1, split: str = "test"
) -> Iterator[tuple[str, Piece]]:
    """(collection, excerpt of `bars` bars in one meter) of up to `each` pieces of a collection."""
    for name, shards in collections(work, split).items():
        order = np.random.default_rng(11).permutation(len(shards))
        found = (excerpt(shards[int(index)], bars, int(index)) for index in order)
        good = (one for one in found if one is not None and len(one.parts) >= least_parts)
        for one in islice(good, each):
            yield name, one


def excerpt(piece: Piece, bars: int, seed: int) -> Piece | None:
    """`bars` bars of one meter from the middle of a piece; None where there are none with notes."""
    table = piece.bars
    whole = table["length"] == table["beats"].astype(int) * 96 // np.maximum(table["unit"], 1)
    alike = whole[1:] & whole[:-1]
    alike &= (table["beats"][1:] == table["beats"][:-1]) & (table["unit"][1:] == table["unit"][:-1])
    run = (
        np.lib.stride_tricks.sliding_window_view(alike, bars - 1)
        if len(alike) >= bars - 1
        else (np.zeros((0, 1), bool))
    )
    starts = np.flatnonzero(run.all(1))
    if not len(starts):
        return None
    first = int(np.random.default_rng(seed).choice(starts))
    found = cut(piece, first, first + bars)
    return found if len(found.notes) >= 4 * bars else None


def cut(piece: Piece, first: int, last: int) -> Piece:
    """Bars [first, last) as a piece of its own, without the parts that are silent there."""
    bars = piece.bars[first:last].copy()
    bars["start"] -= bars["start"][0]
    bars["recall"] = np.where(bars["recall"] >= first, bars["recall"] - first, -1)
    inside = (piece.notes["bar"] >= first) & (piece.notes["bar"] < last)
    notes = piece.notes[inside].copy()
    notes["bar"] -= first
    used = np.unique(notes["part"])
    notes["part"] = np.searchsorted(used, notes["part"])
    return replace(piece, bars=bars, parts=tuple(piece.parts[int(i)] for i in used), notes=notes)


def song_of(piece: Piece) -> Project:
    """A piece whose bars are as long as their meters say, as a song."""
    chords = chords_of(piece)
    song = replace(new_song(), tempo=tempo_of(piece), key=key_of(piece), chords=chords)
    song = replace(song, markers=_markers(piece))
    end = int(piece.bars["start"][-1] + piece.bars["length"][-1]) * SUB_TICKS
    for index, part in enumerate(piece.parts):
        role = "drums" if part.drums else part.role if part.role != "other" else ""
        track = new_instrument(song, part.name, part.program, drums=part.drums, role=role)
        song = song.with_new_track(track)
        notes = notes_of(piece.notes[piece.notes["part"] == index], piece.bars)
        song = song.with_clip_on(track.id, NoteClip(song.new_clip_id(), 0, end, notes))
    return song


def _markers(piece: Piece) -> tuple[Marker, ...]:
    sections, starts = piece.bars["section"].astype(int), piece.bars["start"].astype(int)
    changes = np.flatnonzero(np.diff(sections, prepend=-1))
    return tuple(
        Marker(int(starts[i]) * SUB_TICKS, SECTIONS[sections[i]].capitalize())
        for i in changes
        if sections[i]
    )


def tempo_of(piece: Piece) -> TempoMap:
    """Tempo and meter of each bar, as changes."""
    tempos: list[TempoChange] = []
    meters: list[MeterChange] = []
    for bar in piece.bars:
        tick, bpm = int(bar["start"]) * SUB_TICKS, float(bar["bpm"]) or STRAIGHT_BPM
        bpm = float(np.clip(bpm, 20.0, 400.0))
        meter = MeterChange(tick, int(bar["beats"]), int(bar["unit"]))
        if not tempos or tempos[-1].bpm != bpm:
            tempos.append(TempoChange(tick, bpm))
        if not meters or (meters[-1].beats, meters[-1].unit) != (meter.beats, meter.unit):
            meters.append(meter)
    return TempoMap(tuple(tempos), tuple(meters))
