"""Drum grooves: sixteen sixteenths of 4/4 for each drum; `score.fit` lays them over other meters.

Loudness by letter: `X` accent, `x` plain, `o` soft, `g` ghost; `?` plain only where it is busy.
Two rows a style: the quieter one, and the one for choruses.
"""

from __future__ import annotations

# General MIDI percussion
KICK, SIDE_STICK, SNARE, CLAP = 36, 37, 38, 39
CLOSED_HAT, PEDAL_HAT, OPEN_HAT, RIDE, RIDE_BELL, CRASH = 42, 44, 46, 51, 53, 49
BRUSH_SWIRL = 40  # of the brush kit, whose side stick is a slap
FLOOR_TOM, LOW_TOM, MID_TOM, HIGH_TOM = 41, 45, 47, 50
TAMBOURINE, COWBELL, SHAKER, CABASA, CLAVES = 54, 56, 70, 69, 75
HIGH_BONGO, LOW_BONGO, MUTE_CONGA, OPEN_CONGA, LOW_CONGA = 60, 61, 62, 63, 64
HIGH_TIMBALE, TRIANGLE = 65, 81

DRUM_KEYS = {
    "K": KICK, "s": SIDE_STICK, "S": SNARE, "C": CLAP, "H": CLOSED_HAT, "P": PEDAL_HAT,
    "O": OPEN_HAT, "R": RIDE,
    "B": RIDE_BELL, "c": CRASH, "F": FLOOR_TOM, "L": LOW_TOM, "M": MID_TOM, "T": HIGH_TOM,
    "t": TAMBOURINE, "w": COWBELL,
    "k": SHAKER, "b": CABASA, "v": CLAVES, "h": HIGH_BONGO, "l": LOW_BONGO, "m": MUTE_CONGA,
    "o": OPEN_CONGA,
    "g": LOW_CONGA, "i": HIGH_TIMBALE, "r": TRIANGLE, "~": BRUSH_SWIRL,
}  # fmt: skip
STEADY = frozenset("HRktbPB")  # time-keepers: three equal strokes in a dotted beat

