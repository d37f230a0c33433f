"""The two commands and the pins behind them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"
SCRIPTS = [*sorted(PACKAGING.rglob("*.sh")), ROOT / ".ci" / "run"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DIRECT = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
INDIRECT = [
    line
    for line in (PACKAGING / "constraints.txt").read_text().splitlines()
    if not line.startswith("#")
]
WEIGHTS = [
    line.split()[0]
    for line in (PACKAGING / "weights.txt").read_text().splitlines()
    if not line.startswith("#")
]


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/bash\n" + text)
    path.chmod(0o755)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the set-up, with an environment whose Python answers but installs nothing."""
    shutil.copytree(PACKAGING, tmp_path / "packaging", ignore=shutil.ignore_patterns("*.py"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    answers = f'case "$2" in pip|studio) echo "python $*" ;; *) exec {sys.executable} "$@" ;; esac'
    script(tmp_path / ".venv" / "bin" / "python", answers)
    return tmp_path


def bash(path: Path, *arguments: str, **environment: str) -> str:
    """What a script prints, standard error included."""
    return subprocess.run(
        ["bash", path, *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": str(path.parent), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout


def as_plain_user(folder: Path) -> str:
    """A PATH on which nothing is installed and nothing may be."""
    script(folder / "id", "echo 1000")
    script(folder / "sudo", "exit 1")
    script(folder / "dpkg-query", "exit 1")
    script(folder / "apt-get", "echo apt-get must not run; exit 1")
    return f"{folder}:/usr/bin:/bin"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_clean(path: Path) -> None:
    checker = shutil.which("shellcheck")
    command = [checker, str(path)] if checker else ["bash", "-n", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("pin", DIRECT + INDIRECT + WEIGHTS)
def test_what_is_pinned_is_what_is_installed(pin: str) -> None:
    name, equals, wanted = pin.partition("==")
    assert equals, f"{pin} is not pinned exactly"
    assert version(name).partition("+")[0] == wanted


def test_ci_runs_the_readmes_test_command() -> None:
    command = "bash packaging/test.sh"
    assert command in (ROOT / "README.md").read_text()
    assert (ROOT / ".ci" / "run").read_text().splitlines()[1:] == [f"exec {command}"]


def test_no_package_registry_is_named() -> None:
    texts = [path.read_text() for path in [*SCRIPTS, ROOT / "pyproject.toml", ROOT / "README.md"]]
    for text in texts:
        assert not re.search(r"://|index-url|find-links|trusted-host", text)


def test_set_up_says_what_a_plain_user_has_to_install_and_goes_on(project: Path) -> None:
    path = as_plain_user(project / "bin")
    said = bash(project / "packaging" / "setup.sh", "run", PATH=path)
    assert "sudo apt-get install --no-install-recommends libportaudio2 libfluidsynth3" in said
    assert "jackd2" not in said
    assert "python -m pip install" in said


def test_set_up_for_tests_wants_more(project: Path) -> None:
    path = as_plain_user(project / "bin")
    said = bash(project / "packaging" / "setup.sh", "test", PATH=path)
    assert re.search(r"apt-get install .* xvfb .*jackd2", said)
    assert "--editable .[test]" in said


def test_set_up_twice_installs_once(project: Path) -> None:
    setup, path = project / "packaging" / "setup.sh", as_plain_user(project / "bin")
    script(project / "bin" / "dpkg-query", "echo -n installed")
    assert "pip install" in bash(setup, "test", PATH=path)
    assert bash(setup, "test", PATH=path) == ""
    assert bash(setup, "run", PATH=path) == ""
    pins = project / "pyproject.toml"
    pins.write_text(pins.read_text() + "\n")
    assert "pip install" in bash(setup, "run", PATH=path)


def run_sh(project: Path, *arguments: str, **environment: str) -> list[str]:
    script(project / "packaging" / "setup.sh", "exit 0")
    return bash(project / "packaging" / "run.sh", *arguments, **environment).splitlines()


def test_run_opens_the_window_where_there_is_a_display(project: Path) -> None:
    assert run_sh(project, DISPLAY=":7") == ["python -m studio"]
    assert run_sh(project, "my song.tutti", WAYLAND_DISPLAY="wayland-0") == [
        "python -m studio my song.tutti"
    ]


def test_run_makes_the_demo_song_where_there_is_none(project: Path) -> None:
    sentence, command = run_sh(project)
    assert "no display" in sentence
    assert command == "python -m studio demo tutti-demo"
    assert run_sh(project, "somewhere")[1] == "python -m studio demo somewhere"


def test_run_passes_commands_on_without_a_display(project: Path) -> None:
    assert run_sh(project, "generate", "a waltz") == ["python -m studio generate a waltz"]
