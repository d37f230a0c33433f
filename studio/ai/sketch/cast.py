"""Who plays: which tracks are written on, which parts are new, and what each of them plays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from studio.ai.requests import Task
from studio.ai.sketch.instruments import BY_ROLE, COMPASS, INSTRUMENTS, ROLES, Instrument
from studio.ai.sketch.listen import Heard, instrument_tracks, notes_on, role_of, standing_on
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import pick, stream
from studio.ai.words import understand
from studio.core.errors import StudioError
from studio.domain.track import Track, TrackId, TrackKind


@dataclass(frozen=True, slots=True)
class Player:
    """One part to write.

    Attributes:
        plays: A role, or `arpeggio`; what a new track's role is called is in `role`.
        low, high: MIDI keys it may use.
        lowest: The lowest key of its instrument, for a left hand.
        figure: For chords, a name of `comping.FIGURES`.
        left_hand: Whether it also plays the bass, as nobody else does.
        push: Velocity added, for balance.
        power: Whether its chords are roots and fifths, as others blur in distortion.
        asked: Whether the words or controls name its instrument.
        standing: Notes of the track that stay, muted ones too.
        track: None for a new one.
    """

    plays: str
    name: str
    program: int
    low: int
    high: int
    track: TrackId | None = None
    figure: str = ""
    left_hand: bool = False
    guitar: bool = False
    push: int = 0
    asked: bool = False
    power: bool = False
    lowest: int = 0
    standing: tuple[Heard, ...] = field(default=(), repr=False)

    @property
    def drums(self) -> bool:
        return self.plays == "drums"

    @property
    def role(self) -> str:
        return "counter" if self.plays == "arpeggio" else self.plays


def cast(plan: Plan) -> tuple[Player, ...]:
    """The players of a plan.

    Raises:
        StudioError: A track is gone or holds no notes, or no such instrument exists.
    """
    request = plan.request
    there = [_on_track(plan, track) for track in _tracks(plan)]
    names = wanted_names(request.controls.instruments)
    if request.task is Task.ADD_PART:
        players = _added(plan, there, names or list(plan.words.instruments))
    elif there:
        covered = {player.plays for player in there}
        players = there + [
            new for new in (_new(plan, n) for n in names) if new.plays not in covered
        ]
    else:
        players = _band(plan, names)
    players = [_with_figure(plan, player, players) for player in players]
    return tuple(_under_guitars(plan, player, players) for player in named_apart(players))


def wanted_names(wanted: Iterable[str]) -> list[str]:
    """Instruments by the lexicon's names; a role's name stands for itself."""
    found: list[str] = []
    for text in wanted:
        if text in INSTRUMENTS or text in ROLES:
            found.append(text)
            continue
        understood = understand(text).instruments
        if not understood:
            raise StudioError(
                f"There is no instrument called {text!r}.", "Try piano, bass, drums or strings."
            )
        found += understood
    return list(dict.fromkeys(found))


# --- tracks that are there --------------------------------------------------------------------


def _tracks(plan: Plan) -> list[Track]:
    request = plan.request
    song, gap = request.song, request.gap
    found = []
    for id in gap.tracks:
        track = song.find_track(id)
        if track is None:
            raise StudioError("A track of the gap is gone.", "Choose the tracks to write on again.")
        if track.kind is not TrackKind.INSTRUMENT:
            raise StudioError(f"{track.name} holds no notes.", "Choose instrument tracks.")
        found.append(track)
    if not found and request.task is Task.EXTEND:
        for track in instrument_tracks(song):
            inside = [n for n in notes_on(track, gap) if gap.start <= n.start < gap.end]
            if track.clips and not inside:
                found.append(track)
    return found


def _on_track(plan: Plan, track: Track) -> Player:
    device = track.instrument
    program = int(device.parameter("program", 0)) if device else 0
    plays = role_of(track, notes_on(track, plan.request.gap))
    gap = plan.request.gap
    near = 9 * max(bar.length for bar in plan.bars)  # what a continuation may be modelled on
    standing = [
        note
        for note in standing_on(track, gap)
        if note.end > gap.start - near and note.start < gap.end + near
    ]
    known = next((i for i in INSTRUMENTS.values() if i.program == program and not i.drums), None)
    instrument = known or Instrument(track.name, program, plays, 21, 108)
    player = _player(plan, plays, instrument, track.name)
    return _as_it_plays(plan, replace(player, track=track.id, standing=tuple(standing)))


_USUAL_VELOCITY = {"melody": 90, "counter": 70, "chords": 79, "pad": 66, "bass": 88}


def _as_it_plays(plan: Plan, player: Player) -> Player:
    """A player of a track that plays already: as loud as there, and a line where it lies there."""
    heard = [note for note in player.standing if not note.muted]
    if len(heard) < 4 or player.plays not in _USUAL_VELOCITY:
        return player
    push = round(sum(n.velocity for n in heard) / len(heard)) - _USUAL_VELOCITY[player.plays]
    player = replace(player, push=max(min(push, 38), -50))
    if player.plays not in ("melody", "counter", "bass"):
        return player
    pitches = sorted(note.pitch for note in heard)
    low, high = pitches[len(pitches) // 20] - 3, pitches[-1 - len(pitches) // 20] + 3
    wider = max(14 - (high - low), 0)
    gap = plan.request.gap
    low, high = max(low - wider // 2, gap.pitch_low), min(high + wider - wider // 2, gap.pitch_high)
    return replace(player, low=low, high=high) if high - low >= 11 else player


def _player(plan: Plan, plays: str, instrument: Instrument, name: str) -> Player:
    low, high = _compass(plan, plays, instrument)
    program = instrument.program
    guitar = program in range(24, 32) or program in (46, 105)
    return Player(
        plays, name, program, low, high, guitar=guitar, push=instrument.push, lowest=instrument.low
    )


def _compass(plan: Plan, plays: str, instrument: Instrument) -> tuple[int, int]:
    """Where a part lies: its role's compass, what the instrument can play, and the gap's band."""
    gap = plan.request.gap
    low, high = COMPASS["counter" if plays == "arpeggio" else plays]
    if plays == "drums":
        return gap.pitch_low, gap.pitch_high
    if plays == "bass":
        instrument = instrument._replace(low=min(instrument.low, 40), high=max(instrument.high, 52))
    spans = (
        (max(low, instrument.low, gap.pitch_low), min(high, instrument.high, gap.pitch_high)),
        (max(low, gap.pitch_low), min(high, gap.pitch_high)),
    )
    for bottom, top in spans:
        if top - bottom >= 11:
            return bottom, top
    bottom, top = spans[1]
    return (bottom, top) if top - bottom >= 6 else (gap.pitch_low, gap.pitch_high)


# --- parts that are made ----------------------------------------------------------------------


def _new(plan: Plan, name: str, plays: str = "") -> Player:
    if _is_role(name):
        plays, name = name, _usual(plan, name)
    elif name == "drums":
        name = _usual(plan, "drums")
    elif name == "bass":
        name = _usual(plan, "bass")
    instrument = INSTRUMENTS[name]
    return _player(plan, plays or instrument.role, instrument, instrument.title)


# Who sings, where the words name one of a family and no other instrument for the melody.
_SINGERS = {"strings": "violin", "cello": "violin", "viola": "violin", "brass": "trumpet",
    "french horn": "trumpet", "synth pad": "synth lead", "arpeggio": "synth lead"}  # fmt: skip


def _usual(plan: Plan, role: str, taken: Iterable[str] = ()) -> str:
    """The instrument that plays a role in the style, unless the words refuse it.

    Args:
        taken: Instruments that play already, left aside where there are others.
    """
    options = next((names for plays, names in plan.style.parts if plays == role), (BY_ROLE[role],))
    asked = role in plan.request.controls.instruments  # by hand, which wins over the words
    excluded = () if asked else plan.words.excluded
    if role == "melody":
        kin = tuple(_SINGERS[name] for name in plan.words.instruments if name in _SINGERS)
        options = kin[:1] or options
    allowed = tuple(name for name in options if name not in excluded)
    allowed = tuple(name for name in allowed if name not in taken) or allowed
    fallbacks = ("piano", "acoustic guitar", "strings", "vibraphone")
    if allowed:
        return pick(stream(plan.seed, "instrument", role), allowed)
    rest = (name for name in (BY_ROLE[role], *fallbacks) if name not in excluded)
    return next(rest, "vibraphone")


def _band(plan: Plan, asked: list[str]) -> list[Player]:
    words = plan.words
    wanted = asked or list(words.instruments)
    if asked or words.only:
        return [replace(player, asked=True) for player in _only(plan, wanted)]
    cast_for: dict[str, str] = {
        role: "" for role, _ in plan.style.parts if role not in _refused(plan)
    }
    beside: list[Player] = []
    taken: set[str] = set()
    for name in sorted(wanted, key=_is_role):
        role = name if _is_role(name) else INSTRUMENTS[name].role
        if role in taken and _is_role(name):
            continue
        if role in taken:
            role = {
                "melody": "counter",
                "chords": "arpeggio",
                "counter": "pad",
                "pad": "counter",
            }.get(role, role)
        if role in taken:
            beside.append(replace(_new(plan, name, role), asked=True))
            continue
        taken.add(role)
        cast_for[role] = name
    players, playing = [], {name for name in wanted if name in INSTRUMENTS}
    for role, asked_for in cast_for.items():
        name = asked_for or _usual_or_arp(plan, role, playing)
        players.append(_new(plan, name, role))
        playing.add(name)
    players = [replace(p, asked=bool(cast_for.get(p.plays))) for p in players] + beside
    order = {role: place for place, role in enumerate((*ROLES, "arpeggio"))}
    return sorted(players, key=lambda player: order[player.plays])


def _is_role(name: str) -> bool:
    """Whether a name asks for a role ("chords") and no instrument in particular."""
    return name in ROLES and name not in ("bass", "drums")


def _usual_or_arp(plan: Plan, role: str, taken: Iterable[str]) -> str:
    return "arpeggio" if role == "arpeggio" else _usual(plan, role, taken)


def _refused(plan: Plan) -> set[str]:
    """Roles that the words leave out, by name or by the only instrument that plays them."""
    refused = {name for name in plan.words.excluded if name in ROLES}
    for role, options in plan.style.parts:
        family = {
            name
            for name in plan.words.excluded
            if name in INSTRUMENTS and INSTRUMENTS[name].role == role
        }
        if (
            family
            and (role in ("pad", "counter", "arpeggio") or set(options) <= family)
            and role not in ("melody", "chords")
        ):
            refused.add(role)
    if "brushes" in plan.words.excluded:
        refused.add("drums")
    return refused


_LOW_LINES = ("cello", "trombone")  # play the bass where nobody else does


def _only(plan: Plan, wanted: list[str]) -> list[Player]:
    """Just these instruments; one that plays chords alone plays the melody as well."""
    players: list[Player] = []
    taken: set[str] = set()
    for name in sorted(wanted, key=_is_role):
        player = _new(plan, name)
        if player.plays in taken and _is_role(name):
            continue
        if player.plays in taken:
            other = {"melody": "counter", "chords": "arpeggio", "counter": "pad", "pad": "counter"}
            low = name in _LOW_LINES and not any(_new(plan, n).plays == "bass" for n in wanted)
            plays = "bass" if low and "bass" not in taken else other.get(player.plays, player.plays)
            player = _new(plan, name, plays)
        taken.add(player.plays)
        players.append(player)
    harmonic = next((p for p in players if p.plays in ("chords", "pad", "arpeggio")), None)
    if harmonic is not None and not taken & {"melody"} and not plan.request.controls.instruments:
        name = next(n for n in wanted if _new(plan, n).name == harmonic.name)
        players[players.index(harmonic) : players.index(harmonic) + 1] = _two_hands(plan, name)
    return players


def _two_hands(plan: Plan, name: str) -> list[Player]:
    """A melody above chords, both on one instrument and out of each other's way."""
    above, below = _new(plan, name, "melody"), _new(plan, name, "chords")
    hands = ("right hand", "left hand") if below.program < 24 else ("melody", "chords")
    top = replace(
        above, name=f"{above.name} ({hands[0]})", low=max(above.low, min(64, above.high - 12))
    )
    low, high = max(48, plan.request.gap.pitch_low), min(below.high, 65)
    span = (low, high) if high - low >= 11 else (below.low, below.high)
    return [top, replace(below, name=f"{below.name} ({hands[1]})", low=span[0], high=span[1])]


