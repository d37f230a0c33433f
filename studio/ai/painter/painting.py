"""Filling holes and outlines of a recording, and going on before and after it.

The shortest holes are interpolated, others take what was played between like surroundings
elsewhere in the recording, and the longest ones a chain of such pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from studio.ai.painter import chains, healing, interpolation, lasso, retrieval, seams
from studio.ai.painter.canvas import Canvas
from studio.ai.painter.hole import Hole, Lasso, Painted, Patch, Strokes
from studio.ai.painter.interpolation import interpolated
from studio.ai.painter.places import Atlas, Place, Wanted
from studio.core.errors import StudioError

LIKELIEST, DRAWN = "likeliest samples", "drawn samples"
LIKELIEST_SECONDS = 0.008  # up to here nothing is missed that only chance can tell
DRAWN_SECONDS = interpolation.LONGEST_SECONDS
MATCHED_SECONDS = chains.LONGEST_SECONDS
LONGEST_SECONDS = 600.0  # of a hole, and of what goes on
LONGEST_LASSO_SECONDS = 30.0
_REACH_SECONDS = 180.0  # listened to on each side
_TOGETHER_SECONDS = 60.0  # holes no further apart are listened for at once
_NEAR_SECONDS = 0.005  # holes no further apart are one,
_FADED_SECONDS = 0.05  # or where cross-fades would meet
_BESIDE_SECONDS = 0.25  # of samples beside a hole that is interpolated
_OUTLINED_SECONDS = 0.25  # from here on a good match is taken for an outline
_GOOD = 0.6  # distance up to which a match is one
_LAST_RESORT_SECONDS = 0.1  # interpolated where nothing is alike
_END_SECONDS = 0.01  # faded where music that was added ends
_SILENT = 1e-4
_SEARCHED = 0.5  # of all that is done, once clicks were looked for

Watch = Callable[[float], None]


def paint(canvas: Canvas, strokes: Strokes, *, seed: int, watch: Watch) -> tuple[Painted, ...]:
    """Put what is wanted on a canvas: holes first, then outlines, then what goes on.

    Nothing but the patches, which hold holes and their cross-fades, differs from what was there.

    Args:
        seed: 0: the best there is; another number: another of what is nearly as good.
        watch: Told the fraction done, 0-1; may raise Cancelled.

    Returns:
        What was written, in order, in frames from where the canvas begins then.

    Raises:
        StudioError: Nothing is wanted, or it cannot be.
    """
    searched = _SEARCHED if strokes.heal else 0.0
    if strokes.heal:
        strokes = _healing(canvas, strokes, lambda part: watch(searched * part))
    holes = _checked(canvas, strokes)
    short = [one for one in holes if one.frames <= DRAWN_SECONDS * canvas.sample_rate]
    groups = list(_groups([one for one in holes if one not in short], canvas.sample_rate))
    extensions = [(canvas.frames, strokes.after)] * bool(strokes.after)
    extensions += [(0, strokes.before)] * bool(strokes.before)
    steps = len(short) + 10 * (len(groups) + len(strokes.lassos) + len(extensions))
    work = _Work(canvas, holes, strokes, seed, watch)
    work.shared_out(steps, searched)
    for hole in short:
        work.step(1, partial(work.interpolate, hole))
    for group in groups:
        work.step(10, partial(work.match, group))
    for outline in strokes.lassos:
        work.step(10, partial(work.outline, outline))
    for at, frames in extensions:
        work.step(10, partial(work.go_on, at, frames))
    return tuple(_told(canvas, work))


# -- what can be asked -------------------------------------------------------------------------
def _checked(canvas: Canvas, strokes: Strokes) -> list[Hole]:
    """The holes in order, those that meet joined. Raises StudioError on what cannot be."""
    rate, spans = canvas.sample_rate, [_span(canvas, one) for one in strokes.lassos]
    if not strokes:
        raise StudioError("There is nothing to write.", "Say from where to where.")
    for hole in (*strokes.holes, *spans):
        if hole.end > canvas.frames:
            raise StudioError(
                f"There is nothing to fill at {clock(hole.end / rate)}: the recording ends at"
                f" {clock(canvas.frames / rate)}."
            )
    holes = _joined(strokes.holes, rate)
    if sum(one.frames for one in holes) >= canvas.frames:
        raise StudioError(
            "All of the recording is to be written anew, so nothing tells what belongs there.",
            "Leave some of it.",
        )
    longest = max([*(one.frames for one in holes), strokes.before, strokes.after], default=0)
    if longest > LONGEST_SECONDS * rate:
        raise StudioError(f"No more than {LONGEST_SECONDS / 60:.0f} minutes are written at once.")
    if max((one.frames for one in spans), default=0) > LONGEST_LASSO_SECONDS * rate:
        raise StudioError(
            f"An outline spans no more than {LONGEST_LASSO_SECONDS:.0f} seconds.",
            "Write one stretch after the other.",
        )
    return holes


def _healing(canvas: Canvas, strokes: Strokes, watch: Watch) -> Strokes:
    """With what is to be healed as holes. Raises StudioError where that is nothing."""
    found = healing.found(canvas.read, canvas.frames, canvas.sample_rate, watch)
    healed = replace(strokes, holes=(*strokes.holes, *found), heal=False)
    if not healed:
        raise StudioError("No clicks and no drop-outs were found.", "Nothing has to be healed.")
    return healed


def _span(canvas: Canvas, outline: Lasso) -> Hole:
    try:
        span = outline.hole(canvas.frames)
    except ValueError:
        raise StudioError("The outline lies beside the recording.") from None
    if outline.hz[0] >= canvas.sample_rate / 2:
        raise StudioError(
            f"The recording holds nothing above {canvas.sample_rate / 2000:g} kHz.",
            "Choose a lower band.",
        )
    return span


def _joined(holes: Sequence[Hole], sample_rate: int) -> list[Hole]:
    """Holes in order; one where what is left between two is less than their cross-fades."""
    near, long = (s * sample_rate for s in (_NEAR_SECONDS, DRAWN_SECONDS))
    found: list[Hole] = []
    for one in sorted(holes, key=lambda hole: (hole.first, hole.end)):
        faded = bool(found) and max(one.frames, found[-1].frames) > long
        if found and one.first - found[-1].end <= (_FADED_SECONDS * sample_rate if faded else near):
            found[-1] = Hole(found[-1].first, max(found[-1].end, one.end))
        else:
            found.append(one)
    return found


def _groups(holes: Sequence[Hole], sample_rate: int) -> Iterator[list[Hole]]:
    """Holes so near that one look at the recording around them is enough."""
    group: list[Hole] = []
    for one in holes:
        if group and one.end - group[0].first > _TOGETHER_SECONDS * sample_rate:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


# -- doing it ------------------------------------------------------------------------------------
class _Work:
    """One painting: what it is done on, and what is known of each patch."""

    def __init__(
        self, canvas: Canvas, holes: list[Hole], strokes: Strokes, seed: int, watch: Watch
    ) -> None:
        self.canvas, self.holes, self.strokes, self.seed = canvas, holes, strokes, seed
        self.told: list[tuple[Patch, str, float | None]] = []
        self._watch, self._share, self._done, self._told = watch, 1.0, 0.0, 0.0
        self._rate = canvas.sample_rate

    def shared_out(self, steps: int, done: float) -> None:
        """There are so many steps, and so much of all is done."""
        self._share, self._done = (1.0 - done) / steps, done

    def step(self, steps: int, work: Callable[[], None]) -> None:
        self._within(0.0)
        work()
        self._done += steps * self._share
        self._within(0.0)

    def interpolate(self, hole: Hole) -> None:
        """A hole from the samples beside it."""
        beside = max(round(_BESIDE_SECONDS * self._rate), 8 * hole.frames)
        ends = [one.end for one in self.holes if one.end <= hole.first]
        firsts = [one.first for one in self.holes if one.first >= hole.end]
        first = max([hole.first - beside, *ends[-1:], 0])
        end = min([hole.end + beside, *firsts[:1], self.canvas.frames])
        samples = self.canvas.read(first, end)
        seed: int | None = self.seed
        if hole.frames <= LIKELIEST_SECONDS * self._rate and not seed:
            seed = None
        try:
            made = interpolated(samples, _moved(hole, -first), seed=seed)
        except ValueError:
            raise _too_short(hole, self._rate) from None
        method = LIKELIEST if seed is None else DRAWN
        self._keep(Patch(hole.first, made, method), "from the samples beside it")

    def match(self, group: list[Hole]) -> None:
        """Holes from places that sound alike."""
        reach = round(_REACH_SECONDS * self._rate)
        first = max(group[0].first - reach, 0)
        atlas = self._around(first, group[-1].end + reach, self.holes)
        for number, hole in enumerate(group):
            done = number / len(group)
            patch = self._patch(atlas, _moved(hole, -first), done, 1 / len(group))
            if patch is None:
                self.interpolate(hole)
            else:
                self._keep(_later(patch, first), self._from(hole, _later(patch, first)))

    def _patch(self, atlas: Atlas, hole: Hole, done: float, share: float) -> Patch | None:
        """None for a short hole that nothing fits into."""
        seed, rate = self.seed, self._rate
        place = self._place(atlas, hole)
        if place is not None:
            return retrieval.patch(atlas, hole, place)
        if hole.frames <= _LAST_RESORT_SECONDS * rate:
            return None
        try:
            return chains.patch(
                atlas, hole, seed=seed, watch=lambda part: self._within(10 * (done + share * part))
            )
        except ValueError:
            raise _too_short(hole, rate) from None

    def _place(self, atlas: Atlas, hole: Hole) -> Place | None:
        """Where all of a hole can be taken from; None where that is nowhere."""
        if hole.frames > MATCHED_SECONDS * self._rate:
            return None
        places = atlas.places(Wanted.for_hole(hole, len(atlas.samples)))
        return chains.chosen(places, [], hole.frames, chains.chance(self.seed))

    def outline(self, outline: Lasso) -> None:
        """What lies inside an outline, from a good match or from the levels around it."""
        canvas, rate, span = self.canvas, self._rate, _span(self.canvas, outline)
        reach = round(_REACH_SECONDS * rate)
        like = patch = None
        if span.frames > _OUTLINED_SECONDS * rate and not self.strokes.near:
            first = max(span.first - reach, 0)
            atlas = self._around(first, span.end + reach, [*self.holes, span])
            hole = _moved(span, -first)
            place = self._place(atlas, hole)
            if place is not None and place.distance <= _GOOD:
                patch = retrieval.patch(atlas, hole, place)
                like = patch.samples[hole.first - patch.first :][: span.frames]
                patch = _later(patch, first)
        first = max(span.first - rate, 0)
        before = canvas.read(first, span.end + rate)
        there = Lasso(tuple((frame - first, hz) for frame, hz in outline.points))
        try:
            made = lasso.filled(
                before, rate, there, seed=self.seed, like=like, strength=self.strokes.strength
            )
        except ValueError:
            raise StudioError(
                "The outline is narrower than can be told apart.", "Draw it wider."
            ) from None
        after = before.copy()
        after[made.first : made.end] = made.samples
        leak = seams.leak_db(before, after, rate, _moved(span, -first), outline.hz)
        why = self._from(span, patch) if patch is not None else "from the levels around it"
        self._keep(_later(made, first), why, leak)

    def go_on(self, at: int, frames: int) -> None:
        """Music after the recording's end, or, from frame 0, before its beginning."""
        reach = round(2 * _REACH_SECONDS * self._rate)
        first = max(at - reach, 0) if at else 0
        atlas = self._around(first, at if at else reach, [])
        samples = atlas.samples
        near = samples[-self._rate :] if at else samples[: self._rate]
        if np.abs(near).max() < _SILENT:
            raise StudioError(
                f"The recording {'ends' if at else 'begins'} in silence: nothing tells how it goes"
                " on.",
                "Cut the silence off first.",
            )
        try:
            made, taken = chains.continued(
                atlas if at else atlas.turned(), frames, seed=self.seed,
                watch=lambda part: self._within(10 * part),
            )  # fmt: skip
        except ValueError:
            raise StudioError("The recording is too short to go on from.") from None
        patch = chains.added(samples if at else samples[::-1], made, frames, taken)
        patch = _ended(patch, round(_END_SECONDS * self._rate))
        patch = _later(patch, first) if at else _turned(patch, len(samples))
        self._keep(patch, self._from(Hole(max(patch.first, 0), patch.end), patch))

    def _around(self, first: int, end: int, holes: Sequence[Hole]) -> Atlas:
        """Where to look for places: the recording from `first` on as it is now."""
        known = self.canvas.read(first, min(end, self.canvas.frames))
        inside = [
            Hole(max(one.first - first, 0), one.end - first)
            for one in holes
            if one.end > first and one.first < first + len(known)
        ]
        for one in inside:
            known[one.first : one.end] = 0.0
        if np.abs(known).max(initial=0.0) < _SILENT:
            raise StudioError(
                "There is nothing but silence around it, so nothing tells what belongs there."
            )
        return Atlas(known, self._rate, inside, lambda: self._within(0.0))

    def _from(self, hole: Hole, patch: Patch) -> str:
        """Where the pieces of a patch were taken from."""
        if len(patch.taken) > 1:
            return f"from {len(patch.taken)} places, the first at {self._clock(patch.taken[0])}"
        (at,) = patch.taken
        away = abs(at - hole.first) / self._rate
        side = "earlier" if at < hole.first else "later"
        return f"from {self._clock(at)}, {away:.1f} s {side}"

    def _clock(self, frame: int) -> str:
        return clock(frame / self._rate)

    def _keep(self, patch: Patch, why: str, leak_db: float | None = None) -> None:
        self.canvas.patches.append(patch)
        self.told.append((patch, why, leak_db))

    def _within(self, steps: float) -> None:
        """Tell how far it is, with so many steps of this one done."""
        self._told = max(self._told, min(self._done + steps * self._share, 1.0))
        self._watch(self._told)