# style -> (verse grooves, chorus grooves); a groove maps drums to patterns
GROOVES: dict[str, tuple[tuple[dict[str, str], ...], tuple[dict[str, str], ...]]] = {
    "pop": (
        (
            {"K": "X.....?.x.x.....", "S": "....X.......X...", "H": "x.o.x.o.x.o.x.o."},
            {"K": "X......xx.......", "S": "....X..g....X..g", "H": "xoooxoooxoooxooo"},
            {"K": "X.....x...x.....", "s": "....x.......x...", "H": "x.o.x.o.x.o.x.o."},
        ),
        (
            {"K": "X.....x.X.x.....", "S": "....X..g....X...", "H": "X.x.X.x.X.x.X.x.",
            "t": "....x.......x..."},
            {"K": "X...X...X...X...", "S": "....X.......X...", "O": "..x...x...x...x.",
            "H": "x...x...x...x...", "C": "....x.......x..."},
        ),
    ),
    "rock": (
        (
            {"K": "X.......X.x.....", "S": "....X..g....X...", "H": "X.x.X.x.X.x.X.x."},
            {"K": "X.....x.X.......", "S": "....X.......X..?", "H": "X.o.X.o.X.o.X.o."},
        ),
        (
            {"K": "X..x..x.X.x...?.", "S": "....X..g.g..X...", "R": "X.x.X.x.X.x.X.x."},
            {"K": "X.x.....X.x..x..", "S": "....X.......X...", "O": "X...X...X...X..."},
        ),
    ),
    "jazz": (
        (
            {"R": "x...X..ox...X..o", "P": "....x.......x...", "K": "g...g...g...g...",
            "S": ".......?......?."},
            {"R": "x...X..ox...X..o", "P": "....x.......x...", "S": "......g........g",
            "K": "g.......g......?"},
        ),
        (
            {"R": "X...X..xX...X..x", "P": "....x.......x...", "K": "o.....?.o.....?.",
            "S": "...g..o.....g..."},
            {"R": "X..oX..xX...X..x", "P": "....x.......x...", "S": "..g....o..g....?",
            "K": "g...g..og...g..."},
        ),
    ),
    "bossa nova": (
        (
            {"K": "x.....oxx.....ox", "s": "x.....x.....x...", "H": "oogooogooogooogo"},
            {"K": "x.....oxx.....ox", "s": "x..x..x...x..x..", "H": "o.o.o.o.o.o.o.o."},
        ),
        (
            {"K": "x.....oxx.....ox", "s": "x..x..x...x..x..", "R": "x.x.x.x.x.x.x.x.",
            "P": "....o.......o..."},
            {"K": "x.....oxx.....ox", "s": "x..x...x..x..x..", "k": "xoooxoooxoooxooo",
            "P": "....o.......o..."},
        ),
    ),
    "blues": (
        (
            {"K": "X.......X.....?.", "S": "....X.......X...", "H": "x.x.x.x.x.x.x.x."},
            {"K": "X.......x.......", "S": "....X.....g.X...", "R": "x.x.X.x.x.x.X.x."},
        ),
        ({"K": "X.....x.X.....x.", "S": "....X..g....X..?", "R": "X.x.X.x.X.x.X.x."},),
    ),
    "funk": (
        (
            {"K": "X..x..x...x..?..", "S": "....X..g.g..X..g", "H": "xoxoxoxoxoxoxoxo"},
            {"K": "X.x.......x..x..", "S": ".g..X.g..g.gX...", "H": "x.x.x.x.x.x.x.x.",
            "O": "..............o."},
        ),
        (
            {"K": "X..x..x..xx..x..", "S": "....X..g.g..X..g", "H": "XoxoXoxoXoxoXo..",
            "O": "..............x."},
            {"K": "X.x...x...xx.x..", "S": ".g..X..g.g.gX.g.", "H": "x.x.x.x.x.x.x...",
            "O": "..............x.", "w": "x...x...x...x..."},
        ),
    ),
    "house": (
        (
            {"K": "X...X...X...X...", "C": "....x.......x...", "H": "..x...x...x...x."},
            {"K": "X...X...X...X...", "H": "..xo..xo..xo..xo", "s": "......x..x......"},
        ),
        (
            {"K": "X...X...X...X...", "C": "....X.......X...", "O": "..X...X...X...X.",
            "H": "x.o.x.o.x.o.x.o.", "k": "ooxoooxoooxoooxo"},
            {"K": "X...X...X...X..?", "C": "....X.......X...", "O": "..X...X...X...X.",
            "k": "xoxoxoxoxoxoxoxo", "S": ".......g..g....."},
        ),
    ),
    "drum and bass": (
        (
            {"K": "X.........x.....", "S": "....X..g.g..X..g", "H": "x.o.x.o.x.o.x.o."},
            {"K": "X.........X..?..", "S": "....X.....g.X...", "H": "xoooxoooxoooxooo"},
        ),
        (
            {"K": "X.........X.....", "S": "....X..g.g..X.g.", "R": "X.x.X.x.X.x.X.x.",
            "H": "..o...o...o...o."},
            {"K": "X.x.......X..x..", "S": "....X..g.g..X..g", "H": "XoxoXoxoXoxoXoxo"},
        ),
    ),
    "synthwave": (
        (
            {"K": "X.......X.......", "S": "....X.......X...", "H": "x.o.x.o.x.o.x.o."},
            {"K": "X...X...X...X...", "S": "....X.......X...", "H": "..x...x...x...x."},
        ),
        (
            {"K": "X...X...X...X...", "S": "....X.......X...", "C": "....x.......x...",
            "H": "xxoxxxoxxxoxxxox"},
            {"K": "X.....x.X.......", "S": "....X.......X...", "O": "..x...x...x...x.",
            "H": "x...x...x...x..."},
        ),
    ),
    "lo-fi": (
        (
            {"K": "X......xx.?.....", "S": "....x.......x...", "H": "x.o.x.o.x.o.x.o."},
            {"K": "X.....x...x.....", "S": "....x......g.x..", "H": "x.x.o.x.x.x.o.x."},
        ),
        (
            {"K": "X..x....x.x.....", "S": "....X.....g.X...", "H": "x.xox.x.x.xox.x."},
            {"K": "X......x..x.....", "S": "....X.......X..g", "H": "x.o.x.oox.o.x.o.",
            "k": "..o...o...o...o."},
        ),
    ),
    "folk": (
        (
            {"K": "x.......x.......", "k": "o.x.o.x.o.x.o.x.", "t": "....o.......o..."},
            {"K": "x.......x...?...", "s": "....x.......x...", "k": "oooooooooooooooo"},
        ),
        ({"K": "X.....x.X.......", "S": "....o.......o...", "t": "o.x.o.x.o.x.o.x."},),
    ),
    "country": (
        (
            {"K": "X.......X.......", "s": "....x.......x...", "H": "x.o.x.o.x.o.x.o."},
            {"K": "X.......X.......", "S": "..g.x.g...g.x.g.", "H": "....x.......x..."},
        ),
        ({"K": "X.......X...?...", "S": "..o.X.o...o.X.o.", "H": "x.o.x.o.x.o.x.o.",
        "t": "....x.......x..."},),
    ),
    "waltz": (
        (
            {"K": "x...............", "s": "....o.......o...", "H": "....o.......o..."},
            {"K": "x...............", "R": "x...o.......o...", "P": "....o.......o..."},
        ),
        ({"K": "X...............", "S": "....o.......o...", "R": "x...x.......x..."},),
    ),
    "ballad": (
        (
            {"K": "x.......x.......", "s": "....x.......x...", "H": "x.o.o.o.x.o.o.o."},
            {"K": "x.....?.x.......", "s": "....x.......x...", "H": "o.o.o.o.o.o.o.o."},
        ),
        ({"K": "X.....x.X.......", "S": "....X.......X...", "R": "x.o.x.o.x.o.x.o."},),
    ),
    "ambient": (
        ({"K": "o...............", "k": "o...g...o...g...", "r": "............g..."},),
        ({"K": "x.......o.......", "R": "o...g...o...g...", "k": "g.g.g.g.g.g.g.g."},),
    ),
    "classical": (
        ({"K": "o...............", "r": "........g......."},),
        ({"K": "x.......o.......", "S": "....g..gg...g.gg", "c": "................"},),
    ),
    "reggae": (
        (
            {"K": "....X.......X...", "s": "....X.......X...", "H": "x.o.x.o.x.o.x.o."},
            {"K": "....X.......X...", "s": "....x..?....x.?.", "H": "x.xox.o.x.xox.o."},
        ),
        (
            {"K": "X...X...X...X...", "S": "....X.......X...", "H": "x.o.x.o.x.o.x.o.",
            "s": "......o......o.."},
            {"K": "....X.......X...", "S": "....X..g....X...", "H": "xooxxoooxooxxooo",
            "w": "..x...x...x...x."},
        ),
    ),
    "latin": (
        (
            {"K": "......x.......x.", "v": "x..x..x...x.x...", "m": "x.x.o.x.x.x.o...",
            "o": "............x.xx", "k": "x.oox.oox.oox.oo"},
            {"K": "x.....x.......x.", "s": "x..x..x...x.x...", "m": "x...x...x.......",
            "o": "......x.....x.x.", "w": "x...x...x...x..."},
        ),
        (
            {"K": "x.....x.x.....x.", "v": "x..x..x...x.x...", "m": "x.x...x.x.x.....",
            "o": "......x.....x.xx", "w": "X.x.X.x.X.x.X.x.", "i": "....o......oo..."},
        ),
    ),
    "metal": (
        (
            {"K": "X.xxX.xxX.xxX.xx", "S": "....X.......X...", "H": "X...X...X...X..."},
            {"K": "XxX...XxX..x..x.", "S": "....X.......X...", "R": "X...X...X...X..."},
        ),
        (
            {"K": "XxxxXxxxXxxxXxxx", "S": "....X.......X...", "R": "X.x.X.x.X.x.X.x."},
            {"K": "X.X.X.X.X.X.X.X.", "S": "....X.......X...", "O": "X...X...X...X..."},
        ),
    ),
    "soul": (
        (
            {"K": "X.....x...x.....", "S": "....X..g....X...", "H": "x.o.x.o.x.o.x.o."},
            {"K": "X..x......x..?..", "s": "....X.......X..g", "H": "xoxoxoxoxoxoxoxo"},
        ),
        ({"K": "X..x..x...x.....", "S": "....X..g.g..X...", "H": "X.x.X.x.X.x.X.x.",
        "t": "..o.x.o...o.x.o."},),
    ),
    "disco": (
        ({"K": "X...X...X...X...", "S": "....X.......X...", "H": "x.o.x.o.x.o.x.o."},),
        (
            {"K": "X...X...X...X...", "S": "....X.......X...", "H": "x...x...x...x...",
            "O": "..X...X...X...X.", "C": "....o.......o..."},
            {"K": "X...X...X...X...", "S": "....X..g....X..g", "H": "xox.xox.xox.xox.",
            "O": "...x...x...x...x", "t": "xoxoxoxoxoxoxoxo"},
        ),
    ),
    "trap": (
        (
            {"K": "X......x..x.....", "C": "........X.......", "H": "x.x.x.x.x.x.xxxx"},
            {"K": "X.....x.......x.", "C": "........X.......", "H": "x.xxx.x.x.x.xxx."},
        ),
        (
            {"K": "X..x...x..x...?.", "C": "........X.......", "S": "........x......g",
            "H": "xxx.x.xxx.xxxxxx", "O": "......x........."},
            {"K": "X.....x...x..x..", "C": "........X.......", "H": "x.x.xxxxx.x.x.xx",
            "s": "...o......o....."},
        ),
    ),
}  # fmt: skip

