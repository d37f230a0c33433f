"""Kill a process again and again while it edits and saves a song; count what is lost.

    python -m tests.soak.kill_saves --times 200

A song has to open after every kill, hold exactly one of the states that were being written, none
older than the last one whose writing was complete, and keep every take that was noted. Two of three
kills hit a song that all of them share, the third one a song begun a moment before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.io import folder_lock, recovery
from studio.io.song_folder import SongFolder
from studio.media import columns
from tests.soak.editing import filled, number

LONGEST_SECONDS = 1.5
TAIL_BYTES = 4_000
WRITE_SECONDS = 0.01  # about as long as a write takes
ALLOWED_LOSS_SECONDS = 30.0
DURING = ("start", "save", "autosave", "neither")


@dataclass
class Figures:
    """What was seen, over all kills."""

    kills: int = 0
    edits: int = 0
    writes: int = 0
    killed_during: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DURING, 0))
    lost: list[str] = field(default_factory=list)  # a sentence for each song lost
    most_seconds: float = 0.0
    most_edits: int = 0

    def lines(self) -> list[str]:
        during = ", ".join(f"{count} {name}" for name, count in self.killed_during.items())
        return [
            f"{self.kills} kills ({during}) over {self.writes} writes and {self.edits} edits",
            f"songs lost: {len(self.lost)}",
            *self.lost,
            f"most work lost: {self.most_seconds:.2f} s, {self.most_edits} edits",
        ]


class Diary:
    """What a killed process had noted."""

    def __init__(self, path: Path) -> None:
        lines = path.read_bytes().splitlines() if path.exists() else []
        self.entries: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def all(self, key: str) -> list[dict[str, Any]]:
        return [entry for entry in self.entries if key in entry]

    @property
    def folder(self) -> Path | None:
        return next((Path(entry["folder"]) for entry in self.all("opened")), None)

    @property
    def writing(self) -> str:
        """What was under way when the process was killed."""
        if not self.all("opened"):
            return "start"
        begun, done = self.all("begin"), self.all("done")
        return str(begun[-1]["begin"]) if len(begun) > len(done) else "neither"


def is_writing(diary: Path) -> bool:
    """Whether the last thing noted about writing is that it began."""
    if not diary.exists():
        return False
    with diary.open("rb") as file:
        file.seek(max(diary.stat().st_size - TAIL_BYTES, 0))
        tail = file.read()
    return tail.rfind(b'"begin"') > tail.rfind(b'"done"')


def run_and_kill(diary: Path, folder: Path | None, dice: random.Random) -> float:
    """Let a process edit for a moment; when it was killed, on the clock of `time.monotonic`.

    One in ten is hit anywhere, its start included; the others while they write.
    """
    command = [sys.executable, "-m", "tests.soak.editing", str(diary), str(dice.randrange(2**32))]
    with subprocess.Popen([*command, *([str(folder)] if folder else [])]) as process:
        aimed = dice.random() < 0.9
        time.sleep(dice.uniform(0, LONGEST_SECONDS))
        while aimed and not is_writing(diary):
            time.sleep(0.0005)
            assert process.poll() is None, "the editing process ended by itself"
        time.sleep(dice.uniform(0, WRITE_SECONDS))
        process.kill()
        return time.monotonic()


def newest_state(folder: Path, noted: Diary) -> Project:
    """The song as a musician would get it back, all of its media checked.

    Raises:
        StudioError: It cannot be had.
        AssertionError: It can, but something of it is missing.
    """
    with SongFolder.open(folder) as song:
        project = song.recover() if song.has_recovery else song.project
        assert not song.read_only, "the lock of the killed process holds"
        assert not song.missing(project), "a recording is missing"
        for hash in song.media.hashes():
            song.media.verify(hash)
        assert not list(folder.rglob("*.partial")), "something half written is left"
        takes = {take["id"] for take in song.takes.takes()}
        assert {entry["take"] for entry in noted.all("take")} <= takes, "a take is lost"
    return project


def judge(project: Project, noted: Diary, killed_at: float, figures: Figures) -> None:
    """Compare what came back with what had been noted. Raises AssertionError on a loss."""
    written = {entry["edit"]: entry["digest"] for entry in noted.all("begin")}
    opened = [entry["opened"] for entry in noted.all("opened")]
    done = [entry["edit"] for entry in noted.all("done")]
    if done:
        assert number(project) >= done[-1], f"state {done[-1]} was written and is gone"
    if opened:
        assert number(project) in {*written, *opened}, f"{number(project)} was never written"
        assert number(project) >= opened[0], f"state {opened[0]} was opened and is gone"
    if number(project) in written:
        assert columns.digest(project) == written[number(project)], "the song is another one"
    later = [entry["at"] for entry in noted.all("at") if entry["edit"] > number(project)]
    if later:
        seconds = killed_at - min(later)
        figures.most_seconds = max(figures.most_seconds, seconds)
        figures.most_edits = max(figures.most_edits, len(later))
        assert seconds <= ALLOWED_LOSS_SECONDS, f"{seconds:.1f} s of work are lost"


def kill_once(turn: int, place: Path, shared: Path, dice: random.Random, figures: Figures) -> None:
    diary = place / f"diary-{turn}.jsonl"
    killed_at = run_and_kill(diary, None if turn % 3 == 2 else shared, dice)
    noted = Diary(diary)
    figures.kills += 1
    figures.edits += len(noted.all("at"))
    figures.writes += len(noted.all("done"))
    figures.killed_during[noted.writing] += 1
    if turn % 3 == 2 and noted.all("begin") and noted.folder is not None:
        offered = [found.path for found in recovery.recoverable()]
        assert not noted.all("done") or noted.folder in offered, "an unsaved song is not offered"
    folder = shared if turn % 3 != 2 else noted.folder
    if folder is not None:
        judge(newest_state(folder, noted), noted, killed_at, figures)
        assert not folder_lock.is_open(folder)


def soak(times: int, seed: int, place: Path) -> Figures:
    """Kill `times` processes, at moments drawn from `seed`, with all songs under `place`."""
    os.environ["TUTTI_HOME"] = str(place / "home")
    dice, figures, shared = random.Random(seed), Figures(), place / "Shared.tutti"
    SongFolder.create(shared, filled()).close()
    for turn in range(times):
        try:
            kill_once(turn, place, shared, dice, figures)
        except (AssertionError, StudioError, OSError, ValueError, KeyError) as error:
            figures.lost.append(f"kill {turn}: {type(error).__name__}: {error}")
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill saves and count what is lost.")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tutti-soak-") as place:
        began = time.monotonic()
        figures = soak(given.times, given.seed, Path(place))
        lines = [*figures.lines(), f"took {time.monotonic() - began:.0f} s"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if figures.lost else 0


if __name__ == "__main__":
    sys.exit(main())
