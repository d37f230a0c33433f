"""What a second JACK client received, against an offline run in another process: bit for bit.

    python -m tests.audio.null_test [--blocks 64 256 1024 8192]

For each block length a JACK server with a dummy device runs the engine; a transport script (play,
fader, seek, loop, stop, play again) is sent stamped with stream frames; a capturing client holds
what it received. An xrun of the dummy device may take frames from it; then the run is repeated.
Where JACK cannot run, the null device writes what it was given to a file instead.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.audio.client import EngineClient
from studio.audio.device import NULL
from studio.domain.project import Project
from studio.media.store import MediaStore
from studio.render.offline import render_song
from studio.render.plan import Plan, compile_song, save_plan
from tests.audio.capturing import Captured, capturing
from tests.audio.jackd import NoServerError, server
from tests.audio.songs import DRUMS, KEYS, TAPE, difficult_song

BLOCKS = (64, 256, 1024, 8192)
SCRIPT: tuple[tuple[int, str, list[Any]], ...] = (
    (0, "play", [0]),
    (20_123, "set_parameter", [KEYS, "volume", -15.0]),
    (36_007, "seek", [150_001]),
    (45_555, "set_loop", [160_000, 160_000 + 9_011]),
    (72_001, "set_parameter", [TAPE, "pan", -0.8]),
    (90_000, "set_parameter", [DRUMS, "mute", 1.0]),
    (100_009, "set_loop", [0, None]),
    (112_100, "stop", []),
    (125_000, "play", [1_000]),
    (150_000, "stop", []),
)
SCRIPT_FRAMES = 190_000
WHOLE_SONG_FRAMES = 435_000
_TRIES = 8
_LEAD_FRAMES = 24_000  # between sending a script and its first command

Samples = npt.NDArray[np.float32]


@dataclass
class Comparison:
    """How a capture compares with what was expected.

    Attributes:
        device: What was listened to.
        repeated: Runs that were thrown away because of an xrun.
        frames: Frames compared.
        different: Frames that differ.
        largest: The largest difference, linear.
        peak: Of the expected samples, linear.
    """

    device: str
    repeated: int
    frames: int
    different: int
    largest: float
    peak: float

    def __str__(self) -> str:
        again = f", {self.repeated} repeated after an xrun" if self.repeated else ""
        return (
            f"{self.device}: {self.different} of {self.frames} frames differ, "
            f"largest difference {self.largest:g} at a peak of {self.peak:.3f}{again}"
        )


def script_comparison(block_frames: int, folder: Path) -> Comparison:
    """Play the script with an engine of `block_frames` and compare with the offline run."""
    media = MediaStore(folder / "media", folder / "cache")
    song = difficult_song(media)
    expected = _offline(song, media, folder)

    def play(client: EngineClient, start: int) -> None:
        for at, name, arguments in SCRIPT:
            getattr(client, name)(*arguments, at=start + at)

    return _compare(compile_song(song, media), block_frames, folder, expected, play)


def linear_comparison(block_frames: int, folder: Path, frames: int) -> Comparison:
    """Play the song's first `frames` and compare with the bounce."""
    media = MediaStore(folder / "media", folder / "cache")
    song = difficult_song(media)
    bounce = np.concatenate(list(render_song(song, media)))[:frames]

    def play(client: EngineClient, start: int) -> None:
        client.play(0, at=start)

    return _compare(compile_song(song, media), block_frames, folder, bounce, play)


def _offline(song: Project, media: MediaStore, folder: Path) -> Samples:
    plan, script, out = folder / "plan", folder / "script.json", folder / "offline.f32"
    save_plan(compile_song(song, media), plan)
    script.write_text(json.dumps({"commands": SCRIPT, "frames": SCRIPT_FRAMES}), encoding="utf-8")
    words = [sys.executable, "-m", "tests.audio.offline_script", *map(str, (script, plan, out))]
    subprocess.run(words, check=True)
    return np.fromfile(out, np.float32).reshape(-1, 2)


