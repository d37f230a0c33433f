"""Recordings filled, extended, healed and made into loops."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.ai import registry, sound_wishes
from studio.ai.painter.hole import Hole, Lasso, Painted, Seam, Strokes
from studio.ai.requests import Controls, Task
from studio.cli import arguments
from studio.cli.desk import Desk, check_output
from studio.core.errors import StudioError
from studio.domain.clip import AudioSource
from studio.io.audio_files import SUFFIXES as AUDIO_SUFFIXES
from studio.media import durable, recording
from studio.media.recording import Samples
from studio.media.store import MediaStore

WRITTEN = (".wav",)
_MOST_TOLD = 12
_BESIDE_SECONDS = 1.0
_MOST_LOOP_SECONDS = 600.0
_TIME = re.compile(r"(?:(\d+):)?(\d+(?:\.\d+)?)")


# -- arguments -------------------------------------------------------------------------------
def add_fill(parser: argparse.ArgumentParser) -> None:
    """What `fill` takes for a recording."""
    parser.add_argument(
        "--seconds", type=seconds_range, action="append", default=[], metavar="A-B",
        help="of a recording: what to write anew, such as 12.5-14 or 1:02-1:04; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--hz", type=hz_range, metavar="LOW-HIGH", help="of a recording: only these frequencies"
    )


def add_extend(parser: argparse.ArgumentParser) -> None:
    """What `extend` takes for a recording."""
    parser.add_argument(
        "--seconds", type=seconds, metavar="N", help="of a recording: how much to add"
    )


def add_heal(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser, "a recording")
    arguments.add_output(parser, "x.wav (32 bit float)")


def add_loop(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser, "a recording")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--bars", type=arguments.count, metavar="N", help="so many bars, where they loop best"
    )
    which.add_argument(
        "--seconds", type=seconds_range, metavar="A-B", help="from there to there, or 10 ms beside"
    )
    arguments.add_output(parser, "x.wav (32 bit float)")


def seconds(text: str) -> float:
    """`90`, `12.5` or `1:30`, above 0."""
    found = _TIME.fullmatch(text)
    value = 60.0 * int(found[1] or 0) + float(found[2]) if found else 0.0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"“{text}” is no length in seconds, such as 12.5 or 1:30.")
    return value


def seconds_range(text: str) -> tuple[float, float]:
    """`12.5-14` or `1:02-1:04.5`."""
    found = [_TIME.fullmatch(part) for part in text.split("-")]
    times = [60.0 * int(one[1] or 0) + float(one[2]) for one in found if one is not None]
    if len(found) != 2 or len(times) != 2:
        raise argparse.ArgumentTypeError(f"“{text}” is no range in seconds, such as 12.5-14.")
    if times[0] >= times[1]:
        raise argparse.ArgumentTypeError(f"“{text}” ends before it begins.")
    return times[0], times[1]


def hz_range(text: str) -> tuple[float, float]:
    """`300-1200`."""
    found = [_TIME.fullmatch(part) for part in text.split("-")]
    if len(found) != 2 or not all(one is not None and one[1] is None for one in found):
        raise argparse.ArgumentTypeError(f"“{text}” is no range in Hz, such as 300-1200.")
    low, high = (float(part) for part in text.split("-"))
    if low >= high:
        raise argparse.ArgumentTypeError(f"“{text}” holds no frequency.")
    return low, high


# -- commands --------------------------------------------------------------------------------
def is_recording(path: Path) -> bool:
    return path.suffix.lower() in AUDIO_SUFFIXES


def fill(options: argparse.Namespace, desk: Desk) -> None:
    """Write stretches of a recording anew, or a band of them."""
    if not options.seconds:
        raise StudioError("Say what of the recording to fill.", "Such as: --seconds 12.5-14.")

    def strokes(rate: int) -> Strokes:
        holes = tuple(_hole(span, rate) for span in options.seconds)
        if options.hz is None:
            return Strokes(holes)
        return Strokes(lassos=tuple(Lasso.box(hole, *options.hz) for hole in holes))

    _paint(options, desk, strokes)


def extend(options: argparse.Namespace, desk: Desk) -> None:
    """Go on after a recording, or begin before it."""
    if options.seconds is None:
        raise StudioError("Say by how much to extend the recording.", "Such as: --seconds 8.")

    def strokes(rate: int) -> Strokes:
        frames = max(round(options.seconds * rate), 1)
        return Strokes(before=frames) if options.before else Strokes(after=frames)

    _paint(options, desk, strokes)


def heal(options: argparse.Namespace, desk: Desk) -> None:
    """Find the clicks and drop-outs of a recording, and fill them."""
    options.seed = 0
    _paint(options, desk, lambda rate: Strokes(heal=True))


def loop(options: argparse.Namespace, desk: Desk) -> None:
    """Cut a stretch out of a recording that can be played round and round."""
    from studio.ai.painter import loops, seams

    _check(options)
    with recording.reading(options.input) as file:
        span = _looped(options, desk, file)
        rate, size = file.sample_rate, round(_BESIDE_SECONDS * file.sample_rate)
        first = max(span.first - size, 0)
        samples = file.read(first, span.end + size)
    found = loops.nearest(samples, rate, Hole(span.first - first, span.end - first))
    made = loops.seamless(samples, rate, found.first, found.frames)
    with durable.whole(options.out) as partial:
        _write(partial, made, rate)
    turn = np.concatenate([made[-size:], made[:size]])
    click = seams.click_db(turn, rate, min(size, len(made)))
    begin = (found.first + first) / rate
    print(f"{options.out}: {_clock(begin)}-{_clock(begin + len(made) / rate)}, {len(made)} frames")
    print(f"Where it begins again: click {click:+.1f} dB.")


# -- what they share -------------------------------------------------------------------------
def _paint(options: argparse.Namespace, desk: Desk, strokes: Callable[[int], Strokes]) -> None:
    """Have strokes painted on the recording in the options, write it, and say how it joins.

    Raises:
        StudioError: It cannot be read, painted or written; nothing is written then.
    """
    _check(options)
    model = getattr(options, "model", None)
    card = registry.card(model) if model else registry.default_for(Task.PAINT)
    with _kept(options.out) as media:
        with desk.bar(f"Read {options.input.name}") as reached:
            source = media.import_audio(options.input, reached)
        controls = Controls(strokes=strokes(source.sample_rate))
        request = sound_wishes.about_file(Task.PAINT, card, source, media, controls)
        result = desk.take(replace(request, seed=options.seed)).result
        (sound,) = result.sounds
        durable.settle(media.path(sound.source.media), options.out)
    _tell(options.out, sound.source, result.painted)
    with desk.bar("Compare with the source") as reached:
        before = controls.strokes.before
        changed = changed_outside(options.input, options.out, result.painted, before, reached)
    if changed:
        raise StudioError(f"{changed} samples beside what was written changed.")
    print("Every other sample is what it was, to the bit.")


def _check(options: argparse.Namespace) -> None:
    if not options.input.exists():
        raise StudioError(f"There is no file called “{options.input}”.")
    if options.out.exists() and options.out.samefile(options.input):
        raise StudioError("A recording is never written over itself.", "Choose another name.")
    check_output(options.out, WRITTEN, force=options.force)
    if getattr(options, "variations", 1) > 1:
        raise StudioError("Of a recording one variation is made at a time.", "Choose by --seed.")


@contextmanager
def _kept(out: Path) -> Iterator[MediaStore]:
    """A media store on the disk of `out` while the work goes on."""
    try:
        with tempfile.TemporaryDirectory(prefix=".painted-", dir=out.absolute().parent) as scratch:
            yield MediaStore(Path(scratch) / "media")
    except OSError as error:
        raise durable.refusal(error, out) from error


def _hole(span: tuple[float, float], rate: int) -> Hole:
    first, end = (round(second * rate) for second in span)
    return Hole(first, max(end, first + 1))


def changed_outside(
    before: Path, after: Path, painted: Sequence[Painted], added: int, progress: durable.Progress
) -> int:
    """How many frames outside of what was painted are not what they were, read from the files.

    Args:
        added: Frames in front of what was there before.
    """
    count = 0
    with recording.reading(before) as old, recording.reading(after) as made:
        for first in range(0, old.frames, recording.BLOCK_FRAMES):
            end = min(first + recording.BLOCK_FRAMES, old.frames)
            differ = old.read(first, end) != made.read(first + added, end + added)
            for one in painted:
                differ[max(one.first - added - first, 0) : max(one.end - added - first, 0)] = False
            count += int(differ.any(axis=1).sum())
            progress(end / old.frames)
    return count


def _tell(out: Path, source: AudioSource, painted: Sequence[Painted]) -> None:
    rate = source.sample_rate
    kind = "mono" if source.channels == 1 else "stereo"
    print(f"{out}: {_clock(source.frames / rate)}, {rate} Hz, {kind}")
    for one in painted[:_MOST_TOLD]:
        print(f"{_clock(one.first / rate)}-{_clock(one.end / rate)}  {one.method} {one.why}")
        print(f"    {_seams(one.seams)}{_leak(one.leak_db)}")
    rest = painted[_MOST_TOLD:]
    if rest:
        worst = max((seam.click_db for one in rest for seam in one.seams), default=0.0)
        print(f"And {len(rest)} more: click {worst:+.1f} dB at the most.")


def _seams(seams: Sequence[Seam]) -> str:
    clicks = " and ".join(f"{seam.click_db:+.1f}" for seam in seams)
    steps = " and ".join(f"{seam.step_db:+.1f}" for seam in seams)
    return f"click {clicks} dB, step {steps} dB" if seams else "no seams"


def _leak(leak_db: float | None) -> str:
    return "" if leak_db is None else f", leak {leak_db:.0f} dB"


def _clock(at: float) -> str:
    minutes, rest = divmod(round(at, 2), 60.0)
    return f"{int(minutes)}:{rest:05.2f}"


# -- loops -----------------------------------------------------------------------------------
def _looped(options: argparse.Namespace, desk: Desk, file: recording.Recording) -> Hole:
    """The stretch in the options, or as many bars as they say."""
    if options.bars is None:
        span = _hole(options.seconds, file.sample_rate)
    else:
        span = _bars(options, desk, file)
    if span.end > file.frames:
        raise StudioError(f"The recording ends at {_clock(file.frames / file.sample_rate)}.")
    if span.frames > _MOST_LOOP_SECONDS * file.sample_rate:
        raise StudioError(f"A loop lasts {_MOST_LOOP_SECONDS / 60:.0f} minutes at most.")
    return span


def _bars(options: argparse.Namespace, desk: Desk, file: recording.Recording) -> Hole:
    """Those bars, among all of that number, that lead into themselves best."""
    from studio.ai.painter import joins

    draft = desk.new()
    source = draft.media.import_audio(options.input)
    card = registry.default_for(Task.LISTEN)
    request = sound_wishes.about_file(Task.LISTEN, card, source, draft.media, Controls())
    beats = desk.take(request).result.beats
    rate = file.sample_rate
    downbeats = [round(beat.seconds * rate) for beat in beats if beat.downbeat]
    spans = [
        Hole(first, end)
        for first, end in zip(downbeats, downbeats[options.bars :], strict=False)
        if end + rate // 10 <= file.frames
    ]
    if not spans:
        raise StudioError(f"The recording has no {options.bars} bars from one downbeat to another.")

    def alike(span: Hole) -> float:
        one, other = (file.read(at, at + rate // 10) for at in (span.first, span.end))
        return joins.likeness(one, other)

    return max(spans, key=alike)


def _write(path: Path, samples: Samples, rate: int) -> None:
    frames, channels = samples.shape
    kind = recording.float_kind(frames, channels)
    with recording.writing(
        path, sample_rate=rate, channels=channels, kind=kind, subtype="FLOAT"
    ) as file:
        for first in range(0, frames, recording.BLOCK_FRAMES):
            file.write(samples[first : first + recording.BLOCK_FRAMES])
