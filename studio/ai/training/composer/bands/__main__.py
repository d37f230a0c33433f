"""`python -m studio.ai.training.composer.bands --work DIR`: makes and gathers band music."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path

from studio.ai.training.composer.bands.archives import data_folder, members
from studio.core.errors import StudioError

logger = logging.getLogger("studio.ai.training.composer.bands")
PARTS = ("mma", "games", "drummers")


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studio.ai.training.composer.bands")
    parser.add_argument("parts", nargs="*", default=list(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--work", type=Path, required=True, help="folder for everything made")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--songs", type=int, default=4000)
    parser.add_argument("--drummed", type=int, default=900)
    options = parser.parse_args(words)
    if strange := [part for part in options.parts if part not in PARTS]:
        parser.error(f"there is no part “{strange[0]}”; there are {', '.join(PARTS)}")
    return options


def _mma(options: argparse.Namespace) -> None:
    """Songs that are already there are left as they are, so that a stopped run goes on."""
    from studio.ai.training.composer.bands.packages import mma
    from studio.ai.training.composer.bands.songs import Studio, drawn, saved

    folder = options.work / "made" / "mma-made"
    folder.mkdir(parents=True, exist_ok=True)
    studio = Studio(options.data, mma(options.work / "packages"))
    failed = 0
    for number in range(options.songs):
        stem = f"{options.seed}-{number:05d}"
        if (folder / f"{stem}.json").exists():
            continue
        made = drawn(studio, options.seed, number)
        if made is None:
            failed += 1
            logger.info("MMA could not play song %d", number)
        else:
            saved(folder, stem, made)
        if number % 100 == 99:
            logger.info("%d songs, %d failed, %.0f CPU s", number + 1, failed, _cpu_seconds())


def _games(options: argparse.Namespace) -> None:
    from studio.ai.training.composer.bands.games import gather

    known = (content for _, content in members(options.data, "freedoom-midi", ".mid"))
    count = gather(options.work / "packages", options.work / "made" / "debian-game", known)
    logger.info("%d pieces from packages", count)


def _drummers(options: argparse.Namespace) -> None:
    from studio.ai.training.composer.bands.drummers import make
    from studio.ai.training.composer.bands.packages import mma
    from studio.ai.training.composer.bands.songs import Studio

    studio = Studio(options.data, mma(options.work / "packages"))
    folder = options.work / "made" / "groove-bands"
    count = make(studio, options.data, folder, seed=options.seed, songs=options.drummed)
    logger.info("%d songs with drummers, %.0f CPU s", count, _cpu_seconds())


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main(words: list[str] | None = None) -> int:
    """Make the parts that were asked for; 1 where one could not be made."""
    options = _arguments(words)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    started = time.monotonic()
    try:
        for part in options.parts:
            {"mma": _mma, "games": _games, "drummers": _drummers}[part](options)
    except StudioError as error:
        logger.error("%s", error)
        return 1
    logger.info("%.0f s", time.monotonic() - started)
    return 0


if __name__ == "__main__":
    sys.exit(main())