# style -> what a drummer with brushes plays: the left hand stirs, the right one taps.
BRUSHED: dict[str, tuple[dict[str, str], ...]] = {
    "jazz": (
        {"~": "o.......o.......", "S": "o...x..oo...x..o", "P": "....x.......x...",
        "K": "g.......g......?"},
        {"~": "o...o...o...o...", "S": "o...x..oo...x..g", "P": "....x.......x...",
        "R": "........?......."},
    ),
    "waltz": (
        {"~": "o...............", "S": "....x..g....x...", "K": "x..............."},
        {"~": "o.......o...o...", "S": "....o.......x..g", "P": "....o.......o..."},
    ),
    "ballad": (
        {"~": "o.......o.......", "S": "....x.......x..g", "K": "x.....?.x......."},
        {"~": "o...o...o...o...", "S": "..g.x.g...g.x.g.", "K": "x.......x......."},
    ),
    "folk": (
        {"~": "o.......o.......", "S": "g.g.x.g.g.g.x.g.", "K": "x.......x......."},
        {"~": "o.......o.......", "S": "ggg.xgg.ggg.xgg.", "K": "x.......x...?..."},
    ),
    "country": (
        {"S": "o.ggx.ggo.ggx.gg", "K": "X.......X.......", "P": "....x.......x..."},
        {"S": "o.g.x.g.o.g.x.gg", "K": "X.......X.....?."},
    ),
}  # fmt: skip

