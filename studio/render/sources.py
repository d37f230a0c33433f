"""What makes sound on a track: an instrument that plays notes, or audio clips read from files.

A source stands at a song frame and plays on from there, or rests. `jump` moves it, `stop` makes it
rest;
in both, notes are let go and ring out as their instrument does, and audio fades in 5 ms.
"""

from __future__ import annotations

import heapq
import logging
import mmap
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from studio.dsp.levels import fade
from studio.render.fluid import GRID_FRAMES, SoundFont
from studio.render.tables import (
    CLIP_DTYPE,
    CONTROL,
    CROSS_SECONDS,
    FADE_SHAPES,
    OFF,
    ON,
    Content,
    Table,
    empty_content,
    rest_value,
)

_LOG = logging.getLogger(__name__)

Block = npt.NDArray[np.float32]  # [2, frames]
_OF_CLIP = tuple(name for name in CLIP_DTYPE.names or () if name != "file")
_NEVER = 2**62  # after every frame


class Source(Protocol):
    """One track's sound. Only making one, `ready` and `close` may be slow."""

    def jump(self, frame: int) -> None:
        """Play on from a song frame."""
        ...

    def stop(self) -> None: ...

    def ready(self, content: Content) -> Any:
        """`content`, made ready for `swap`; may run while another thread renders."""
        ...

    def swap(self, ready: Any) -> None:
        """Play something else from where we are."""
        ...

    def close(self) -> None: ...

    def render(self, out: Block) -> bool:
        """Overwrite `out` with the next frames; False (and `out` untouched) when all is silent."""
        ...


class Tail:
    """The last few milliseconds of something that was cut off, added to what follows."""

    def __init__(self, frames: int) -> None:
        self._samples = np.zeros((2, frames), dtype=np.float32)
        self._down = fade(np.arange(frames), frames)[::-1].copy()
        self.left = 0

    def take(self, samples: Block) -> None:
        """Fade `samples` (shape [2, frames]) out over what is to come, beside what still fades."""
        frames, rest = self._samples.shape[1], self.left
        kept = self._samples[:, frames - rest :].copy()
        np.multiply(samples, self._down, out=self._samples)
        self._samples[:, :rest] += kept
        self.left = frames

    def add(self, out: Block) -> None:
        if self.left:
            at = self._samples.shape[1] - self.left
            frames = min(self.left, out.shape[1])
            out[:, :frames] += self._samples[:, at : at + frames]
            self.left -= frames


