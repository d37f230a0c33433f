"""`python -m studio.ai.training.separator.bank --work DIR`: fills a bank of stems."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from pathlib import Path

from studio.ai.training.composer.bands.archives import data_folder
from studio.ai.training.separator.bank.store import Store
from studio.ai.training.separator.bank.takes import Source
from studio.core.errors import StudioError

logger = logging.getLogger("studio.ai.training.separator.bank")
SAVE_EVERY = 4  # takes


def arguments(words: list[str] | None) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m studio.ai.training.separator.bank")
    parser.add_argument("--work", type=Path, required=True, help="folder for the bank")
    parser.add_argument("--hours", type=float, default=2.0, help="wanted of each stem")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--bands", type=Path, help="folder that bands were made in")
    parser.add_argument("--sources", nargs="*", default=[], help="only these")
    return parser.parse_args(words)


def sources(options: argparse.Namespace) -> list[Source]:
    """All sources whose material can be had."""
    from studio.ai.training.separator.bank.bands import Bands
    from studio.ai.training.separator.bank.drummers import Drummed, Loops
    from studio.ai.training.separator.bank.recordings import Recorded, Shifted
    from studio.ai.training.separator.bank.scores import Scores
    from studio.ai.training.separator.bank.singing import (
        Choirs,
        Melodies,
        Spoken,
        SungByKokoro,
        SungBySinsy,
        Vocalist,
    )
    from studio.ai.training.separator.bank.soundfonts import Fonts
    from studio.ai.training.separator.bank.speakers import Speakers

    packages = options.work / "packages"
    fonts = Fonts(packages)
    melodies = Melodies(options.data)
    voices = Speakers(packages, options.work / "spoken")
    found: list[Source] = [
        Recorded(options.data), Shifted(options.data), Drummed(options.data, packages),
        Loops(packages), SungBySinsy(melodies), SungByKokoro(melodies, voices),
        Choirs(melodies, voices), Spoken(voices), Scores(options.data, fonts),
    ]  # fmt: skip
    made = options.bands
    if made is not None:
        found += [
            Bands("mma-made", 0.6, made / "mma-made", fonts, Vocalist(voices)),
            Bands("groove-bands", 0.25, made / "groove-bands", fonts),
            Bands("debian-game", 0.25, made / "debian-game", fonts),
        ]
    return found


def fill(store: Store, table: Iterable[Source], hours: float) -> Generator[str, None, None]:
    """Makes one take after the other, always of the source that lags most; yields their names."""
    waiting = {source.name: (source, _unmade(store, source)) for source in table}
    made = {name: store.seconds(name) for name in waiting}
    while waiting:
        name = min(waiting, key=lambda n: made[n] / waiting[n][0].share)
        source, keys = waiting[name]
        if made[name] >= source.share * hours * 3600:
            del waiting[name]
            continue
        try:
            key = next(keys, None)
            take = source.take(key) if key is not None else None
        except StudioError as error:
            logger.warning("Without %s: %s", name, error)
            key = None
        if key is None:
            del waiting[name]
            continue
        clips = store.add(name, key, take)
        made[name] += max((clip.seconds for clip in clips), default=0.0)
        yield f"{name}-{key}"


def _unmade(store: Store, source: Source) -> Iterator[str]:
    return (key for key in source.names() if not store.has(source.name, key))


def main(words: list[str] | None = None) -> int:
    """Fill the bank up to the wanted hours; 1 where nothing could be had."""
    options = arguments(words)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    store = Store(options.work)
    wanted = [s for s in sources(options) if s.name in options.sources or not options.sources]
    names = fill(store, wanted, options.hours)
    while some := list(islice(names, SAVE_EVERY)):
        store.save()
        seconds = sum(clip.seconds for clip in store.clips)
        logger.info(
            "%s; %d files, %.2f h, %.0f CPU s", some[-1], len(store.clips), seconds / 3600,
            os.times().user,
        )  # fmt: skip
    store.save()
    return 0 if store.clips else 1


if __name__ == "__main__":
    sys.exit(main())
