"""What a prompt says: a small lexicon instead of a language model, so that it is instant and plain.

`understand` answers while the musician types. Whatever it did not understand it says so; a guesser,
where one is given, may say what such words most likely mean. Words in quotation marks are names:
they are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio.ai.requests import Chip
from studio.ai.word_reader import Found, Guess, Meaning, read
from studio.domain.tempo import TICKS_PER_QUARTER
from studio.domain.theory import Key


@dataclass(frozen=True, slots=True)
class Understood:
    """What the words set; empty or None where they say nothing.

    Attributes:
        style: The main one of `styles`: a name of `lexicon.STYLES`.
        avoided: Styles and moods that were named as unwanted.
        bpm: Quarter notes a minute.
        pace: Factor on the style's usual tempo ("slow" 0.82, "fast" 1.18).
        key: A tonic and mode; `mode` alone where only "minor" or "dorian" was said.
        instruments: Names of `lexicon.INSTRUMENTS`, in the order said; `only`: and nothing else.
        bars: As said, or as many as the form has.
        seconds: How long it should last; `bars` comes first where both were said.
        form: (section name, bars) in order; 0 bars where none were said.
        chords: Names of chords, bar by bar, to be repeated as often as there is room.
        density: 0-1.
        feel: `swing`, `laid back` or `straight`.
        chips: In the order of the words; those without a control were not understood.
    """

    style: str = ""
    styles: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    avoided: tuple[str, ...] = ()
    bpm: float | None = None
    pace: float | None = None
    key: Key | None = None
    mode: str = ""
    meter: tuple[int, int] | None = None
    instruments: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    only: bool = False
    bars: int | None = None
    seconds: float | None = None
    form: tuple[tuple[str, int], ...] = ()
    chords: tuple[tuple[str, ...], ...] = ()
    density: float | None = None
    feel: str = ""
    chips: tuple[Chip, ...] = ()

    def bpm_over(self, ticks: int) -> float | None:
        """The tempo at which `ticks` last as long as was said; None where no bars were counted so.

        It is kept within what can be played, 20-400.
        """
        if self.seconds is None or self.bars:
            return None
        return min(max(ticks / TICKS_PER_QUARTER * 60.0 / self.seconds, 20.0), 400.0)

    def bars_lasting(self, bpm: float, ticks_per_bar: int) -> int | None:
        """The nearest number of bars to the length that was said; None where none was."""
        if self.seconds is None:
            return None
        bar_seconds = ticks_per_bar / TICKS_PER_QUARTER * 60.0 / bpm
        return max(round(self.seconds / bar_seconds), 1)


def understand(prompt: str, negative: str = "", guess: Guess | None = None) -> Understood:
    """Read a prompt, and a second one that names what is not wanted.

    What the lexicon knows always wins: a guess is left out where it says otherwise.
    """
    wanted, refused = read(prompt), read(negative)
    if guess is not None:
        wanted = wanted.guessed(guess)
        refused = refused.guessed(guess)
    found = sorted(wanted.found, key=lambda entry: entry.start)
    against = sorted(refused.found, key=lambda entry: entry.start)
    explicit = [entry for entry in (*found, *against) if not entry.guessed]
    kept = [entry for entry in found if _may_stand(entry, explicit, wanted.only)]
    kept_against = [entry for entry in against if _may_stand(entry, explicit, wanted.only)]
    lost = [entry for entry in found if entry not in kept]
    lost_against = [entry for entry in against if entry not in kept_against]
    undone = [entry for entry in kept if _is_refused(entry, kept, kept_against)]
    kept = [entry for entry in kept if entry not in undone]
    lost += [_said_otherwise(entry, prompt) for entry in undone]
    chips = (
        *_chips(prompt, kept, (*wanted.unknown, *lost), wanted.only, negative=False),
        *_chips(negative, kept_against, (*refused.unknown, *lost_against), False, negative=True),
    )
    return replace(_conclude(kept, kept_against, wanted.only), chips=chips)


_ALONE = ("style", "pace", "density", "feel")  # where one was said, none is guessed


def _may_stand(entry: Found, explicit: Sequence[Found], only: bool) -> bool:
    """Whether a guess adds to what was said plainly and gainsays none of it."""
    if not entry.guessed:
        return True
    said = [other for other in explicit if other.control == entry.control]
    if entry.control == "pace" and any(other.control == "bpm" for other in explicit):
        return False
    if entry.control in _ALONE and said:
        return False
    if entry.control == "instrument" and (only or any(_next_to(entry, o) for o in said)):
        return False  # "a plucked harp" is no guitar
    return all(other.value != entry.value for other in said)


def _next_to(entry: Found, other: Found) -> bool:
    """Whether one blank stands between their words."""
    return 1 in (other.words[0] - entry.words[1], entry.words[0] - other.words[1])


def _is_refused(entry: Found, found: Sequence[Found], against: Sequence[Found]) -> bool:
    """Whether it is wanted here and refused elsewhere, which counts: "a groove without drums"."""
    refused = (*(other for other in found if other.negated), *against)
    said = (entry.control, entry.value)
    return not entry.negated and any((other.control, other.value) == said for other in refused)


def _said_otherwise(entry: Found, text: str) -> Found:
    note = f"“no {value_text(entry.control, entry.value)}” is said as well."
    return replace(entry, control="", value=text[slice(*entry.words)], note=note)


# --- drawing the conclusion -------------------------------------------------------------------


def _conclude(found: Sequence[Found], refused: Sequence[Found], only: bool) -> Understood:
    yes: list[Meaning] = [(e.control, e.value) for e in found if not e.negated]
    no: list[Meaning] = [(e.control, e.value) for e in (*found, *refused) if e.negated]
    no += [(e.control, e.value) for e in refused if not e.negated]
    styles = _named("style", yes) + (("blues",) if _last("blues bars", yes) else ())
    key = _last("key", yes)
    seconds, form = _last("length", yes), _last("form", yes) or ()
    counted = _form_bars(form) if seconds is None or all(bars for _, bars in form) else None
    return Understood(
        style=_main_style(styles, _named("feel", yes)),
        styles=styles,
        moods=_named("mood", yes),
        avoided=_named("style", no) + _named("mood", no),
        bpm=_last("bpm", yes),
        pace=_pace(styles, yes, no),
        key=key,
        mode=key.mode if key else _last("mode", yes) or "",
        meter=_last("meter", yes) or ((3, 4) if "waltz" in styles else None),
        instruments=_named("instrument", yes),
        excluded=_named("instrument", no),
        only=only and bool(_named("instrument", yes)),
        bars=_last("bars", yes) or _last("blues bars", yes) or counted,
        seconds=seconds,
        form=form,
        chords=_last("chords", yes) or (),
        density=_density(yes, no),
        feel=_last("feel", yes) or "",
    )


def _form_bars(form: tuple[tuple[str, int], ...]) -> int | None:
    """How long a form is; a section without a number has eight bars."""
    return sum(bars or 8 for _, bars in form) if form else None


def _named(control: str, found: list[Meaning]) -> tuple[str, ...]:
    """Values of one control, each once, in order."""
    return tuple(dict.fromkeys(str(value) for name, value in found if name == control))


def _last(control: str, found: list[Meaning]) -> Any:
    return next((value for name, value in reversed(found) if name == control), None)


_COLOURS = (
    "waltz",
    "ballad",
    "ambient",
    "classical",
)  # they colour another style they stand beside


def _main_style(styles: tuple[str, ...], feels: tuple[str, ...]) -> str:
    """The last style said ("jazz funk" is funk), unless it only colours an earlier one."""
    nouns = [style for style in styles if style not in _COLOURS]
    if nouns:
        return nouns[-1]
    if styles:
        return styles[-1]
    return "jazz" if "swing" in feels else ""


def _pace(styles: tuple[str, ...], yes: list[Meaning], no: list[Meaning]) -> float | None:
    said: float | None = _last("pace", yes)
    if said is None and _last("pace", no) is not None:
        said = 2.0 - _last("pace", no)
    if said is None and "ballad" in styles and _main_style(styles, ()) != "ballad":
        said = 0.72
    return said


def _density(yes: list[Meaning], no: list[Meaning]) -> float | None:
    said: float | None = _last("density", yes)
    if said is None and _last("density", no) is not None:
        said = 1.0 - _last("density", no)
    return said


# --- chips ------------------------------------------------------------------------------------

_CONTROLS = {"bpm": "tempo", "pace": "tempo", "mode": "key", "blues bars": "bars"}
_PACE_NAMES = {
    0.72: "very slow",
    0.82: "slow",
    1.0: "medium tempo",
    1.18: "fast",
    1.32: "very fast",
}


def _chips(
    text: str, found: Sequence[Found], unknown: Sequence[Found], only: bool, *, negative: bool
) -> tuple[Chip, ...]:
    """One chip for each thing said, whatever number of times, in the order of the words."""
    made: dict[tuple[str, str], Chip] = {}
    for entry in sorted((*found, *unknown), key=lambda e: e.start):
        chip = _chip(entry, text, only, negative) if entry in found else _unread(entry, text)
        known = made.get((chip.text, chip.control))
        spans = tuple(dict.fromkeys((*known.spans, *chip.spans))) if known else chip.spans
        made[chip.text, chip.control] = replace(known or chip, spans=spans, negative=negative)
    return tuple(made.values())


def _unread(entry: Found, text: str) -> Chip:
    """Words that were not understood, as they stand; folded, where they are a single one."""
    said = str(entry.value) if not entry.guessed else text[slice(*entry.words)]
    return Chip(said, "", said, (entry.span,), note=entry.note)


def _chip(entry: Found, text: str, only: bool, negative: bool) -> Chip:
    plain = value_text(entry.control, entry.value)
    words = plain
    if entry.negated and not negative:
        words = f"no {plain}"
    elif only and entry.control == "instrument":
        words = f"only {plain}"
    shown = f"no {plain}" if entry.negated or negative else words
    control = _CONTROLS.get(entry.control, entry.control)
    heard = " ".join(text[slice(*entry.words)].split()) if entry.guessed else ""
    return Chip(shown, control, words, (entry.span,), heard)


def value_text(control: str, value: Any) -> str:
    """How a value is written in words that mean it."""
    return _TEXTS.get(control, str)(value)


def length_text(seconds: float) -> str:
    """`2 minutes`, `90 seconds`, `2:30`."""
    whole, rest = divmod(round(seconds), 60)
    if not rest:
        return "1 minute" if whole == 1 else f"{whole} minutes"
    return f"{whole}:{rest:02d}" if whole > 1 else f"{round(seconds)} seconds"


_TEXTS: dict[str, Callable[[Any], str]] = {
    "bpm": lambda value: f"{value:g} bpm",
    "pace": lambda value: _PACE_NAMES[value],
    "key": lambda value: str(value.name),
    "meter": lambda value: f"{value[0]}/{value[1]}",
    "bars": lambda value: "1 bar" if value == 1 else f"{value} bars",
    "blues bars": lambda value: "12-bar blues",
    "length": length_text,
    "form": lambda value: ", ".join(
        f"{name} {bars}" if bars else str(name) for name, bars in value
    ),
    "chords": lambda value: " | ".join(" ".join(bar) for bar in value),
    "density": lambda value: "sparse" if value < 0.5 else "busy",
}
