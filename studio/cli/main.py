"""The commands and their arguments.

Standard output says what was made, standard error shows progress and what went wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from tqdm import tqdm

from studio import __version__
from studio.ai import registry
from studio.ai.catalogue import ModelCard
from studio.ai.requests import HEARD_TASKS, Task
from studio.cli import arguments, demo, evaluate, listening, painting, separate
from studio.cli.desk import Desk, check_folder, check_output
from studio.cli.writing import add_commands, write
from studio.core import paths
from studio.core.errors import Cancelled, StudioError
from studio.io.audio_files import SUFFIXES as AUDIO_SUFFIXES
from studio.io.song_folder import Damaged

EXPORTS = {
    "stems": "stems/*.wav: one float file a track, all of one length",
    "midi": "song.mid",
    "mix": "mix.wav",
    "dawproject": "song.dawproject, for other studios",
}
DONE, FAILED, INTERRUPTED = 0, 1, 130  # 2 is argparse's own: the command was not understood


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status.

    Raises:
        SystemExit: 2 where the command was not understood, 0 after `--help`.
    """
    tqdm.monitor_interval = 0  # no thread that watches over the bars
    if isinstance(sys.stdout, TextIOWrapper):  # a name that the terminal cannot show is no failure
        sys.stdout.reconfigure(errors="replace")
    try:
        _check_is_command(arguments)
        options = _parser().parse_args(arguments)
        with Desk(quiet=options.quiet) as desk:
            options.run(options, desk)
    except StudioError as error:
        print(f"studio: {error}", file=sys.stderr)
        if isinstance(error, Damaged):
            print(f"Name it in place of the song: {error.version.path}", file=sys.stderr)
        return FAILED
    except (KeyboardInterrupt, Cancelled):
        print("studio: interrupted", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:  # such as: a folder on the way may not be looked into
        print(f"studio: “{error.filename}” cannot be reached: {error.strerror}.", file=sys.stderr)
        return FAILED
    return DONE


def _check_is_command(words: Sequence[str]) -> None:
    """A file that is not there is no misspelt command."""
    first = Path(words[0]) if words else Path()
    if first.suffix and not first.exists():
        raise StudioError(f"There is no file called “{first}”.")


# -- arguments -------------------------------------------------------------------------------
def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="studio",
        description="A music studio. Without a command it opens its window.",
        epilog="Songs are folders whose names end in .tutti.",
    )
    parser.add_argument("--version", action="version", version=f"Tutti {__version__}")
    parser.set_defaults(quiet=True)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, what: str, run: object) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        made.add_argument("-q", "--quiet", action="store_true", help="show no progress")
        made.set_defaults(run=run)
        return made

    add_commands(command)
    _add_render(command("render", "bounce a song to an audio file", _render))
    _add_export(command("export", "write a song for other programs", _export))
    _add_demo(command("demo", "make a song from a sentence, step by step", demo.run))
    separate.add_arguments(
        command("separate", "split a recording into stems that sum to it", separate.run)
    )
    painting.add_heal(
        command("heal", "fill the clicks and drop-outs of a recording", painting.heal)
    )
    painting.add_loop(command("loop", "cut a seamless loop out of a recording", painting.loop))
    listening.add_listen(
        command("listen", "hear tempo, beats, key, chords and sections", listening.listen)
    )
    listening.add_transcribe(
        command("transcribe", "write the notes of a recording as MIDI", listening.transcribe)
    )
    listed = command("models", "list the models", _models)
    listed.add_argument("--json", action="store_true", help="as JSON")
    evaluate.add_arguments(command("evaluate", "measure a model, and write a report", evaluate.run))
    return parser


def _add_render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="SONG", help="a song or a MIDI file")
    arguments.add_output(parser, "x.wav (32 bit float), .flac, .ogg or .mp3")


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="SONG", help="a song or a MIDI file")
    arguments.add_output(parser, "a folder; it is made where it is missing")
    for kind, what in EXPORTS.items():
        parser.add_argument(f"--{kind}", action="store_true", help=what)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="an empty folder, or one to make")
    parser.add_argument(
        "--prompt",
        type=paths.legible,
        default=demo.PROMPT,
        metavar="WORDS",
        help="the sentence (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=arguments.seed, default=demo.SEED, metavar="S", help="default: %(default)s"
    )


# -- commands --------------------------------------------------------------------------------
def _render(options: argparse.Namespace, desk: Desk) -> None:
    check_output(options.out, AUDIO_SUFFIXES, force=options.force)
    with desk.opened(options.input) as draft:
        write(desk, draft, options.out)


def _export(options: argparse.Namespace, desk: Desk) -> None:
    kinds = [kind for kind in EXPORTS if getattr(options, kind)] or list(EXPORTS)
    check_folder(options.out, force=options.force)
    with desk.opened(options.input) as draft:
        report = desk.export(draft, options.out, kinds)
    for path in report.paths:
        print(path)
    if report.mix is not None:
        print(f"The mix: {demo.measures(report.mix)}.")
    if report.stems is not None:
        print(f"The stems: {demo.sums_up(report.stems)}.")


def _models(options: argparse.Namespace, desk: Desk) -> None:
    if options.json:
        print(json.dumps([_card(card) for card in registry.cards()], ensure_ascii=False, indent=1))
        return
    for card in registry.cards():
        tasks = ", ".join(task.replace("_", " ") for task in Task if task in card.tasks)
        print(f"{card.id:<10} {card.summary}")
        bars = "" if card.tasks <= set(HEARD_TASKS) else f" up to {card.most_bars} bars;"
        print(
            f"{'':<10} {tasks};{bars} {card.memory_mb} MB;"
            f" {card.licence}; {card.weights or 'no weights'}"
        )


def _card(card: ModelCard) -> dict[str, Any]:
    return {
        "model": card.id,
        "summary": card.summary,
        "tasks": [str(task) for task in Task if task in card.tasks],
        "most_bars": None if card.tasks <= set(HEARD_TASKS) else card.most_bars,
        "memory_mb": card.memory_mb,
        "licence": card.licence,
        "weights": card.weights or None,
    }
