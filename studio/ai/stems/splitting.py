"""From a wish to stems in the media store, whatever network takes the sound apart.

The network sees stereo at a rate of its own; the stems come out as the source went in: its rate,
its channels, its length. The last one is what the others leave of the source, so that together
they are the source again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from studio.ai.catalogue import ModelContext
from studio.ai.requests import STEMS, Excerpt, Quality, Request, Result, Sound
from studio.ai.stems.feeding import Fed
from studio.ai.stems.keeping import Keeping, Samples
from studio.core.errors import StudioError
from studio.media import durable, recording
from studio.media.recording import Recording
from studio.media.store import MediaStore

REST = "rest"
INSTRUMENTAL = "instrumental"  # the rest where vocals are wanted
_SEPARATED = 0.93  # of the whole, once it was taken apart

Write = Callable[[int, Mapping[str, Samples]], None]


class Engine(Protocol):
    """A network that takes sound apart, window by window."""

    @property
    def stems(self) -> tuple[str, ...]:
        """What it can tell apart."""
        ...

    @property
    def sample_rate(self) -> int:
        """At which it does, Hz."""
        ...

    def separate(self, fed: Fed, write: Write, quality: Quality, watch: Watch) -> dict[str, float]:
        """Hand all of `fed` to `write` in order, without a gap or overlap; the confidence 0-1 of
        each stem. `watch` is told the fraction done at least once a window, and may raise
        Cancelled."""
        ...


Watch = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Stems to be computed, and the name of what they leave of the source."""

    computed: tuple[str, ...]
    rest: str


def split(
    request: Request, context: ModelContext, engine: Engine, weak: frozenset[str] = frozenset()
) -> Result:
    """Take `request.controls.audio` apart.

    Args:
        weak: Stems to be labelled experimental.

    Returns:
        The stems in the order asked for, kept in `request.media`; of one stem, it and the rest.

    Raises:
        StudioError: The engine has no such stem, or the recording cannot be read or the stems not
            be written; nothing is kept then.
        Cancelled: From `context`.
    """
    excerpt, media = _asked(request)
    wanted = _wanted(request.controls.stems, engine.stems)
    names = (*wanted.computed, wanted.rest)
    with ExitStack() as stack:
        source = stack.enter_context(_opened(media, excerpt))
        fed = Fed(source, excerpt, engine.sample_rate)
        files = {name: stack.enter_context(_scratch(media, name)) for name in names}
        with Keeping(source, excerpt, files, engine.sample_rate) as keeping:
            watch = _share(context, 0.0, _SEPARATED, "Separating")
            found = engine.separate(fed, keeping.write, request.controls.quality, watch)
            keeping.finish()
        confidence = _told(found, wanted)
        sounds = [
            Sound(
                name,
                media.adopt(files[name], f"{name} of {excerpt.source.name}", share),
                confidence[name],
                _weak(name, wanted, weak),
            )
            for name, share in zip(names, _shares(context, len(names)), strict=True)
        ]
    return Result((), request.gap.end, why=_why(sounds), sounds=_ordered(sounds))


def _asked(request: Request) -> tuple[Excerpt, MediaStore]:
    if request.controls.audio is None or request.media is None:
        raise StudioError("There is no recording to take apart.", "Choose an audio clip.")
    return request.controls.audio, request.media


def _wanted(stems: tuple[str, ...], known: tuple[str, ...]) -> _Wanted:
    """What to compute for the stems asked for: of all four, "other" is what the rest leave."""
    missing = [stem for stem in stems if stem not in known]
    if missing or not stems:
        raise StudioError(
            f"This model cannot split off {missing[0] if missing else 'nothing'}.",
            f"It knows: {', '.join(known)}.",
        )
    rest = rest_of(stems)
    return _Wanted(tuple(stem for stem in stems if stem != rest), rest)


def rest_of(stems: tuple[str, ...]) -> str:
    """What is called that which the stems asked for leave of the source: of all four, "other"."""
    if set(STEMS) <= set(stems):
        return "other"
    return INSTRUMENTAL if stems == ("vocals",) else REST


def _told(found: Mapping[str, float], wanted: _Wanted) -> dict[str, float]:
    """The confidence of each stem; one rest is as sure as what was taken from it."""
    rest = found.get(wanted.rest, min(found[stem] for stem in wanted.computed))
    return {**{stem: found[stem] for stem in wanted.computed}, wanted.rest: rest}


def _weak(name: str, wanted: _Wanted, weak: frozenset[str]) -> bool:
    """What is left of one weak stem is as weak."""
    return name in weak or (
        wanted.rest not in STEMS and name == wanted.rest and bool(weak & set(wanted.computed))
    )


def _ordered(sounds: list[Sound]) -> tuple[Sound, ...]:
    """In the usual order, what has no place there at the end."""
    order = {stem: place for place, stem in enumerate(STEMS)}
    return tuple(sorted(sounds, key=lambda sound: order.get(sound.name, len(STEMS))))


def _why(sounds: list[Sound]) -> str:
    told = ", ".join(f"{sound.name} {sound.confidence:.0%}" for sound in _ordered(sounds))
    return f"How sure the model is: {told}."


def _share(context: ModelContext, begun: float, ended: float, text: str) -> Watch:
    """Progress from `begun` to `ended` of the whole, and the way to a cancel."""

    def watch(fraction: float) -> None:
        context.check_cancelled()
        context.progress(begun + (ended - begun) * fraction, text)

    return watch


def _shares(context: ModelContext, count: int) -> Iterator[Watch]:
    """The same for each of `count` equal steps after the separation."""
    step = (1.0 - _SEPARATED) / count
    for index in range(count):
        begun = _SEPARATED + index * step
        yield _share(context, begun, begun + step, "Keeping the stems")


@contextmanager
def _opened(media: MediaStore, excerpt: Excerpt) -> Iterator[Recording]:
    try:
        path = media.path(excerpt.source.media)
    except KeyError:
        raise StudioError(
            f"The recording “{excerpt.source.name}” is missing from the song's folder."
        ) from None
    with recording.reading(path, excerpt.source.name) as file:
        yield file


@contextmanager
def _scratch(media: MediaStore, name: str) -> Iterator[Path]:
    """A file beside the store's own that is gone afterwards, unless the store took it over."""
    with durable.partial_of(media.folder / f"{name}.wav") as path:
        yield path


def null_db(source: Samples, stems: list[Samples]) -> float:
    """The largest sample of `source` minus the sum of `stems`, dBFS; -200 at the least."""
    left = source.astype(np.float64) - np.sum([stem.astype(np.float64) for stem in stems], 0)
    return 20.0 * float(np.log10(max(np.abs(left).max(initial=0.0), 1e-10)))
