"""How the time to read grows with the size of hostile input: `python -m benchmarks.reading [NAME...]`.

Each input is read at a quarter, a half and the whole of its size; time per MB that stays the same is linear growth.
"""

from __future__ import annotations

import resource
import sys
import time

from agentmerge.knowledge.tables import Knowledge
from agentmerge.reading.parsing import parse
from tests.hostile import BODIES, FRONTMATTERS

SCALES = (0.25, 0.5, 1.0)


def seconds(text: str) -> float:
    """Processor time of one reading: the machine may be busy with something else."""
    start = time.process_time()
    parse(text, Knowledge.shipped())
    return time.process_time() - start


def main(names: list[str]) -> None:
    """Print a row per input: size in MB, seconds, and seconds per MB at each scale."""
    print(f"{'body':38} {'MB':>6} " + " ".join(f"{scale:>7.0%}" for scale in SCALES) + "    s/MB  s/MB at 25 %")
    for name, make in BODIES.items():
        if not names or any(part in name for part in names):
            texts = [make(scale) for scale in SCALES]
            times = [seconds(text) for text in texts]
            rates = [taken / len(text) * 1e6 for taken, text in zip(times, texts, strict=True)]
            row = " ".join(f"{taken:6.2f}s" for taken in times)
            print(f"{name:38} {len(texts[-1]) / 1e6:6.2f} {row}  {rates[-1]:6.2f}  {rates[0]:6.2f}", flush=True)
    for name, front in FRONTMATTERS.items():
        if not names or any(part in name for part in names):
            print(f"{name:38} {len(front) / 1e6:6.2f} {seconds(f'---{chr(10)}{front}{chr(10)}---{chr(10)}'):6.2f}s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
