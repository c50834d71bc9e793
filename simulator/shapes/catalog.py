"""Every shape by name."""

from collections.abc import Mapping

from simulator.shapes import cursors, documents, numbered, offsets, posted
from simulator.shapes.shape import Shape

SHAPES: Mapping[str, Shape] = {
    shape.name: shape
    for shape in (*numbered.SHAPES, *offsets.SHAPES, *cursors.SHAPES, *posted.SHAPES, *documents.SHAPES)
}
