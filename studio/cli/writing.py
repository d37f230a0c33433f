"""The commands that ask a model: songs from words, and all that is done with the notes of one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from studio.ai import by_ear, registry, wishes
from studio.ai.catalogue import ModelCard
from studio.ai.requests import Controls, Request, Result, Task
from studio.ai.sketch.cast import wanted_names
from studio.ai.sketch.instruments import INSTRUMENTS, ROLES
from studio.ai.wishes import Wish
from studio.ai.words import understand
from studio.cli import arguments, painting
from studio.cli.arguments import Command
from studio.cli.desk import Desk, Draft, check_output
from studio.cli.recorded import listened_to
from studio.core import paths
from studio.core.errors import StudioError
from studio.domain.gap import Gap, NoteSet
from studio.io.audio_files import SUFFIXES as AUDIO_SUFFIXES


def add_commands(command: Command) -> None:
    """Add every command of this file to the command line's."""
    _add_generate(command("generate", "write a song from words", _generate))
    _add_extend(
        command("extend", "write more of a song or a recording, after or before it", _extend)
    )
    _add_fill(command("fill", "write bars or seconds anew, leaving all else as it is", _fill))
    _add_part(command("add", "write a part that fits a song, on a new track", _add))
    _add_vary(command("vary", "give some of the notes of a song others in their place", _vary))
    _add_humanise(command("humanise", "play the notes of a song as by hand", _humanise))
    _add_harmonise(command("harmonise", "find chords for a melody, and play them", _harmonise))
    _add_arrange(command("arrange", "share a part out among other instruments", _arrange))
    _add_hum(command("hum", "find chords for a hummed or whistled tune, and play them", _hum))
    _add_continue(command("continue", "go on from a motif, on its own track", _continue))


# -- arguments -------------------------------------------------------------------------------
def _add_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", type=paths.legible, help="what it should be like: style, mood, tempo, key, bars"
    )
    parser.add_argument(
        "--bars",
        type=arguments.count,
        metavar="N",
        help="how long (default: as the words say, or 8)",
    )
    arguments.add_chords(parser)
    _add_rest(parser)


def _add_rest(parser: argparse.ArgumentParser) -> None:
    arguments.add_model(parser)
    arguments.add_output(parser)


def _add_extend(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser, "a song, a MIDI file or a recording")
    parser.add_argument(
        "--bars", type=arguments.count, metavar="N", help="of a song: how many bars to write"
    )
    painting.add_extend(parser)
    parser.add_argument("--before", action="store_true", help="in front of it")
    arguments.add_prompt(parser)
    arguments.add_chords(parser)
    _add_rest(parser)


def _add_fill(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser, "a song, a MIDI file or a recording")
    parser.add_argument(
        "--bars", type=arguments.bar_range, metavar="A-B",
        help="of a song: which bars, counted from 1: 5-8, or 5",
    )  # fmt: skip
    painting.add_fill(parser)
    arguments.add_tracks(parser)
    parser.add_argument(
        "--keys",
        type=arguments.key_range,
        default=(0, 127),
        metavar="A-B",
        help="only notes between these keys, such as C3-C5",
    )
    arguments.add_prompt(parser)
    arguments.add_chords(parser)
    _add_rest(parser)


def _add_part(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser, "a song, a MIDI file or a recording")
    parser.add_argument(
        "part",
        type=paths.legible,
        metavar="PART",
        help="melody, counter, chords, pad, bass, drums, an instrument, or words",
    )
    arguments.add_bars(parser)
    arguments.add_chords(parser)
    _add_rest(parser)


def _add_vary(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser)
    arguments.add_bars(parser)
    arguments.add_tracks(parser)
    arguments.add_amount(parser, "how many of the notes change")
    arguments.add_prompt(parser)
    _add_rest(parser)