class InstrumentSource:
    """Notes on a SoundFont instrument.

    Two synthesisers take turns: where playing jumps, one lets its notes ring out while the other
    starts at rest on the song's own 64-frame grid, so that a note falls on the same song frame
    wherever playing began. Pitched notes that sound there are started; drums are not.
    """

    def __init__(
        self, font: SoundFont, bank: int, program: int, content: Content, frames: int
    ) -> None:
        self._font = font
        self._synth, self._ringing = font.synth(bank, program), font.synth(bank, program)
        self._cut = round(CROSS_SECONDS * font.sample_rate)
        self._tail, self._scratch = (
            Tail(self._cut),
            np.zeros((2, max(frames, self._cut)), np.float32),
        )
        self._content, self._frame, self._cursor, self._next = content, 0, 0, _NEVER
        self._playing = self._alive = self._ringing_alive = False
        self._held: dict[int, int] = {}  # pitch to the frame its note started at
        self._controls: set[int] = set()  # controllers that are not at rest, or were sent to it
        self._auditions: list[tuple[int, int]] = []  # heap of (frames until it ends, pitch)
        self._clock = 0  # frames rendered, for auditions

    def close(self) -> None:
        self._font.release(self._synth)
        self._font.release(self._ringing)

    # -- moving ---------------------------------------------------------------------------------
    def jump(self, frame: int) -> None:
        self._hand_over()
        self._playing, self._frame = True, frame
        self._go_to(int(np.searchsorted(self._content.events["frame"], frame)))
        self._chase(frame)
        self._synth.skip(frame % GRID_FRAMES)

    def stop(self) -> None:
        self._synth.release()
        self._held.clear()
        self._auditions.clear()
        self._playing = False

    def ready(self, content: Content) -> Content:
        return content

    def swap(self, content: Content) -> None:
        """Play `content` from where we are; notes that are the same in both go on undisturbed."""
        self._content = content
        if not self._playing:
            return
        self._go_to(int(np.searchsorted(content.events["frame"], self._frame)))
        self._chase_controls()
        sounding = {int(s["pitch"]): int(s["start"]) for s in _sounding(content.spans, self._frame)}
        for pitch, start in list(self._held.items()):
            if sounding.get(pitch) != start:
                self._synth.note_off(pitch)
                del self._held[pitch]

    def audition(self, pitch: int, velocity: int, frames: int) -> None:
        """Sound a note for `frames` from now on, beside whatever plays."""
        self._align()
        self._synth.note_on(pitch, velocity)
        self._alive = True
        heapq.heappush(self._auditions, (self._clock + frames, pitch))

    # -- sounding -------------------------------------------------------------------------------
    def render(self, out: Block) -> bool:
        frames = out.shape[1]
        if not (self._alive or self._ringing_alive or self._tail.left or self._due(frames)):
            self._advance(frames)
            return False
        self._align()
        at = 0
        while at < frames:
            step = self._apply_due(frames - at)
            self._synth.render(out[:, at : at + step])
            self._advance(step)
            at += step
        self._alive = self._synth.audible
        if self._ringing_alive:
            ringing = self._scratch[:, :frames]
            self._ringing.render(ringing)
            out += ringing
            self._ringing_alive = self._ringing.audible
            if not self._ringing_alive:
                self._ringing.reset()  # now, while nothing hurries
        self._tail.add(out)
        return True

    def _align(self) -> None:
        """While silent no synthesiser runs: bring its grid back to the song's."""
        if self._playing and not self._alive:
            self._synth.skip((self._frame - self._synth.phase) % GRID_FRAMES)

    def _advance(self, frames: int) -> None:
        self._clock += frames
        if self._playing:
            self._frame += frames

    def _due(self, frames: int) -> bool:
        """Whether anything happens within the next `frames`."""
        return self._playing and self._next < self._frame + frames

    def _go_to(self, cursor: int) -> None:
        """Make the event at `cursor` the next one."""
        self._cursor = cursor
        left = cursor < len(self._content.events)
        self._next = int(self._content.events["frame"][cursor]) if left else _NEVER

    def _apply_due(self, frames: int) -> int:
        """Do what is due now; how many frames, at most `frames`, until something else is."""
        while self._auditions and self._auditions[0][0] <= self._clock:
            pitch = heapq.heappop(self._auditions)[1]
            if pitch not in self._held:
                self._synth.note_off(pitch)
        if self._auditions:
            frames = min(frames, self._auditions[0][0] - self._clock)
        if not self._playing:
            return frames
        while self._next <= self._frame:
            self._apply(self._content.events[self._cursor])
            self._go_to(self._cursor + 1)
        return min(frames, self._next - self._frame)

    def _apply(self, event: Any) -> None:
        number, value = int(event["number"]), int(event["value"])
        if event["kind"] == ON:
            self._synth.note_on(number, value, float(event["cents"]))
            self._held[number] = int(event["frame"])
        elif event["kind"] == OFF:
            if self._held.pop(number, None) is not None:
                self._synth.note_off(number)
        else:
            self._synth.control(number, value)
            self._controls.add(number)

    def _hand_over(self) -> None:
        """Let the present synthesiser ring out and take the other one, silent and at rest."""
        if self._ringing_alive:
            self._ringing.render(self._scratch[:, : self._cut])
            self._tail.take(self._scratch[:, : self._cut])
            self._ringing.reset()
        self._synth.release()
        self._synth, self._ringing = self._ringing, self._synth
        self._ringing_alive, self._alive = True, False
        self._held.clear()
        self._controls.clear()
        self._auditions.clear()

    def _chase(self, frame: int) -> None:
        """Set controllers, and start notes, to what they would be had playing reached `frame`."""
        self._chase_controls()
        if not self._content.chases:
            return
        for span in _sounding(self._content.spans, frame):
            if span["start"] < frame:
                self._synth.note_on(int(span["pitch"]), int(span["velocity"]), float(span["cents"]))
                self._held[int(span["pitch"])] = int(span["start"])
                self._alive = True

    def _chase_controls(self) -> None:
        """Put every controller where it was sent last; those of other content, at rest."""
        before = self._content.events[: self._cursor]
        controls = before[before["kind"] == CONTROL][::-1]
        numbers, last = np.unique(controls["number"], return_index=True)
        values = dict(zip(numbers.tolist(), controls["value"][last].tolist(), strict=True))
        for number in self._controls - values.keys():
            self._synth.control(number, rest_value(number))
        for number, value in values.items():
            self._synth.control(number, value)
        self._controls = set(values)


def _sounding(spans: Table, frame: int) -> Table:
    """The spans that have begun at or before `frame` and not ended."""
    begun = spans[: int(np.searchsorted(spans["start"], frame, side="right"))]
    return begun[begun["end"] > frame]


class Clips:
    """Audio clips with their files mapped; files that `known` has mapped are shared."""

    def __init__(self, content: Content, known: Clips | None = None) -> None:
        self.table, self.files = content.clips, content.files
        mapped = known.mapped if known is not None else {}
        self.mapped: dict[tuple[str, int], Any] = {
            key: mapped[key] if key in mapped else _mapped(*key) for key in content.files
        }
        self.samples = [self.mapped[key] for key in content.files]
        lengths = self.table["end"] - self.table["start"]
        self._longest = int(lengths.max()) if len(lengths) else 0

    def between(self, start: int, end: int) -> Table:
        """The clips that are heard somewhere in [start, end)."""
        starts = self.table["start"]
        first = int(np.searchsorted(starts, start - self._longest))
        near = self.table[first : int(np.searchsorted(starts, end))]
        return near[near["end"] > start]

    def described(self, start: int, end: int) -> list[tuple[object, ...]]:
        """What is heard somewhere in [start, end), to be compared with other clips."""
        found = self.between(start, end)
        return [(self.files[int(c["file"])], *(c[name] for name in _OF_CLIP)) for c in found]


