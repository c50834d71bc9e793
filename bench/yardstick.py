"""Holds the engine's own admission against the scenarios of the yardstick: `python -m bench.yardstick [number ...]`."""

from bench.bars import main
from bench.law import law

__all__ = ["law"]

if __name__ == "__main__":
    main()