_GUITAR_NAMES = {"melody": "Lead guitar", "chords": "Rhythm guitar", "counter": "Second guitar"}


def named_apart(players: Sequence[Player]) -> list[Player]:
    """Players with tracks of their own, each of another name: two guitars are lead and rhythm."""
    count = Counter(player.name for player in players)
    named: list[Player] = []
    for player in players:
        if player.track is None and count[player.name] > 1:
            name = f"{player.name} ({player.plays})"
            if player.name.endswith("guitar"):
                name = _GUITAR_NAMES.get(player.plays, name)
            player = replace(player, name=name)
        same = sum(1 for other in named if other.name == player.name)
        if same and player.track is None:
            player = replace(player, name=f"{player.name} {same + 1}")
        named.append(player)
    return named


def _under_guitars(plan: Plan, player: Player, players: Sequence[Player]) -> Player:
    """A bass below guitars that play power chords, which reach down to its own register."""
    if player.plays != "bass" or not any(p.power for p in players):
        return player
    return replace(player, high=max(min(player.high, 39), player.low + 11))


_MISSING = ("bass", "drums", "chords", "melody", "pad", "counter")


def _added(plan: Plan, there: Sequence[Player], wanted: list[str]) -> list[Player]:
    """The part to add: on the gap's own tracks where it has any, in the role that was asked for."""
    if not wanted and not there:
        tracks = instrument_tracks(plan.request.song)
        present = {
            role_of(track, notes_on(track, plan.request.gap)) for track in tracks if track.clips
        }
        wanted = [next((role for role in _MISSING if role not in present), "counter")]
    if not there:
        return [_new(plan, name) for name in wanted]
    players = list(there)
    for index, name in enumerate(wanted[: len(players)]):
        track = plan.request.song.track(players[index].track or TrackId(""))
        if not track.role and not track.is_drums:
            asked = _new(plan, name)
            low, high = _compass(
                plan, asked.plays, INSTRUMENTS.get(name, Instrument(name, 0, asked.plays, 21, 108))
            )
            players[index] = replace(players[index], plays=asked.plays, low=low, high=high)
    return players + [_new(plan, name) for name in wanted[len(players) :]]


