"""The keys of a drum kit (General MIDI System Level 1, percussion key map)."""

from __future__ import annotations

DRUM_NAMES: dict[int, str] = {
    35: "Kick 2", 36: "Kick", 37: "Side stick", 38: "Snare", 39: "Clap", 40: "Snare 2",
    41: "Low tom 2", 42: "Closed hat", 43: "Low tom", 44: "Pedal hat", 45: "Mid tom 2",
    46: "Open hat", 47: "Mid tom", 48: "High tom 2", 49: "Crash", 50: "High tom", 51: "Ride",
    52: "China", 53: "Ride bell", 54: "Tambourine", 55: "Splash", 56: "Cowbell", 57: "Crash 2",
    58: "Vibraslap", 59: "Ride 2", 60: "High bongo", 61: "Low bongo", 62: "Muted conga",
    63: "Open conga", 64: "Low conga", 65: "High timbale", 66: "Low timbale", 67: "High agogo",
    68: "Low agogo", 69: "Cabasa", 70: "Maracas", 71: "Short whistle", 72: "Long whistle",
    73: "Short guiro", 74: "Long guiro", 75: "Claves", 76: "High block", 77: "Low block",
    78: "Muted cuica", 79: "Open cuica", 80: "Muted triangle", 81: "Open triangle",
}  # fmt: skip
CORE_KIT = (36, 37, 38, 39, 41, 42, 44, 45, 46, 48, 49, 51)  # what most beats are made of
