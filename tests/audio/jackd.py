"""A JACK server with a dummy device: a real PortAudio device that needs no hardware."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_numbers = itertools.count()
_SECONDS_TO_START = 10.0


class NoServerError(Exception):
    """JACK is not installed here, or cannot run here; the message says which."""


@contextlib.contextmanager
def server(folder: Path, period_frames: int = 256, sample_rate: int = 48000) -> Iterator[str]:
    """Run `jackd -d dummy`; yields the name for JACK_DEFAULT_SERVER, which is set meanwhile.

    Raises:
        NoServerError: There is no jackd, or it ends at once.
    """
    name = f"studio{os.getpid()}x{next(_numbers)}"
    if (jackd := shutil.which("jackd")) is None:
        raise NoServerError("jackd is not installed")
    words = f"{jackd} -n {name} -R -P70 --no-mlock -d dummy -C 2 -P 2"
    words += f" -r {sample_rate} -p {period_frames}"
    log = folder / f"{name}.log"
    with log.open("wb") as file, _environment(name) as environment:
        process = subprocess.Popen(words.split(), env=environment, stdout=file, stderr=file)
        try:
            _await_start(process, log)
            yield name
        finally:
            process.terminate()
            process.wait()


class Keyboard:
    """A MIDI keyboard on the server of `JACK_DEFAULT_SERVER`.

    Its messages are sent by the library's own thread, which no Python holds up.
    """

    def __init__(self) -> None:
        self.plug_in()

    def plug_in(self) -> None:
        import rtmidi

        self._out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, "Keys")
        self._out.open_virtual_port("out")

    def send(self, *message: int) -> None:
        self._out.send_message(message)

    def pull_out(self) -> None:
        self._out.close_port()
        self._out.delete()


@contextlib.contextmanager
def keyboard(folder: Path) -> Iterator[Keyboard]:
    """A keyboard on a server of its own, which engines started meanwhile know of.

    Where there is no server, the test is skipped.
    """
    try:
        with server(folder):
            plugged = Keyboard()
            try:
                yield plugged
            finally:
                plugged.pull_out()
    except NoServerError as reason:
        pytest.skip(f"there is no MIDI here: {reason}")


@contextlib.contextmanager
def _environment(name: str) -> Iterator[dict[str, str]]:
    ours = {
        "JACK_DEFAULT_SERVER": name,
        "JACK_NO_START_SERVER": "1",
        "JACK_NO_AUDIO_RESERVATION": "1",
    }
    before = {key: os.environ.get(key) for key in ours}
    os.environ.update(ours)
    try:
        yield dict(os.environ)
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def _await_start(process: subprocess.Popen[bytes], log: Path) -> None:
    import jack

    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            jack.Client("knock", no_start_server=True).close()
        except jack.JackOpenError:
            time.sleep(0.05)
        else:
            return
    raise NoServerError(
        f"jackd does not run here: {log.read_text(errors='replace').strip()[-300:]}"
    )
