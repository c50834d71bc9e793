"""`make bench`: runs the measurements of docs/benchmarks.md and prints its tables as Markdown."""

import argparse
import sys
from collections.abc import Callable, Mapping

from bench.demo import benchmark as demo
from bench.laws import compare, neighbours, picture
from bench.pipeline import benchmark as pipeline
from bench.screen import benchmark as screen
from bench.sockets import benchmark as sockets

BENCHMARKS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "pipeline": lambda _: pipeline.main(),
    "laws": lambda options: compare.main(options.seeds),
    "neighbours": lambda options: neighbours.main(options.seeds),
    "sockets": lambda options: sockets.main(options.seeds),
    "demo": lambda options: demo.main(options.only),
    "screen": lambda options: screen.main(memory=options.memory, start=options.start),
    "picture": lambda _: picture.main(),
}


def main() -> int:
    """Run the named benchmarks, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="simulate with seeds 1 to N (default 1)")
    parser.add_argument("--memory", action="store_true", help="of the screen: its memory over ten million events")
    parser.add_argument("--only", metavar="SOURCE", help="of the demo: this source and no other")
    parser.add_argument("--start", action="store_true", help="of the screen: its first frame alone")
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    if args.seeds < 1:
        parser.error(f"--seeds {args.seeds}: give at least 1")
    for name in args.names or BENCHMARKS:
        BENCHMARKS[name](args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
