"""A song from a sentence, end to end: written, continued, partly rewritten, exported."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.ai import registry, wishes
from studio.ai.requests import Task
from studio.ai.wishes import Wish
from studio.cli.desk import Desk, Draft, check_folder
from studio.media import durable

if TYPE_CHECKING:
    from studio.io.stems import Mix, Stems

PROMPT = "warm lo-fi hip hop in D minor, 84 bpm, 16 bars"
SEED = 7
EXTRA_BARS = 8
REWRITTEN = (7, 8)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was made, what is in it, how long it took."""

    made: str
    holds: str
    seconds: float


class Table:
    """Collects rows and times them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    @contextmanager
    def row(self, made: str) -> Iterator[list[str]]:
        """Times what happens inside; put into the list what is in the thing made."""
        begun = time.perf_counter()
        holds: list[str] = []
        yield holds
        self.rows.append(Row(made, ", ".join(holds), time.perf_counter() - begun))

    def text(self) -> str:
        total = sum(row.seconds for row in self.rows)
        rows = [Row("made", "what is in it", 0.0), *self.rows, Row("", "altogether", total)]
        first, second = (max(len(getattr(r, name)) for r in rows) for name in ("made", "holds"))
        lines = [
            f"{row.made:<{first}}  {row.holds:<{second}}  {row.seconds:7.2f} s" for row in rows
        ]
        lines[0] = f"{rows[0].made:<{first}}  {rows[0].holds:<{second}}  {'time':>9}"
        return "\n".join(line.rstrip() for line in lines)


def run(options: argparse.Namespace, desk: Desk) -> None:
    """Make the song in `options.folder`, an empty or new one, and print what was made.

    Raises:
        StudioError: The folder holds something, or a step failed.
    """
    folder: Path = options.folder
    check_folder(folder)
    table = Table()
    print(f"“{options.prompt}”, seed {options.seed}")
    draft = _write_song(desk, table, options.prompt, options.seed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise durable.refusal(error, folder) from error
    with table.row("song.tutti/") as holds:
        desk.write(draft, folder / "song.tutti")
        holds.append(f"{len(draft.takes)} takes")
    _export(desk, table, draft, folder)
    print(table.text())


def _write_song(desk: Desk, table: Table, prompt: str, seed: int) -> Draft:
    """From words to a song: composed, extended, two bars of it written anew."""
    draft = desk.new()
    wish = Wish(prompt, seed=seed)
    with table.row("a song from a sentence") as holds:
        request = wishes.compose(draft.project, registry.default_for(Task.COMPOSE), wish)
        draft = desk.filled(draft, request)
        draft = replace(draft, project=replace(draft.project, title=wishes.title_of(request)))
        holds += _contents(draft)
    with table.row(f"{EXTRA_BARS} bars more") as holds:
        longer = replace(wish, bars=EXTRA_BARS, seed=seed + 1)
        card = registry.default_for(Task.EXTEND)
        draft = desk.filled(draft, wishes.extend(draft.project, card, longer))
        holds += _contents(draft)
    with table.row("bars {}-{} rewritten".format(*REWRITTEN)) as holds:
        other = replace(wish, seed=seed + 2)
        card = registry.default_for(Task.REWRITE)
        gap = draft.gap(REWRITTEN)
        draft = desk.filled(draft, wishes.rewrite(draft.project, card, other, gap))
        written = sum(len(part.notes) for part in draft.takes[-1].result.parts)
        holds.append(f"{written} notes anew")
    return draft


def _export(desk: Desk, table: Table, draft: Draft, folder: Path) -> None:
    with table.row("song.mid") as holds:
        desk.export(draft, folder, ["midi"])
        holds += _contents(draft)
    with table.row("song.dawproject") as holds:
        desk.export(draft, folder, ["dawproject"])
        holds += _contents(draft)
    with table.row("mix.wav, stems/") as holds:
        report = desk.export(draft, folder, ["mix", "stems"])
        holds += [] if report.mix is None else [measures(report.mix)]
        holds += [] if report.stems is None else [sums_up(report.stems)]


def measures(mix: Mix) -> str:
    return f"{mix.lufs:.1f} LUFS, true peak {mix.true_peak_db:.1f} dBTP"


def sums_up(stems: Stems) -> str:
    return f"{len(stems.paths)} stems that add up to the mix within {stems.null_db:.0f} dBFS"


def _contents(draft: Draft) -> list[str]:
    return [f"{draft.bars} bars", f"{len(draft.project.sources)} tracks", f"{draft.notes} notes"]