# -- what is told --------------------------------------------------------------------------------
def clock(seconds: float) -> str:
    """As 1:02.50."""
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def _told(canvas: Canvas, work: _Work) -> Iterator[Painted]:
    """Every patch with its seams, as they are in the end."""
    begin = canvas.first
    for patch, why, leak_db in sorted(work.told, key=lambda one: one[0].first):
        first = patch.first - canvas.sample_rate
        samples = canvas.read(first, patch.end + canvas.sample_rate)
        first = max(first, begin)
        found = seams.seams(samples, canvas.sample_rate, _later(patch, -first))
        edges = tuple(replace(one, frame=one.frame + first - begin) for one in found)
        yield Painted(patch.first - begin, patch.end - begin, patch.method, why, edges, leak_db)


def _too_short(hole: Hole, sample_rate: int) -> StudioError:
    return StudioError(
        f"The recording holds nothing that could fill {hole.frames / sample_rate:.2f} s.",
        "It is too short, or too little of it is left.",
    )


def _moved(hole: Hole, frames: int) -> Hole:
    return Hole(hole.first + frames, hole.end + frames)


def _later(patch: Patch, frames: int) -> Patch:
    taken = tuple(first + frames for first in patch.taken)
    return replace(patch, first=patch.first + frames, taken=taken)


def _turned(patch: Patch, frames: int) -> Patch:
    """A patch of a recording of so many frames played backwards, the right way round."""
    taken = tuple(frames - first for first in patch.taken)
    made = np.ascontiguousarray(patch.samples[::-1])
    return Patch(frames - patch.end, made, patch.method, taken)


def _ended(patch: Patch, fade: int) -> Patch:
    """A patch that ends in silence."""
    made = patch.samples.copy()
    fade = min(fade, len(made))
    made[len(made) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None]
    return replace(patch, samples=made)