def _add_humanise(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser)
    arguments.add_bars(parser)
    arguments.add_tracks(parser)
    arguments.add_amount(parser, "how far velocity and timing go")
    arguments.add_prompt(parser, "a style, such as jazz (default: the song's)")
    _add_rest(parser)


def _add_harmonise(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser)
    arguments.add_track(parser, "the track of the melody")
    arguments.add_bars(parser)
    _add_parts(parser)
    arguments.add_prompt(parser, "a style, such as jazz")
    arguments.add_chords(parser)
    _add_rest(parser)


def _add_parts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--parts",
        default="chords",
        metavar="NAMES",
        help="roles or instruments that play the chords, divided by commas (default: chords)",
    )


def _add_hum(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser, "a recording of one voice")
    _add_parts(parser)
    parser.add_argument(
        "--as-sung", action="store_true", help="keep the tune's own timing (default: on the grid)"
    )
    arguments.add_prompt(parser, "a style, such as jazz")
    arguments.add_chords(parser)
    _add_rest(parser)


def _add_arrange(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser)
    arguments.add_track(parser, "the track to share out; it is muted")
    arguments.add_bars(parser)
    parser.add_argument(
        "--for",
        dest="instruments",
        default="",
        metavar="NAMES",
        help="instruments, divided by commas (default: some that suit it)",
    )
    _add_rest(parser)


def _add_continue(parser: argparse.ArgumentParser) -> None:
    arguments.add_input(parser)
    arguments.add_track(parser, "the track of the motif")
    parser.add_argument(
        "--motif",
        type=arguments.bar_range,
        required=True,
        metavar="A-B",
        help="the bars that the motif is in",
    )
    parser.add_argument(
        "--bars",
        type=arguments.count,
        default=wishes.MOTIF_BARS,
        metavar="N",
        help="how many bars to write (default: %(default)s)",
    )
    arguments.add_prompt(parser)
    arguments.add_chords(parser)
    _add_rest(parser)


# -- commands --------------------------------------------------------------------------------
def _generate(options: argparse.Namespace, desk: Desk) -> None:
    outs = _outs(options)
    draft, card = desk.new(), _card(options, Task.COMPOSE)
    options.prompt = options.words
    request = wishes.compose(draft.project, card, replace(_wish(options), bars=options.bars))
    _ask(options, desk, draft, request, outs)


def _extend(options: argparse.Namespace, desk: Desk) -> None:
    if painting.is_recording(options.input):
        painting.extend(options, desk)
        return
    _check_bars(options)
    card = _card(options, Task.EXTEND)

    def wanted(draft: Draft) -> Request:
        wish = replace(_wish(options), bars=options.bars)
        return wishes.extend(draft.project, card, wish, before=options.before)

    _change(options, desk, wanted)


def _fill(options: argparse.Namespace, desk: Desk) -> None:
    if painting.is_recording(options.input):
        painting.fill(options, desk)
        return
    _check_bars(options)

    def wanted(draft: Draft) -> Request:
        gap = draft.gap(options.bars, options.tracks)
        gap = replace(gap, pitch_low=options.keys[0], pitch_high=options.keys[1])
        card = _card(options, Task.REWRITE, wishes.role_wanted(draft.project, gap.tracks))
        return wishes.rewrite(draft.project, card, _wish(options), gap)

    _change(options, desk, wanted, in_place=True)


def _add(options: argparse.Namespace, desk: Desk) -> None:
    name = options.part.strip().lower()
    known = name in ROLES or name in INSTRUMENTS
    options.prompt = "" if known else options.part
    instruments = (name,) if known else understand(options.part).instruments

    if options.input.suffix.lower() in AUDIO_SUFFIXES:
        _add_to_recording(options, desk, instruments)
        return

    def wanted(draft: Draft) -> Request:
        card = _card(options, Task.ADD_PART, wishes.role_wanted(draft.project, (), instruments))
        gap = draft.gap(options.bars) if options.bars else None
        span = (gap.start, gap.end) if gap is not None else None
        wish = _wish(options, (name,) if known else ())
        return wishes.add_part(draft.project, card, wish, span)

    _change(options, desk, wanted)