class AudioSource:
    """Audio clips, read from mapped files."""

    def __init__(self, content: Content, sample_rate: int, frames: int) -> None:
        self._cut = round(CROSS_SECONDS * sample_rate)
        self._tail = Tail(self._cut)
        self._scratch = np.zeros((2, max(frames, self._cut)), np.float32)
        self._whole = np.zeros((2, self._cut), np.float32)
        self._frame, self._playing, self._faded_in = 0, False, self._cut
        self._clips = Clips(content)

    def ready(self, content: Content) -> Clips:
        return Clips(content, self._clips)

    def close(self) -> None:
        self._clips = Clips(empty_content())

    def jump(self, frame: int) -> None:
        self._cut_off()
        self._frame, self._playing, self._faded_in = frame, True, 0

    def stop(self) -> None:
        self._cut_off()
        self._playing = False

    def swap(self, clips: Clips) -> None:
        here, soon = self._frame, self._frame + self._cut
        if self._clips.described(here, soon) != clips.described(here, soon):
            self._cut_off()
            self._faded_in = 0
        self._clips = clips

    def read_ahead(self, frame: int, frames: int) -> None:
        """Ask the system to have the samples of [frame, frame + frames) in memory soon."""
        for clip in self._clips.between(frame, frame + frames):
            samples = self._clips.samples[clip["file"]]
            first = max(frame - int(clip["start"]), 0) + int(clip["offset"])
            _will_need(samples, first, frames)

    def render(self, out: Block) -> bool:
        frames = out.shape[1]
        clips = self._clips.between(self._frame, self._frame + frames) if self._playing else ()
        if not len(clips) and not self._tail.left:
            self._advance(frames)
            return False
        out[:] = 0.0
        self._play(out, clips)
        self._tail.add(out)
        self._advance(frames)
        return True

    def _advance(self, frames: int) -> None:
        if self._playing:
            self._frame += frames
            self._faded_in = min(self._faded_in + frames, self._cut)

    def _play(self, out: Block, clips: Any) -> None:
        for clip in clips:
            first = max(int(clip["start"]) - self._frame, 0)
            last = min(int(clip["end"]) - self._frame, out.shape[1])
            part = self._scratch[:, : last - first]
            self._read(clip, self._frame + first, part)
            began = self._frame - self._faded_in  # where playing was taken up
            if self._faded_in < self._cut and clip["start"] < began:
                part *= fade(np.arange(self._faded_in + first, self._faded_in + last), self._cut)
            out[:, first:last] += part

    def _read(self, clip: Any, frame: int, part: Block) -> None:
        within, frames = frame - int(clip["start"]), part.shape[1]
        samples = self._clips.samples[clip["file"]]
        first = int(clip["offset"]) + within
        found = samples[first : first + frames]
        part[:, len(found) :] = 0.0
        np.multiply(found.T, clip["gain"], out=part[:, : len(found)])
        if within < clip["fade_in"]:
            shape = FADE_SHAPES[clip["shape_in"]]
            part *= fade(np.arange(within, within + frames), int(clip["fade_in"]), shape)
        left = int(clip["end"]) - frame  # frames until the clip ends
        if left - frames < clip["fade_out"]:
            shape, passed = (
                FADE_SHAPES[clip["shape_out"]],
                np.arange(left - 1, left - 1 - frames, -1),
            )
            part *= fade(passed, int(clip["fade_out"]), shape)

    def _cut_off(self) -> None:
        """Fade what would have come next."""
        if not self._playing:
            return
        clips = self._clips.between(self._frame, self._frame + self._cut)
        if len(clips):
            self._whole[:] = 0.0
            self._play(self._whole, clips)
            self._tail.take(self._whole)


def _mapped(path: str, channels: int) -> Any:
    """The file's samples, shape [frames, channels]; none where it cannot be read."""
    try:
        frames = Path(path).stat().st_size // (4 * channels)
        if frames:
            return np.memmap(path, dtype="<f4", mode="r", shape=(frames, channels))
    except OSError as error:
        _LOG.warning("A recording is not heard: %s", error)
    return np.zeros((0, channels), dtype=np.float32)


def _will_need(samples: Any, first: int, frames: int) -> None:
    mapped = getattr(samples, "_mmap", None)
    if mapped is None or not hasattr(mmap, "MADV_WILLNEED"):
        return
    frame_bytes = samples.shape[1] * 4
    start = first * frame_bytes // mmap.PAGESIZE * mmap.PAGESIZE
    size = min(frames * frame_bytes + mmap.PAGESIZE, len(mapped) - start)
    if size > 0:
        mapped.madvise(mmap.MADV_WILLNEED, start, size)
