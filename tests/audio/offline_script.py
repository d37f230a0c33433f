"""Runs a transport script without a device: `... -m tests.audio.offline_script SCRIPT PLAN FILE`.

SCRIPT is the JSON that `null_test` writes. What would have been played is written to FILE as
float32 [frames, 2], made in blocks of an odd length that no device uses.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from studio.render.mixer import Mixer
from studio.render.plan import load_plan
from studio.render.transport import Transport

_BLOCK_FRAMES = 1789


def main() -> None:
    script, plan_file, out = map(Path, sys.argv[1:4])
    wanted = json.loads(script.read_text(encoding="utf-8"))
    plan = load_plan(plan_file)
    transport = Transport(Mixer(plan))
    for at, name, arguments in wanted["commands"]:
        if name == "set_parameter":
            arguments = [plan.index(arguments[0]), *arguments[1:]]
        if name == "play":
            transport.seek(arguments.pop(0), at)
        getattr(transport, name)(*arguments, at=at)
    heard = np.zeros((wanted["frames"], 2), np.float32)
    for start in range(0, len(heard), _BLOCK_FRAMES):
        transport.process(heard[start : start + _BLOCK_FRAMES])
    heard.tofile(out)


if __name__ == "__main__":
    main()
