"""Pseudo-random numbers as a pure function of a seed and an id, the same on every machine."""

from hashlib import blake2b

MASK = (1 << 64) - 1


def mix(stream: int, number: int) -> int:
    """Hash a number to 64 bits with the finalizer of SplitMix64 (https://doi.org/10.1145/2714064.2660195)."""
    value = (stream + number * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def stream(seed: int, name: str) -> int:
    """Return the stream of a purpose, so that each purpose has a sequence of its own."""
    return int.from_bytes(blake2b(f"{seed} {name}".encode(), digest_size=8).digest(), "big")


def fraction(value: int) -> float:
    """Map 64 bits to [0, 1). A float has 53 bits of precision."""
    return (value >> 11) / (1 << 53)
