"""The sounds of General MIDI Level 1, by family, as every SoundFont of that kind numbers them."""

from __future__ import annotations

FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Piano", ("Grand piano", "Bright piano", "Electric grand", "Honky-tonk piano",
               "Electric piano 1", "Electric piano 2", "Harpsichord", "Clavinet")),
    ("Tuned percussion", ("Celesta", "Glockenspiel", "Music box", "Vibraphone", "Marimba",
                          "Xylophone", "Tubular bells", "Dulcimer")),
    ("Organ", ("Drawbar organ", "Percussive organ", "Rock organ", "Church organ", "Reed organ",
               "Accordion", "Harmonica", "Tango accordion")),
    ("Guitar", ("Nylon guitar", "Steel guitar", "Jazz guitar", "Clean guitar", "Muted guitar",
                "Overdriven guitar", "Distorted guitar", "Guitar harmonics")),
    ("Bass", ("Upright bass", "Fingered bass", "Picked bass", "Fretless bass", "Slap bass 1",
              "Slap bass 2", "Synth bass 1", "Synth bass 2")),
    ("Strings", ("Violin", "Viola", "Cello", "Double bass", "Tremolo strings", "Pizzicato strings",
                 "Harp", "Timpani")),
    ("Ensemble", ("Strings 1", "Strings 2", "Synth strings 1", "Synth strings 2", "Choir aahs",
                  "Voice oohs", "Synth voice", "Orchestra hit")),
    ("Brass", ("Trumpet", "Trombone", "Tuba", "Muted trumpet", "French horn", "Brass section",
               "Synth brass 1", "Synth brass 2")),
    ("Reed", ("Soprano sax", "Alto sax", "Tenor sax", "Baritone sax", "Oboe", "English horn",
              "Bassoon", "Clarinet")),
    ("Pipe", ("Piccolo", "Flute", "Recorder", "Pan flute", "Blown bottle", "Shakuhachi", "Whistle",
              "Ocarina")),
    ("Synth lead", ("Square lead", "Saw lead", "Calliope lead", "Chiff lead", "Charang lead",
                    "Voice lead", "Fifths lead", "Bass and lead")),
    ("Synth pad", ("New age pad", "Warm pad", "Polysynth pad", "Choir pad", "Bowed pad",
                   "Metallic pad", "Halo pad", "Sweep pad")),
    ("Synth effect", ("Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins",
                      "Echoes", "Science fiction")),
    ("World", ("Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai")),
    ("Percussive", ("Tinkle bell", "Agogo", "Steel drums", "Woodblock", "Taiko", "Melodic tom",
                    "Synth drum", "Reverse cymbal")),
    ("Sound effect", ("Fret noise", "Breath noise", "Seashore", "Bird tweet", "Telephone ring",
                      "Helicopter", "Applause", "Gunshot")),
)  # fmt: skip

KITS: dict[int, str] = {
    0: "Standard kit", 8: "Room kit", 16: "Power kit", 24: "Electronic kit", 25: "Analogue kit",
    32: "Jazz kit", 40: "Brush kit", 48: "Orchestra kit",
}  # fmt: skip


def sound_name(program: int, drums: bool) -> str:
    """What a program number 0-127 is called."""
    if drums:
        return KITS.get(program, f"Kit {program}")
    return FAMILIES[program // 8][1][program % 8]
