"""Open a song folder in a process of its own and print the digest of the song.

    python -m tests.reload FOLDER [--recovered]

With `--recovered` it is the newest state there is: the autosave where that is newer than the save.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from studio.io.song_folder import SongFolder
from studio.media import columns


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recovered", action="store_true")
    given = parser.parse_args()
    with SongFolder.open(given.folder) as song:
        newest = given.recovered and song.has_recovery
        project = song.recover() if newest else song.project
    sys.stdout.write(columns.digest(project) + "\n")


if __name__ == "__main__":
    main()
