"""Painter: writes what is missing of a recording, from what is there of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from studio.ai.catalogue import ModelContext
from studio.ai.painter.canvas import Canvas
from studio.ai.painter.hole import Painted
from studio.ai.painter.painting import paint
from studio.ai.requests import Request, Result, Sound
from studio.core.errors import StudioError
from studio.media import durable, recording

NAME = "painted"
_PAINTED = 0.8  # of the whole, once all is painted


class Painter:
    """Fills holes and outlines, heals clicks, and goes on before and after a recording."""

    def load(self, device: str) -> None:
        """There is nothing to load."""

    def unload(self) -> None:
        """Nothing was loaded."""

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Paint `request.controls.strokes` on the request's recording.

        Returns:
            The whole of it as float WAV in `request.media`; outside of what `painted` tells, every
            sample is what it was.

        Raises:
            StudioError: There is no recording, it cannot be read or written, or `paint` refuses.
            Cancelled: From `context`.
        """
        audio, media = request.controls.audio, request.media
        if audio is None or media is None:
            raise StudioError("There is no recording to paint in.", "Choose an audio clip.")
        with recording.reading(media.path(audio.source.media), audio.source.name) as file:
            first = audio.first_frame
            canvas = Canvas(
                lambda start, end: file.read(first + start, first + end),
                audio.frames, file.channels, file.sample_rate,
            )  # fmt: skip
            watch = _share(context, 0.0, _PAINTED, "Painting")
            painted = paint(canvas, request.controls.strokes, seed=request.seed, watch=watch)
            with durable.partial_of(media.folder / f"{NAME}.wav") as path:
                _write(canvas, path, _share(context, _PAINTED, 0.9, "Writing"))
                keep = _share(context, 0.9, 1.0, "Writing")
                name = audio.source.name.removesuffix(f" {NAME}")
                source = media.adopt(path, f"{name} {NAME}", keep)
        sound = Sound(NAME, source)
        return Result((), request.gap.end, why=_why(painted), sounds=(sound,), painted=painted)


def _write(canvas: Canvas, path: Path, watch: Callable[[float], None]) -> None:
    begin, end = canvas.first, canvas.end
    kind = recording.float_kind(end - begin, canvas.channels)
    with recording.writing(
        path, sample_rate=canvas.sample_rate, channels=canvas.channels, kind=kind, subtype="FLOAT"
    ) as file:
        for first in range(begin, end, recording.BLOCK_FRAMES):
            watch((first - begin) / (end - begin))
            file.write(canvas.read(first, min(first + recording.BLOCK_FRAMES, end)))


def _share(context: ModelContext, begun: float, ended: float, text: str) -> Callable[[float], None]:
    """Progress from `begun` to `ended` of the whole, and the way to a cancel."""

    def watch(fraction: float) -> None:
        context.check_cancelled()
        context.progress(begun + (ended - begun) * fraction, text)

    return watch


def _why(painted: tuple[Painted, ...]) -> str:
    """How each was made, or how many were made how."""
    if len(painted) <= 3:
        return " ".join(f"{one.method.capitalize()} {one.why}." for one in painted)
    counts = Counter(one.method for one in painted)
    told = ", ".join(f"{count} by {method}" for method, count in counts.items())
    return f"{len(painted)} places: {told}."
