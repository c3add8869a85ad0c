"""The survey on Daft in `examples/scale`: the same bytes as the command's, in two processes and on two nodes of Ray."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("daft", reason="the extra [survey] is not installed")
cluster_utils = pytest.importorskip("ray.cluster_utils", reason="the extra [survey] is not installed")

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "examples" / "scale" / "survey.py"


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixtures in several copies, some of them changed, a file that can't be read and one that says nothing."""
    house = tmp_path_factory.mktemp("house")
    for number in range(3):
        shutil.copytree(ROOT / "fixtures" / "survey", house / f"team-{number}")
    shutil.copytree(ROOT / "fixtures" / "backend-engineer", house / "backend")
    for number, file in enumerate(sorted((house / "team-1").rglob("*.md"))):
        text = file.read_text("utf-8")
        file.write_text(text + f"\n- Write down what was decided on day {number}, and by whom.\n", "utf-8")
    (house / "binary.md").write_bytes(b"\xff\xfe\x00")
    (house / "empty.md").write_text("", "utf-8")
    return house


def run(*arguments: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "1"}
    done = subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def embedded(collection: Path) -> str:
    text = run("-m", "agentmerge", "survey", str(collection), "--no-cache", "--format", "json")
    for klass in ("identical", "forked", "superset", "translation", "same-role"):
        assert f'"class": "{klass}"' in text
    return text


def test_two_processes__write_what_the_command_writes(collection: Path, embedded: str, tmp_path: Path) -> None:
    run(str(SCRIPT), str(collection), "--workers", "2", "-o", str(tmp_path / "out.json"))
    assert (tmp_path / "out.json").read_text("utf-8") == embedded


@pytest.fixture
def ray_address() -> Iterator[str]:
    """A cluster of two nodes with a processor each."""
    cluster = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        cluster.add_node(num_cpus=1)
        yield cluster.address
    finally:
        cluster.shutdown()


@pytest.mark.filterwarnings("ignore")
def test_two_nodes_of_ray__write_what_the_command_writes(
    collection: Path, embedded: str, ray_address: str, tmp_path: Path
) -> None:
    run(str(SCRIPT), str(collection), "--runner", "ray", "--address", ray_address, "-o", str(tmp_path / "out.json"))
    assert (tmp_path / "out.json").read_text("utf-8") == embedded
