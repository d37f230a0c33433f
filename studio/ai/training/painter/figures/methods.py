"""Every way to fill a gap: those of the painter, and the plainest ones to hold them against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

import numpy as np

from studio.ai.painter import chains, joins, retrieval
from studio.ai.painter.canvas import Canvas
from studio.ai.painter.hole import Hole, Patch, Samples, Strokes
from studio.ai.painter.interpolation import interpolated
from studio.ai.painter.painting import paint
from studio.ai.painter.places import Atlas, Wanted

Method: TypeAlias = Callable[[Atlas, Hole], Patch | None]  # None where it is not made for this
PAINTER = "painter"
_INTERPOLATED_SECONDS = 0.11  # longer ones take long, and fade out
_FADE_SECONDS = 0.005


def silence(atlas: Atlas, hole: Hole) -> Patch:
    return Patch(hole.first, np.zeros((hole.frames, atlas.samples.shape[1]), np.float32), "")


def repetition(atlas: Atlas, hole: Hole) -> Patch:
    """What came just before once more, cross-faded at both ends."""
    fade = min(round(_FADE_SECONDS * atlas.sample_rate), hole.frames // 2)
    begin, end = hole.first - fade, hole.end + fade
    made = atlas.samples[begin - hole.frames : end - hole.frames].copy()
    made[:fade] = joins.faded(atlas.samples[begin : hole.first], made[:fade])
    made[-fade:] = joins.faded(made[-fade:], atlas.samples[hole.end : end])
    return Patch(begin, made, "")


def edges(atlas: Atlas, hole: Hole) -> Patch:
    """What comes before played backwards, faded into what follows played backwards."""
    before = atlas.samples[hole.first - hole.frames : hole.first][::-1]
    after = atlas.samples[hole.end : hole.end + hole.frames][::-1]
    return Patch(hole.first, joins.faded(before, after), "")


def _interpolation(atlas: Atlas, hole: Hole, seed: int | None) -> Patch | None:
    if hole.frames > _INTERPOLATED_SECONDS * atlas.sample_rate:
        return None
    reach = atlas.sample_rate
    near = atlas.samples[hole.first - reach : hole.end + reach]
    there = Hole(reach, reach + hole.frames)
    return Patch(hole.first, interpolated(near, there, seed=seed), "")


def match(atlas: Atlas, hole: Hole) -> Patch | None:
    places = atlas.places(Wanted.for_hole(hole, len(atlas.samples)))
    return retrieval.patch(atlas, hole, places[0]) if places else None


def chain(atlas: Atlas, hole: Hole) -> Patch | None:
    if hole.frames < atlas.sample_rate:
        return None
    return chains.patch(atlas, hole, seed=0, watch=lambda fraction: None)


def painter(atlas: Atlas, hole: Hole) -> Patch:
    """What the request comes to: the method that the painter chooses."""
    canvas = Canvas(
        lambda first, end: atlas.samples[first:end],
        len(atlas.samples), atlas.samples.shape[1], atlas.sample_rate,
    )  # fmt: skip
    paint(canvas, Strokes((hole,)), seed=0, watch=lambda fraction: None)
    return canvas.patches[-1]


METHODS: Mapping[str, Method] = {
    "silence": silence,
    "repetition": repetition,
    "edges": edges,
    "likeliest": partial(_interpolation, seed=None),
    "drawn": partial(_interpolation, seed=1),
    "match": match,
    "chain": chain,
    PAINTER: painter,
}


def applied(samples: Samples, patch: Patch) -> Samples:
    made = samples.copy()
    made[patch.first : patch.end] = patch.samples
    return made
