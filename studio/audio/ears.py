"""The window's end of the engine's inputs: what is listened to, recorded and measured."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.audio.inputs import Inputs, inputs_file, recording_file
from studio.audio.process import INPUTS_FILE
from studio.audio.shared import Command, Op
from studio.core.errors import StudioError


@dataclass(frozen=True, slots=True)
class Output:
    """A device that can be chosen by its name; an input is told of in the same way."""

    name: str
    channels: int
    sample_rate: int  # its usual one, Hz
    is_default: bool


class Ears:
    """Part of an `EngineClient`; every method returns at once.

    Args:
        put: Sends a command.
        lock: Held while commands are sent.

    Attributes:
        folder: The client's run folder, once it was started.
        version: Of the inputs asked for last.
    """

    def __init__(self, put: Callable[[Command], None], lock: threading.RLock) -> None:
        self._put, self._lock = put, lock
        self.folder = Path()
        self.version = 0
        self._recordings = self._measurements = 0

    def inputs(self) -> tuple[Output, ...]:
        """The inputs as last listed, the usual one first."""
        return tuple(Output(**entry) for entry in self._listed().get("audio", ()))

    def midi_inputs(self) -> tuple[str, ...]:
        """The names of the MIDI inputs as last listed."""
        return tuple(self._listed().get("midi", ()))

    def _listed(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(
                (self.folder / INPUTS_FILE).read_text(encoding="utf-8")
            )
        except (OSError, ValueError):
            return {}
        return found

    def set_inputs(self, inputs: Inputs) -> int:
        """Listen to other inputs; the number by which `EngineState.inputs_version` names them.

        Raises:
            StudioError: The run folder cannot be written.
        """
        with self._lock:
            version = self.version + 1
            _tell(inputs_file(self.folder, version), asdict(inputs))
            self.version = version
            self._put(Command(Op.INPUTS, a=version))
            return version

    def record(self, folder: Path) -> int:
        """Begin to record into a folder that `recorded.begin` has made; the recording's number.

        `EngineState.recording` is that number once it runs; `ended` is, once it is over.

        Raises:
            StudioError: The run folder cannot be written.
        """
        with self._lock:
            self._recordings += 1
            _tell(recording_file(self.folder, self._recordings), {"folder": str(folder)})
            self._put(Command(Op.RECORD, a=self._recordings))
            return self._recordings

    def end_recording(self) -> None:
        """Let the recording under way become whole."""
        with self._lock:
            self._put(Command(Op.RECORD, a=0))

    def measure(self) -> int:
        """Play a click and listen for it; the number by which `EngineState.measured` names it."""
        with self._lock:
            self._measurements += 1
            self._put(Command(Op.MEASURE, a=self._measurements))
            return self._measurements


def _tell(path: Path, content: Any) -> None:
    try:
        path.write_text(json.dumps(content), encoding="utf-8")
    except OSError as error:
        raise StudioError(
            f"The audio engine could not be told what to record: {error.strerror}.",
            f"Make room on the disk that holds {path.parent}.",
        ) from error