# Played over the last beats of a phrase: how many beats, and what.
FILLS: dict[str, tuple[tuple[int, dict[str, str]], ...]] = {
    "kit": (
        (1, {"S": "............xoxX"}),
        (1, {"S": "............x.x.", "L": ".............x.x"}),
        (2, {"S": "........x.xx....", "M": "............x.x.", "F": ".............x.X"}),
        (2, {"T": "........xx......", "M": "..........xx....", "L": "............xx..",
        "F": "..............XX"}),
        (1, {"S": "............X..x", "K": ".............xx."}),
    ),
    "light": (
        (1, {"S": "............g.o."}),
        (1, {"s": "............o..o", "L": "..............o."}),
        (1, {"R": "............x.x.", "S": ".............g.o"}),
    ),
    "electronic": (
        (1, {"S": "............xxxx"}),
        (2, {"C": "........x..x..x.", "H": "............xxxx"}),
        (1, {"C": "............x.xx", "K": "............X..."}),
    ),
    "percussion": (
        (1, {"i": "............xxXX"}),
        (2, {"h": "........x.xx....", "l": "............x.xX"}),
        (1, {"o": "............xx.x", "g": "..............x."}),
    ),
    "brushes": (
        (1, {"S": "............o.xo"}),
        (1, {"S": "............ogox", "K": "..............o."}),
    ),
    "none": (),
}  # fmt: skip
