"""What to write, read from the song, its selection and the Generate panel."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.ai import registry, wishes
from studio.ai.catalogue import ModelCard
from studio.ai.requests import Controls, Request, Task
from studio.ai.wishes import Wish
from studio.ai.words import understand
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip, TakeId
from studio.domain.gap import Gap, NoteSet
from studio.domain.tempo import TempoMap
from studio.domain.track import Track
from studio.workspace.selection import Selection
from studio.workspace.song import Song

_ABOVE_AND_BELOW = 7  # semitones beyond the selected notes that others in their place may lie
_BUSIER, _CALMER = 0.8, 0.2  # density


class Intent(StrEnum):
    """What to do; `auto` reads it from the song and the selection."""

    AUTO = "auto"
    EXTEND = "extend"
    EXTEND_BEFORE = "extend_before"
    REWRITE = "rewrite"
    VARY = "vary"
    BUSIER = "busier"
    CALMER = "calmer"
    HUMANISE = "humanise"
    CONTINUE = "continue"
    HARMONISE = "harmonise"
    ARRANGE = "arrange"
    ADD_PART = "add_part"
    LEARN = "learn"


_TASKS = {
    Intent.EXTEND: Task.EXTEND, Intent.EXTEND_BEFORE: Task.EXTEND, Intent.CONTINUE: Task.EXTEND,
    Intent.REWRITE: Task.REWRITE, Intent.VARY: Task.REWRITE, Intent.BUSIER: Task.REWRITE,
    Intent.CALMER: Task.REWRITE, Intent.HUMANISE: Task.HUMANISE, Intent.ARRANGE: Task.ARRANGE,
    Intent.HARMONISE: Task.HARMONISE, Intent.ADD_PART: Task.ADD_PART, Intent.LEARN: Task.LEARN,
}  # fmt: skip
WRITING = frozenset((Task.COMPOSE, *_TASKS.values()))  # the tasks a wish can come to
_ADDING = re.compile(
    r"\s*(?:(?:please|bitte)\s+)?(?:add|another|noch|füge|ergänze|ajoute|añade|agrega|aggiungi)\b",
    re.I,
)
_CHANGING = (Intent.REWRITE, Intent.VARY, Intent.BUSIER, Intent.CALMER, Intent.HUMANISE)
_ABOUT_NOTES = (Intent.CONTINUE, Intent.HARMONISE, Intent.ARRANGE)


@dataclass(frozen=True, slots=True)
class Settings:
    """The state of the Generate panel."""

    prompt: str = ""
    negative: str = ""
    model: str = ""  # empty: the studio's choice for each task
    intent: Intent = Intent.AUTO
    bars: int | None = None  # None: what the words say, else 8
    variations: int = 1
    seed: int = 0
    seed_locked: bool = False
    closeness: float = 0.7
    surprise: float = 0.4
    density: float = 0.5
    amount: float = 0.5  # how much a variation changes, or a player's hand
    keep_to_scale: bool = True
    keep_to_chords: bool = False
    chords: str = ""  # "Dm7 | G7 | Cmaj7 A7": bars divided by |, chords of a bar by spaces


class Reading:
    """Reads a song and its selection, and makes requests of them."""

    def __init__(self, song: Song, selection: Selection) -> None:
        self._song, self._selection = song, selection

    def request(
        self, settings: Settings, intent: Intent | None, instruments: tuple[str, ...] = ()
    ) -> Request:
        """What `intent` asks for; None: a song from nothing.

        Args:
            instruments: Names or roles of the parts wanted, whatever the words say.

        Raises:
            StudioError: Nothing can be written there, or a field cannot be read.
        """
        song, controls = self._song.project, self._controls(settings, intent, instruments)
        wish = Wish(
            settings.prompt, settings.negative, settings.bars, settings.seed, controls,
            chords=settings.chords,
        )  # fmt: skip
        if intent is None:
            return wishes.compose(song, self._card(settings, Task.COMPOSE), wish)
        if intent in _CHANGING:
            return self._changing(settings, intent, wish)
        if intent in _ABOUT_NOTES:
            return self._about_notes(settings, intent, wish)
        role = self._role(settings, intent, controls)
        card = self._card(settings, _TASKS[intent], role)
        if intent is Intent.ADD_PART:
            return wishes.add_part(song, card, wish, self._selection.span)
        if intent is Intent.LEARN:
            return wishes.learn(song, card, wish, self._learning_gap(settings))
        return wishes.extend(song, card, wish, before=intent is Intent.EXTEND_BEFORE)

    def intent(self, settings: Settings) -> Intent | None:
        """What the panel is about to do; None: a song from nothing."""
        song, chosen = self._song.project, settings.intent
        if not song.end:
            return None
        if chosen is not Intent.AUTO:
            return chosen
        selection = self._selection
        if selection.span is not None and selection.span_tracks:
            return Intent.REWRITE
        if selection.notes or self._note_clips():
            return Intent.REWRITE
        return Intent.ADD_PART if self._names_new_part(settings) else Intent.EXTEND

    # -- asking -------------------------------------------------------------------------------
    def _changing(self, settings: Settings, intent: Intent, wish: Wish) -> Request:
        song, gap = self._song.project, self._gap(intent)
        role = wishes.role_wanted(song, gap.tracks)
        card = self._card(settings, _TASKS[intent], role)
        wish = replace(wish, parents=self._takes_in(gap))
        if intent is Intent.VARY:
            return wishes.vary(song, card, wish, gap)
        if intent is Intent.HUMANISE:
            return wishes.humanise(song, card, wish, gap)
        return wishes.rewrite(song, card, wish, gap)

    def _about_notes(self, settings: Settings, intent: Intent, wish: Wish) -> Request:
        song, notes = self._song.project, self._notes()
        roles = wish.controls.instruments or ("chords",) if intent is Intent.HARMONISE else ()
        role = "motif" if intent is Intent.CONTINUE else wishes.role_wanted(song, (), roles)
        card = self._card(settings, _TASKS[intent], role)
        if intent is Intent.CONTINUE:
            return wishes.go_on(song, card, wish, notes)
        if intent is Intent.HARMONISE:
            return wishes.harmonise(song, card, wish, notes)
        return wishes.arrange(song, card, wish, notes)

    @staticmethod
    def _card(settings: Settings, task: Task, role: str = "") -> ModelCard:
        """The chosen model; where that cannot do it, or none is chosen, the studio's choice."""
        if settings.model and task in registry.card(settings.model).tasks:
            return registry.card(settings.model)
        return registry.default_for(task, role)

    def _role(self, settings: Settings, intent: Intent, controls: Controls) -> str:
        if intent is not Intent.ADD_PART:
            return ""
        named = controls.instruments or understand(settings.prompt).instruments
        return wishes.role_wanted(self._song.project, (), named)

    def _controls(
        self, settings: Settings, intent: Intent | None, instruments: tuple[str, ...]
    ) -> Controls:
        song = self._song.project
        untouched = song.tempo == TempoMap()
        meter = song.tempo.meter_at(0)
        density = {Intent.BUSIER: _BUSIER, Intent.CALMER: _CALMER}
        return Controls(
            key=song.key,
            bpm=None if untouched else song.tempo.tempo_at(0),
            meter=None if untouched else (meter.beats, meter.unit),
            instruments=instruments,
            closeness=settings.closeness,
            surprise=settings.surprise,
            density=density.get(intent, settings.density) if intent else settings.density,
            keep_to_scale=settings.keep_to_scale,
            keep_to_chords=settings.keep_to_chords,
            learn_from=self._selection.note_clip if intent is Intent.LEARN else None,
            amount=settings.amount,
        )

    # -- reading the selection ----------------------------------------------------------------
    def _note_clips(self) -> list[tuple[Track, NoteClip]]:
        """Recordings are passed over: no model here writes into them."""
        found = [self._song.project.find_clip(id) for id in self._selection.clips]
        return [(e[0], e[1]) for e in found if e is not None and isinstance(e[1], NoteClip)]

    def _names_new_part(self, settings: Settings) -> bool:
        """Whether the words name instruments of which none plays yet, or that are to be added."""
        song, wanted = self._song.project, understand(settings.prompt).instruments
        added = _ADDING.match(settings.prompt) is not None
        return bool(wanted) and (added or not any(wishes.plays(song, name) for name in wanted))

    def _gap(self, intent: Intent) -> Gap:
        """What is selected, to be changed; of notes, those alone. What is not written anew bar by
        bar may be all of the open clip, where nothing is selected."""
        selection = self._selection
        if intent is not Intent.REWRITE and selection.note_clip and not self._has_selected():
            track, clip = self._open_clip()
            gap = Gap((track.id,), clip.start, clip.end)
        else:
            gap = self._selected_gap()
        named = intent in (Intent.BUSIER, Intent.CALMER) and not gap.notes
        song = self._song.project
        if named and wishes.held_notes(song, gap):  # what is there, with more or fewer notes
            return replace(gap, notes=wishes.notes_heard(song, gap))
        return gap

    def _has_selected(self) -> bool:
        selection = self._selection
        return bool(selection.span or selection.notes or self._note_clips())

    def _selected_gap(self) -> Gap:
        selection = self._selection
        if selection.span is not None:
            return Gap(selection.span_tracks, *selection.span, *selection.span_keys)
        if selection.notes and selection.note_clip is not None:
            return self._notes_gap()
        clips = self._note_clips()
        if not clips:
            raise StudioError("Nothing is selected.", "Drag over the bars to rewrite.")
        start = min(clip.start for _, clip in clips)
        end = max(clip.end for _, clip in clips)
        return Gap(tuple(dict.fromkeys(track.id for track, _ in clips)), start, end)

    def _notes_gap(self) -> Gap:
        """The selected notes alone; others in their place may lie a little above or below."""
        track, clip = self._open_clip()
        heard = clip.notes.starting_in(clip.offset, clip.offset + clip.length)
        notes = clip.notes.where(heard & clip.notes.mask_of(self._selection.notes))
        if not len(notes):
            raise StudioError("The selected notes are not heard.", "Lengthen their clip first.")
        start, end = int(notes.start.min()), min(int(notes.end.max()), clip.offset + clip.length)
        beyond = 0 if track.is_drums else _ABOVE_AND_BELOW
        low = max(int(notes.pitch.min()) - beyond, 0)
        high = min(int(notes.pitch.max()) + beyond, 127)
        named = ((clip.id, tuple(sorted(notes.id.tolist()))),)
        return Gap((track.id,), start + clip.shift, end + clip.shift, low, high, notes=named)

    def _open_clip(self) -> tuple[Track, NoteClip]:
        id = self._selection.note_clip
        found = self._song.project.find_clip(id) if id is not None else None
        if found is None or not isinstance(found[1], NoteClip):
            raise StudioError("Nothing is selected.", "Drag over the bars to rewrite.")
        return found[0], found[1]

    def _notes(self) -> NoteSet:
        """The notes that a wish is about: the selected ones, those of the selected bars or clips,
        else of the open clip."""
        selection, song = self._selection, self._song.project
        if selection.span is not None and selection.span_tracks:
            return wishes.notes_heard(song, self._selected_gap())
        if selection.notes:
            return self._notes_gap().notes
        clips = self._note_clips() or [self._open_clip()]
        found: NoteSet = ()
        for track, clip in clips:
            there = wishes.notes_heard(song, Gap((track.id,), clip.start, clip.end))
            found += tuple(entry for entry in there if entry[0] == clip.id)
        return found

    def _takes_in(self, gap: Gap) -> tuple[TakeId, ...]:
        """The takes whose clips `gap` changes."""
        clips = [c for id in gap.tracks for c in self._song.project.track(id).clips]
        takes = (c.take for c in clips if isinstance(c, NoteClip) and gap.holds(c).any())
        return tuple(dict.fromkeys(take for take in takes if take is not None))

    def _learning_gap(self, settings: Settings) -> Gap:
        song, clip = self._song.project, self._selection.note_clip
        if clip is None:
            raise StudioError("There is no clip to learn from.", "Open a clip of notes first.")
        track = song.track_of(clip)
        start = song.tempo.next_bar(max(song.clip_end(c) for c in track.clips))
        bars = settings.bars or wishes.DEFAULT_BARS
        return Gap((track.id,), start, song.tempo.bar_start(song.tempo.bar_at(start) + bars))
