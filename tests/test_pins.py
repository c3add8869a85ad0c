from __future__ import annotations

import json
from pathlib import Path

from benchmarks import pins


def test_a_difference_is_named(tmp_path: Path) -> None:
    folder, before, after = tmp_path / "files", tmp_path / "before.json", tmp_path / "after.json"
    for number in (1, 2):
        (folder / str(number)).mkdir(parents=True)
        (folder / str(number) / "a.md").write_text(f"# A\n\n- Test step {number}\n", "utf-8")
    written = pins.write(before, folder)
    (folder / "2" / "a.md").write_text("# A\n\n- Never test step 2\n", "utf-8")
    assert pins.write(after, folder) == written == 8
    found = pins.differing(*(json.loads(path.read_text("utf-8")) for path in (before, after)))
    assert [line.partition(" ")[0] for line in found] == ["combine", "diff", "drift", "fmt", "show"]
    assert not any(" 1/a.md" in line for line in found if line.startswith(("show", "fmt")))
    assert pins.main(["compare", str(before), str(after)]) == 1
    assert pins.main(["compare", str(before), str(before)]) == 0
