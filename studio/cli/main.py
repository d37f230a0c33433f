"""The commands and their arguments.

Standard output says what was made, standard error shows progress and what went wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path

from tqdm import tqdm

from studio import __version__
from studio.ai import registry, wishes
from studio.ai.catalogue import ModelCard
from studio.ai.requests import Result, Task
from studio.ai.wishes import Wish
from studio.cli import demo, evaluate
from studio.cli.desk import Desk, Draft, check_folder, check_output
from studio.core import paths
from studio.core.errors import Cancelled, StudioError
from studio.io.audio_files import SUFFIXES as AUDIO_SUFFIXES
from studio.io.song_folder import Damaged

OUT = "x.tutti, x.mid, or x.wav (.flac, .ogg, .mp3)"
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


def _check_is_command(arguments: Sequence[str]) -> None:
    """A file that is not there is no misspelt command."""
    first = Path(arguments[0]) if arguments else Path()
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

    _add_generate(command("generate", "write a song from words", _generate))
    _add_extend(command("extend", "write more bars after a song, or before it", _extend))
    _add_fill(command("fill", "write bars anew, leaving all others as they are", _fill))
    _add_render(command("render", "bounce a song to an audio file", _render))
    _add_export(command("export", "write a song for other programs", _export))
    _add_demo(command("demo", "make a song from a sentence, step by step", demo.run))
    command("models", "list the models", _models)
    evaluate.add_arguments(command("evaluate", "measure a model, and write a report", evaluate.run))
    return parser


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed",
        type=_seed,
        default=0,
        metavar="S",
        help="another number, other music (default: 0)",
    )
    parser.add_argument("--model", metavar="M", help="a model's name (see: studio models)")


def _add_output(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help=what)


def _add_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", type=paths.legible, help="what it should be like: style, mood, tempo, key, bars"
    )
    parser.add_argument(
        "--bars", type=_count, metavar="N", help="how long (default: as the words say, or 8)"
    )
    _add_model(parser)
    _add_output(parser, OUT)


def _add_extend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="IN", help="a song or a MIDI file")
    parser.add_argument(
        "--bars", type=_count, required=True, metavar="N", help="how many bars to write"
    )
    parser.add_argument("--before", action="store_true", help="in front of the song")
    parser.add_argument(
        "--prompt",
        type=paths.legible,
        default="",
        metavar="WORDS",
        help="what they should be like",
    )
    _add_model(parser)
    _add_output(parser, OUT)


def _add_fill(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="IN", help="a song or a MIDI file")
    parser.add_argument(
        "--bars",
        type=_bar_range,
        required=True,
        metavar="A-B",
        help="which bars, counted from 1: 5-8, or 5",
    )
    parser.add_argument(
        "--tracks",
        default="",
        metavar="NAMES",
        help="on these tracks, divided by commas (default: all)",
    )
    parser.add_argument(
        "--prompt",
        type=paths.legible,
        default="",
        metavar="WORDS",
        help="what they should be like",
    )
    _add_model(parser)
    _add_output(parser, OUT)


def _add_render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="SONG", help="a song or a MIDI file")
    _add_output(parser, "x.wav (32 bit float), .flac, .ogg or .mp3")


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="SONG", help="a song or a MIDI file")
    _add_output(parser, "a folder; it is made where it is missing")
    for kind, what in EXPORTS.items():
        parser.add_argument(f"--{kind}", action="store_true", help=what)
    parser.add_argument("--force", action="store_true", help="write over what is in the folder")


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
        "--seed", type=_seed, default=demo.SEED, metavar="S", help="default: %(default)s"
    )


def _number(text: str, least: int, what: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise argparse.ArgumentTypeError(f"“{text}” is not {what}.")
    return int(text)


def _seed(text: str) -> int:
    return _number(text, 0, "a whole number from 0 up")


def _count(text: str) -> int:
    return _number(text, 1, "a number of bars, 1 or more")


def _bar_range(text: str) -> tuple[int, int]:
    """`5-8` or `5`."""
    first, dash, last = text.partition("-")
    what = "a bar or a range of bars, such as 5 or 5-8"
    bars = _number(first, 1, what), _number(last if dash else first, 1, what)
    if bars[0] > bars[1]:
        raise argparse.ArgumentTypeError(f"“{text}” ends before it begins.")
    return bars


# -- commands --------------------------------------------------------------------------------
def _generate(options: argparse.Namespace, desk: Desk) -> None:
    check_output(options.out)
    draft = desk.new()
    wish = Wish(options.words, bars=options.bars, seed=options.seed)
    request = wishes.compose(draft.project, _card(options, Task.COMPOSE), wish)
    draft = desk.filled(draft, request)
    draft = replace(draft, project=replace(draft.project, title=wishes.title_of(request)))
    _write(desk, draft, options.out)


def _extend(options: argparse.Namespace, desk: Desk) -> None:
    check_output(options.out, given=options.input)
    wish = Wish(options.prompt, bars=options.bars, seed=options.seed)
    card = _card(options, Task.EXTEND)
    with desk.opened(options.input, options.out) as draft:
        request = wishes.extend(draft.project, card, wish, before=options.before)
        _write(desk, desk.filled(draft, request), options.out)


def _fill(options: argparse.Namespace, desk: Desk) -> None:
    check_output(options.out, given=options.input)
    wish = Wish(options.prompt, seed=options.seed)
    card = _card(options, Task.REWRITE)
    with desk.opened(options.input, options.out) as draft:
        gap = draft.gap(options.bars, options.tracks)
        request = wishes.rewrite(draft.project, card, wish, gap)
        midi = options.input if draft.folder is None else None
        _write(desk, replace(desk.filled(draft, request), midi=midi), options.out)


def _render(options: argparse.Namespace, desk: Desk) -> None:
    check_output(options.out, AUDIO_SUFFIXES)
    with desk.opened(options.input) as draft:
        _write(desk, draft, options.out)


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
    for card in registry.cards():
        tasks = ", ".join(task.replace("_", " ") for task in Task if task in card.tasks)
        print(f"{card.id:<10} {card.summary}")
        print(
            f"{'':<10} {tasks}; up to {card.most_bars} bars; {card.memory_mb} MB;"
            f" {card.licence}; {card.weights or 'no weights'}"
        )


def _card(options: argparse.Namespace, task: Task) -> ModelCard:
    return registry.card(options.model) if options.model else registry.default_for(task)


def _write(desk: Desk, draft: Draft, out: Path) -> None:
    desk.write(draft, out)
    minutes, seconds = divmod(round(draft.seconds), 60)
    tracks = len(draft.project.sources)
    print(
        f"{out}: {draft.bars} bars, {tracks} tracks, {draft.notes} notes, {minutes}:{seconds:02d}"
    )
    for take in draft.takes:
        _explain(take.result)


def _explain(result: Result) -> None:
    """What the model made of the words, and what it could make nothing of."""
    if result.why:
        print(result.why)
    strange = [chip.text for chip in result.chips if not chip.control]
    if strange:
        print(f"Not understood: {', '.join(strange)}.")
