"""The rules that hold the whole together: layers, guests, names and sizes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STUDIO = ROOT / "studio"
FILES = sorted(STUDIO.rglob("*.py"))

TORCH_HOSTS = ("studio.ai.models", "studio.ai.nets", "studio.ai.training")
QT_HOSTS = ("studio.app", "studio.ui", "studio.workspace")
TORCH = {"torch", "torchaudio"}
QT = {"PySide6", "pyqtgraph", "shiboken6"}

# Third-party packages that the innermost layers may import; every other layer may use any.
MAY_IMPORT: dict[str, set[str]] = {"core": set(), "domain": {"numpy"}, "edit": {"numpy"}}
# Only these files import these modules.
ONLY_IN = {"sounddevice": "audio/device.py"}
# A job may fail in any way and an uncaught error must still be shown; everywhere else an
# `except` names what it expects.
MAY_CATCH_ALL = {"jobs/queue.py", "ai/worker.py", "app.py"}

BANNED_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}
FUNCTION_LINES = 60
FILE_LINES = 700
CLASS_LINES = 350
CLASS_METHODS = 25

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def inside(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def imports(path: Path) -> Iterator[str]:
    """Every module a file names in an import, at whatever depth."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def length(node: ast.stmt) -> int:
    """Lines of a definition, without its docstring and decorators."""
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    body = getattr(node, "body", [])
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        assert body[0].end_lineno is not None
        lines -= body[0].end_lineno - body[0].lineno + 1
    return lines


def loaded_after_importing(modules: list[str]) -> set[str]:
    """The top-level packages a fresh interpreter holds once it imported `modules`."""
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_torch_is_loaded_by_nothing_but_models_networks_and_training() -> None:
    modules = [name_of(path) for path in FILES]
    loaded = loaded_after_importing([name for name in modules if not inside(name, TORCH_HOSTS)])
    assert not loaded & TORCH


def test_qt_is_loaded_by_nothing_below_the_workspace() -> None:
    modules = [name_of(path) for path in FILES if path.name != "__main__.py"]
    hosts = (*TORCH_HOSTS, *QT_HOSTS)
    assert not loaded_after_importing([name for name in modules if not inside(name, hosts)]) & QT


@pytest.mark.skipif(not (STUDIO / "__main__.py").exists(), reason="there is no entry point")
def test_the_entry_point_dispatches_before_anything_heavy() -> None:
    assert not loaded_after_importing(["studio.__main__"]) & (TORCH | QT | {"numpy", "scipy"})


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_inner_layers_import_little(layer: str) -> None:
    allowed = set(sys.stdlib_module_names) | {"studio"} | MAY_IMPORT[layer]
    strangers = {
        f"{name_of(path)} imports {module}"
        for path in (STUDIO / layer).rglob("*.py")
        for module in imports(path)
        if module.partition(".")[0] not in allowed
    }
    assert not strangers


def test_widgets_are_imported_in_the_window_only() -> None:
    widgets = ("PySide6.QtWidgets", "PySide6.QtGui")
    strangers = {
        f"{name_of(path)} imports {module}"
        for path in FILES
        for module in imports(path)
        if inside(module, widgets) and not inside(name_of(path), ("studio.ui",))
    }
    assert not strangers


@pytest.mark.parametrize("module", ONLY_IN)
def test_a_device_library_has_one_door(module: str) -> None:
    users = {
        path.relative_to(STUDIO).as_posix()
        for path in FILES
        if any(inside(name, (module,)) for name in imports(path))
    }
    assert users <= {ONLY_IN[module]}


def test_package_files_hold_one_docstring_and_no_code() -> None:
    for path in STUDIO.rglob("__init__.py"):
        body = tree(path).body
        assert ast.get_docstring(tree(path)), path
        if path.parent == STUDIO:
            assert [ast.unparse(node) for node in body[1:]] == ["__version__ = '0.1.0'"]
        else:
            assert len(body) == 1, path


def test_every_folder_of_code_is_a_package() -> None:
    assert not {path.parent for path in FILES if not (path.parent / "__init__.py").exists()}


def test_names_say_what_a_thing_is() -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if BANNED_WORDS & {word for part in path.parts[-3:] for word in stem_words(part)}
    }
    classes = {
        f"{name_of(path)}.{node.name}"
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Helper", "Utils"))
    }
    assert not modules | classes


def stem_words(part: str) -> list[str]:
    return part.removesuffix(".py").split("_")


def test_functions_are_short() -> None:
    long = {
        f"{name_of(path)}.{node.name}: {length(node)} lines"
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, Function) and length(node) > FUNCTION_LINES
    }
    assert not long


def test_files_are_short() -> None:
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {name: count for name, count in lines.items() if count > FILE_LINES}


def test_classes_are_short() -> None:
    long = {
        f"{name_of(path)}.{node.name}: {methods} methods, {length(node)} lines"
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and (
            (methods := sum(map(is_method, node.body))) > CLASS_METHODS
            or length(node) > CLASS_LINES
        )
    }
    assert not long


def is_method(node: ast.stmt) -> bool:
    """Something the class does: properties are what it has, dunders what Python asks of it."""
    return (
        isinstance(node, Function)
        and not node.name.startswith("__")
        and not any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
    )


def test_an_except_names_what_it_expects() -> None:
    broad = {
        path.relative_to(STUDIO).as_posix()
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and catches_all(node)
    }
    assert broad <= MAY_CATCH_ALL


def catches_all(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
        for kind in caught
    )