def _add_to_recording(
    options: argparse.Namespace, desk: Desk, instruments: tuple[str, ...]
) -> None:
    """A part that goes with a recording, in a song that takes over its tempo, key and chords."""
    outs = _outs(options)
    draft, ear = listened_to(options.input, desk)
    if "drums" not in instruments:
        drums = desk.take(by_ear.groove(ear, registry.default_for(Task.TRANSCRIBE), draft.media))
        ear = by_ear.with_groove(ear, drums.result)
    card = _card(options, Task.ADD_PART, wishes.role_wanted(ear.song, (), instruments))
    gap = replace(draft, project=ear.song).gap(options.bars) if options.bars else None
    span = (gap.start, gap.end) if gap is not None else None
    wish = _wish(options, instruments)
    _ask(options, desk, draft, by_ear.add_part(ear, card, wish, draft.media, span), outs)


def _hum(options: argparse.Namespace, desk: Desk) -> None:
    outs, names = _outs(options), _names(options.parts)
    wanted_names(names)  # one that is none is said before listening
    draft, ear = listened_to(options.input, desk)
    sung = desk.take(by_ear.tune(ear, registry.default_for(Task.TRANSCRIBE), draft.media))
    card = _card(options, Task.HARMONISE, wishes.role_wanted(ear.song, (), names))
    parts = 0 if options.as_sung else 4
    wish = _wish(options, names)
    request = by_ear.harmonise(ear, card, wish, draft.media, sung, parts=parts)
    _ask(options, desk, draft, request, outs)


def _vary(options: argparse.Namespace, desk: Desk) -> None:
    def wanted(draft: Draft) -> Request:
        gap = _gap(draft, options)
        card = _card(options, Task.REWRITE, wishes.role_wanted(draft.project, gap.tracks))
        return wishes.vary(draft.project, card, _wish(options), gap)

    _change(options, desk, wanted, in_place=True)


def _humanise(options: argparse.Namespace, desk: Desk) -> None:
    def wanted(draft: Draft) -> Request:
        gap = _gap(draft, options)
        card = _card(options, Task.HUMANISE, wishes.role_wanted(draft.project, gap.tracks))
        return wishes.humanise(draft.project, card, _wish(options), gap)

    _change(options, desk, wanted, in_place=True)


def _harmonise(options: argparse.Namespace, desk: Desk) -> None:
    names = _names(options.parts)

    def wanted(draft: Draft) -> Request:
        card = _card(options, Task.HARMONISE, wishes.role_wanted(draft.project, (), names))
        wish = _wish(options, names)
        return wishes.harmonise(draft.project, card, wish, _source(draft, options, options.bars))

    _change(options, desk, wanted)


def _arrange(options: argparse.Namespace, desk: Desk) -> None:
    card = _card(options, Task.ARRANGE)

    def wanted(draft: Draft) -> Request:
        wish = _wish(options, _names(options.instruments))
        return wishes.arrange(draft.project, card, wish, _source(draft, options, options.bars))

    _change(options, desk, wanted)


def _continue(options: argparse.Namespace, desk: Desk) -> None:
    card = _card(options, Task.EXTEND, "motif")

    def wanted(draft: Draft) -> Request:
        wish = replace(_wish(options), bars=options.bars)
        return wishes.go_on(draft.project, card, wish, _source(draft, options, options.motif))

    _change(options, desk, wanted, in_place=True)


# -- what they share -------------------------------------------------------------------------
def _card(options: argparse.Namespace, task: Task, role: str = "") -> ModelCard:
    return registry.card(options.model) if options.model else registry.default_for(task, role)


