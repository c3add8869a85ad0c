"""The wheel: what is in it, and that it works without the checkout. Templates are found in every kind of install."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytest.importorskip("hatchling", reason="the build backend is not installed")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


def _contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def _checked_in() -> set[str]:
    own = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "agentmerge").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    templates = {f"agentmerge/templates/{path.name}" for path in (ROOT / "templates").iterdir() if path.is_file()}
    return own | templates


def test_wheel_holds_the_package_and_the_templates_alone(wheel: Path) -> None:
    assert _contents(wheel) == _checked_in()


def test_wheel_holds_types_and_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "agentmerge/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("entry_points.txt") for name in names)


def test_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = """
import agentmerge
assert agentmerge.__file__.startswith(PLACE), agentmerge.__file__
definition = agentmerge.parse("---\\nname: x\\ndescription: y\\ntools: Read\\n---\\n# Role\\n")
assert definition.dialect == "claude", definition.dialect
shipped = agentmerge.Knowledge.shipped()
assert shipped.outline and shipped.fields
print(definition.root.sections[0].title)
""".replace("PLACE", repr(str(tmp_path)))
    result = _run(code, tmp_path)
    assert result.stdout == "Role\n"


def test_templates_are_found_in_wheel_and_checkout(wheel: Path, tmp_path: Path) -> None:
    # An editable install finds what a checkout finds: both import the package from its folder in the project.
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "from agentmerge.writing import emitting; print(*emitting.shipped_templates())"
    names = sorted(path.name.removesuffix(".md.j2") for path in (ROOT / "templates").glob("*.md.j2"))
    assert names
    assert _run(code, tmp_path).stdout.split() == names
    assert _run(code, ROOT).stdout.split() == names


def _run(code: str, place: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(place), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=place, env=environment, capture_output=True, text=True, check=True
    )