_DISTORTED = (29, 30)  # programs: overdriven, distorted guitar


def _with_figure(plan: Plan, player: Player, players: Sequence[Player]) -> Player:
    """How a chordal part plays, once it is known who else does."""
    if player.plays not in ("chords", "arpeggio"):
        return player
    figure = "arpeggio" if player.plays == "arpeggio" else plan.style.figure
    if player.name == "Organ" and figure in ("pop", "rock", "soul"):
        figure = "organ"
    if figure == "picking" and (plan.dials.density > 0.6 or not player.guitar):
        figure = "strum" if player.guitar else "ballad"
    if figure == "boom" and player.guitar and not _bass_sounds(plan, players):
        figure = "strum"
    power = player.plays == "chords" and player.program in _DISTORTED
    if figure == "power" and not power:
        figure = "rock"
    alone = player.plays == "chords" and not _bass_sounds(plan, players)
    low, high = player.low, player.high
    if power:
        low, high = max(plan.request.gap.pitch_low, 40), min(plan.request.gap.pitch_high, 64)
        low, high = (low, high) if high - low >= 11 else (player.low, player.high)
    return replace(
        player,
        figure=figure,
        power=power,
        left_hand=alone and max(plan.request.gap.pitch_low, player.lowest) <= 45,
        low=low,
        high=high,
    )


def _bass_sounds(plan: Plan, players: Sequence[Player]) -> bool:
    if any(player.plays == "bass" for player in players):
        return True
    tracks = instrument_tracks(plan.request.song)
    return any(role_of(t, notes_on(t, plan.request.gap)) == "bass" for t in tracks if t.clips)