def _compare(
    plan: Plan,
    block_frames: int,
    folder: Path,
    expected: Samples,
    play: Callable[[EngineClient, int], None],
) -> Comparison:
    """Send what `play` sends, and compare from the first sound on; again if an xrun took frames."""
    for repeated in range(_TRIES):
        with _device(block_frames, folder) as device:
            heard, xruns = device.hear(plan, play, len(expected))
        name = f"{device.name}, blocks of {block_frames}, {xruns} xruns"
        found = _difference(name, repeated, expected, heard)
        if found.different == 0 or not xruns:
            return found
        say(f"an xrun of the device took frames away; repeating ({name})")
    return found


def _difference(name: str, repeated: int, expected: Samples, heard: Samples) -> Comparison:
    expected, heard = _from_first_sound(expected), _from_first_sound(heard)
    heard = heard[: len(expected)]
    missing = len(expected) - len(heard)
    apart = np.abs(expected[: len(heard)] - heard)
    return Comparison(
        device=name,
        repeated=repeated,
        frames=len(expected),
        different=int(apart.any(axis=1).sum()) + missing,
        largest=float(apart.max(initial=0.0)),
        peak=float(np.abs(expected).max()),
    )


def _from_first_sound(samples: Samples) -> Samples:
    sounding = samples.any(axis=1)
    return samples[int(sounding.argmax()) :] if sounding.any() else samples[:0]


@dataclass(frozen=True)
class _Device:
    """Somewhere to play to, and to hear what was played."""

    name: str
    opened_as: str
    block_frames: int
    folder: Path

    def hear(
        self, plan: Plan, play: Callable[[EngineClient, int], None], frames: int
    ) -> tuple[Samples, int]:
        """What came out, and how many xruns there were meanwhile."""
        client = EngineClient()
        client.start(self.folder / "run", self.opened_as, plan.sample_rate, self.block_frames)
        client.set_plan(plan)
        captured = Captured()
        try:
            _await(lambda: client.state().plan_version > 0, 30)
            with self._captured() as captured:
                before = client.state()
                start = before.stream_frame + _LEAD_FRAMES
                play(client, start)
                last = start + frames + 4 * self.block_frames
                _await(lambda: client.state().stream_frame > last, 120)
                xruns = client.state().dropouts - before.dropouts
        finally:
            client.close()
        if self._tap.exists():
            return np.fromfile(self._tap, np.float32).reshape(-1, 2), xruns
        return captured.samples, xruns + captured.xruns

    @property
    def _tap(self) -> Path:
        return self.folder / "tap.f32"

    def _captured(self) -> contextlib.AbstractContextManager[Captured]:
        if self.opened_as.startswith(NULL):
            return contextlib.nullcontext(Captured())
        return capturing("PortAudio", self.folder)


@contextlib.contextmanager
def _device(block_frames: int, folder: Path) -> Iterator[_Device]:
    """PortAudio on a JACK server of that block length; the null device where there can be none."""
    try:
        with server(folder, block_frames):
            yield _Device("PortAudio on JACK", "JACK", block_frames, folder)
    except NoServerError as reason:
        name = f"the null device ({reason})"
        yield _Device(name, f"{NULL}: {folder / 'tap.f32'}", block_frames, folder)


def _await(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"nothing came within {seconds} s")
        time.sleep(0.01)


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--blocks", type=int, nargs="+", default=BLOCKS)
    words = parser.parse_args()
    failed = False
    for block_frames in words.blocks:
        for kind, compare in (("script", script_comparison), ("linear", _whole_song)):
            with tempfile.TemporaryDirectory() as folder:
                found = compare(block_frames, Path(folder))
            failed = failed or found.different > 0
            say(f"{kind}: {found}")
    sys.exit(failed)


def _whole_song(block_frames: int, folder: Path) -> Comparison:
    return linear_comparison(block_frames, folder, WHOLE_SONG_FRAMES)


if __name__ == "__main__":
    main()
