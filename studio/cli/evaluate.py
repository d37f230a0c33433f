"""The command that measures how good a model of ours is and writes its report."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from types import ModuleType

from studio.cli.desk import Desk
from studio.core import paths
from studio.core.errors import StudioError

# By name, as models are: what trains and measures needs torch, and libraries of its own.
REPORTS = {
    "composer": "studio.ai.training.composer.figures.report",
    "listening": "studio.ai.training.listening.figures.report",
    "painter": "studio.ai.training.painter.figures.report",
    "separator": "studio.ai.training.separator.figures.report",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", choices=sorted(REPORTS), help="what to measure")
    parser.add_argument(
        "--work", type=Path, required=True, metavar="DIR", help="the folder that training made"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: beside the weights")
    parser.add_argument(
        "--figures",
        nargs="+",
        default=(),
        metavar="NAME",
        help="to be taken anew (default: those that are missing, or of older models)",
    )
    parser.add_argument(
        "--models", nargs="+", default=(), metavar="M", help="whose figures (default: all's)"
    )
    parser.add_argument("--songs", type=int, metavar="N", help="how many songs a figure takes")
    parser.add_argument(
        "--processes", type=int, default=1, metavar="N", help="that models write in"
    )
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR", help="draw piano rolls of N songs there, or of 20"
    )


def run(options: argparse.Namespace, desk: Desk) -> None:
    """Take the figures that are missing or named, and write the report."""
    del desk
    report = _module(REPORTS[options.subject])
    out = options.out or paths.resource("models", options.subject)
    found = report.models(options.work, options.models)
    if options.pictures is not None:
        report.paint(found, options.pictures, options.songs or 20)
        print(options.pictures)
    if options.pictures is None or options.figures:
        text = report.write(
            options.work, out, found, options.figures, options.songs, _say, options.processes
        )
        print(text)


def _module(name: str) -> ModuleType:
    """Raises StudioError where what it needs is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise StudioError(
            f"Measuring needs “{error.name}”, which is not installed.",
            "Install the studio with its group “train”.",
        ) from error


def _say(text: str) -> None:
    print(text, file=sys.stderr)
