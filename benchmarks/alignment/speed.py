"""How the alignment grows with the number of definitions: seconds of one core, and the peak of memory so far.

usage: python -m benchmarks.alignment.speed DIRECTORY
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from agentmerge.knowledge.tables import Knowledge


def main(directory: str) -> None:
    from agentmerge.errors import AgentMergeError
    from agentmerge.reading.parsing import parse

    definitions = []
    for path in sorted(Path(directory).rglob("*.md")):
        try:
            definitions.append(parse(path.read_text("utf-8"), Knowledge.shipped()))
        except (AgentMergeError, UnicodeDecodeError):
            continue
        if len(definitions) == 100:
            break
    start = time.perf_counter()
    from agentmerge.matching.aligning import align

    print(f"import         {1000 * (time.perf_counter() - start):8.0f} ms")
    for number in (2, 2, 5, 10, 20, 50, 100):
        if number > len(definitions):
            break
        start = time.process_time()
        alignment = align(definitions[:number], Knowledge.shipped())
        units = sum(row.units for row in alignment.coverage)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{number:4} files {units:6} units {1000 * (time.process_time() - start):8.0f} ms, peak {peak} MB")


if __name__ == "__main__":
    main(sys.argv[1])