def _wish(options: argparse.Namespace, instruments: tuple[str, ...] = ()) -> Wish:
    prompt, chords = getattr(options, "prompt", ""), getattr(options, "chords", "")
    controls = _controls(options, instruments)
    return Wish(prompt, seed=options.seed, controls=controls, chords=chords)


def _controls(options: argparse.Namespace, instruments: tuple[str, ...] = ()) -> Controls:
    return Controls(
        instruments=instruments,
        keep_to_chords=getattr(options, "keep_to_chords", False),
        amount=getattr(options, "amount", 50) / 100.0,
    )


def _check_bars(options: argparse.Namespace) -> None:
    """Raises StudioError where a song is to be written to in seconds."""
    if options.bars is None:
        raise StudioError("Say which bars of the song to write.", "Such as: --bars 4.")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _gap(draft: Draft, options: argparse.Namespace) -> Gap:
    """The bars and tracks that the options name, or all."""
    return draft.gap(options.bars or (1, max(draft.bars, 1)), options.tracks)


def _source(draft: Draft, options: argparse.Namespace, bars: tuple[int, int] | None) -> NoteSet:
    """The notes of the track that the options name.

    Raises:
        StudioError: There is no such track, or several.
    """
    gap = draft.gap(bars or (1, max(draft.bars, 1)), options.track)
    if len(gap.tracks) > 1:
        raise StudioError(f"Several tracks are called “{options.track}”.", "Name one of them.")
    return wishes.notes_heard(draft.project, gap)


def _outs(options: argparse.Namespace, given: Path | None = None) -> list[Path]:
    """Where each variation goes, once it is sure that it can."""
    out: Path = options.out
    numbers = range(1, options.variations + 1)
    outs = [out.with_name(f"{out.stem}-{n}{out.suffix}") for n in numbers]
    outs = outs if options.variations > 1 else [out]
    for one in outs:
        check_output(one, given=given, force=options.force)
    return outs


def _change(
    options: argparse.Namespace,
    desk: Desk,
    wanted: Callable[[Draft], Request],
    *,
    in_place: bool = False,
) -> None:
    """Ask for what is `wanted` of the song in the options, and write the songs that come of it.

    Args:
        in_place: No track is added: a MIDI file stays as it is but for its notes.
    """
    outs = _outs(options, options.input)
    with desk.opened(options.input, options.out) as draft:
        midi = options.input if in_place and draft.folder is None else None
        _ask(options, desk, replace(draft, midi=midi), wanted(draft), outs)


def _ask(
    options: argparse.Namespace, desk: Desk, draft: Draft, request: Request, outs: list[Path]
) -> None:
    """Have the request filled and written, once for each of `outs`, with one seed after another."""
    for index, out in enumerate(outs):
        filled = desk.filled(draft, replace(request, seed=options.seed + index))
        if request.task is Task.COMPOSE:
            title = wishes.title_of(request)
            filled = replace(filled, project=replace(filled.project, title=title))
        write(desk, filled, out)


def write(desk: Desk, draft: Draft, out: Path) -> None:
    """Write a song and say what was written, and why."""
    desk.write(draft, out)
    minutes, seconds = divmod(round(draft.seconds), 60)
    counts = (draft.bars, "bar"), (len(draft.project.sources), "track"), (draft.notes, "note")
    told = ", ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in counts)
    print(f"{out}: {told}, {minutes}:{seconds:02d}")
    for take in draft.takes:
        _explain(take.result)


def _explain(result: Result) -> None:
    """What the model made of the words, and what it could make nothing of."""
    if result.why:
        print(result.why)
    for chip in result.chips:
        if chip.heard:
            print(f"“{chip.heard}” was taken to mean: {chip.text}.")
    strange = [chip for chip in result.chips if not chip.control]
    plain = [chip.text for chip in strange if not chip.note]
    if plain:
        print(f"Not understood: {', '.join(plain)}.")
    for chip in strange:
        if chip.note:
            print(f"“{chip.text}” was not followed: {chip.note}")
