"""What a sky is painted with: clouds, stars, galaxies, as arrays of light (row 0 is the bottom, as in FITS).

Only ``+ - * /``, square roots and comparisons of single elements are used: IEEE 754 rounds these alike on every
machine, so that the pixels made from them are the same everywhere. Sines, powers, exponentials and sums are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from webapp.ingest.demo.dice import Dice, Floats, Ints


def smooth(x: Floats, low: float, high: Floats | float) -> Floats:
    """0 below ``low``, 1 above ``high`` (which may be the smaller), and a smooth step between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def _spline(size: int, cell: float, offset: float) -> tuple[Ints, list[Floats]]:
    """The knots before ``size`` pixels at ``cell`` pixels a knot, and the four weights of a cubic B-spline."""
    at = np.arange(size) / cell + offset
    knot = np.floor(at).astype(np.int64)
    t = at - knot
    u = 1.0 - t
    cube, other = t * t * t, u * u * u
    return knot, [
        other / 6.0,
        (3.0 * cube - 6.0 * t * t + 4.0) / 6.0,
        (3.0 * other - 6.0 * u * u + 4.0) / 6.0,
        cube / 6.0,
    ]


def swell(dice: Dice, shape: tuple[int, int], cell: float) -> Floats:
    """Smooth random waves of about ``cell`` pixels, in 0 to 1 with mean 0.5."""
    lattice = dice.unit(int(shape[0] / cell) + 6, int(shape[1] / cell) + 6)
    row, row_weights = _spline(shape[0], cell, float(dice.unit(1)[0]))
    column, column_weights = _spline(shape[1], cell, float(dice.unit(1)[0]))
    tall = np.zeros((shape[0], lattice.shape[1]))
    for step, weight in enumerate(row_weights):
        tall += weight[:, None] * lattice[row + step]
    wide = np.zeros(shape)
    for step, weight in enumerate(column_weights):
        wide += weight * tall[:, column + step]
    return wide


def cloud(dice: Dice, shape: tuple[int, int], cell: float, octaves: int = 5, gain: float = 0.5) -> Floats:
    """Fractal cloud in about 0 to 1: each octave half as large and ``gain`` as strong."""
    total, weight, norm = np.zeros(shape), 1.0, 0.0
    for _ in range(octaves):
        total += weight * (swell(dice, shape, max(cell, 1.5)) - 0.5)
        norm += weight
        cell, weight = cell / 2.0, weight * gain
    return np.clip(0.5 + 1.6 * total / norm, 0.0, 1.0)


def filaments(dice: Dice, shape: tuple[int, int], cell: float, octaves: int = 4) -> Floats:
    """Bright thin ridges on dark, 0 to 1."""
    total, weight, norm = np.zeros(shape), 1.0, 0.0
    for _ in range(octaves):
        ridge = 1.0 - np.abs(2.0 * swell(dice, shape, max(cell, 1.5)) - 1.0) * 3.0
        ridge = np.clip(ridge, 0.0, 1.0)
        total += weight * ridge * ridge
        norm += weight
        cell, weight = cell / 2.0, weight * 0.55
    return total / norm


def warp(image: Floats, up: Floats, right: Floats) -> Floats:
    """The image seen through ripples: each pixel is taken from (+up, +right) pixels away."""
    height, width = image.shape
    y = np.clip(np.arange(height)[:, None] + up, 0.0, height - 1.001)
    x = np.clip(np.arange(width) + right, 0.0, width - 1.001)
    row, column = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    fy, fx = y - row, x - column
    low = image[row, column] * (1.0 - fx) + image[row, column + 1] * fx
    high = image[row + 1, column] * (1.0 - fx) + image[row + 1, column + 1] * fx
    return low * (1.0 - fy) + high * fy


def relief(height: Floats, depth: float, up: int = 2, right: int = -2) -> Floats:
    """Shade of a surface lit from one side, about 0 to 2 with 1 for flat."""
    margin = max(abs(up), abs(right))
    wide = np.pad(height, margin, mode="edge")
    rows, columns = height.shape
    behind = wide[margin - up : margin - up + rows, margin - right : margin - right + columns]
    return np.clip(1.0 + depth * (height - behind), 0.0, 2.5)


def turn(x: Floats, y: Floats, t: Floats | float, times: int = 1) -> tuple[Floats, Floats]:
    """(x, y) turned by ``times`` times twice the arc tangent of ``t``, without a trigonometric function."""
    norm = 1.0 + t * t
    cos, sin = (1.0 - t * t) / norm, 2.0 * t / norm
    for _ in range(times):
        x, y = x * cos - y * sin, x * sin + y * cos
    return x, y


@dataclass(frozen=True)
class Optics:
    """How a telescope blurs a star: core and halo radius in pixels, and the directions of its spikes."""

    core: float
    halo: float
    spikes: tuple[tuple[float, float, float], ...] = ()  # (x, y, strength) of unit directions
    spike_length: float = 9.0
    spike_width: float = 0.7

    def light(self, y: Floats, x: Floats) -> Floats:
        """Light of a star of peak 1 at these distances from it."""
        r2 = x * x + y * y
        near = 1.0 / (1.0 + r2 / (self.core * self.core))
        far = 1.0 / (1.0 + r2 / (self.halo * self.halo))
        total: Floats = near * near * near + 0.0035 * far * far
        for along_x, along_y, strength in self.spikes:
            along = x * along_x + y * along_y
            across = x * along_y - y * along_x
            fade = 1.0 / (1.0 + along * along / (self.spike_length * self.spike_length))
            thin = 1.0 / (1.0 + across * across / (self.spike_width * self.spike_width))
            total = total + strength * fade * fade * thin * thin
        return total


WEBB = Optics(
    core=1.15,
    halo=9.0,
    spikes=((0.0, 1.0, 0.035), (0.8660254, 0.5, 0.035), (0.8660254, -0.5, 0.035), (1.0, 0.0, 0.010)),
    spike_length=16.0,
)
HUBBLE = Optics(core=1.3, halo=6.0, spikes=((0.7071068, 0.7071068, 0.022), (0.7071068, -0.7071068, 0.022)))


def add(image: Floats, y: float, x: float, radius: float) -> tuple[tuple[slice, slice], Floats, Floats] | None:
    """The window of ``radius`` around (y, x) that lies in the image, with distances; None if it lies outside."""
    top, left = int(max(0, y - radius)), int(max(0, x - radius))
    bottom, right = int(min(image.shape[0], y + radius + 1)), int(min(image.shape[1], x + radius + 1))
    if top >= bottom or left >= right:
        return None
    down, across = np.arange(top, bottom, dtype=np.float64), np.arange(left, right, dtype=np.float64)
    return (slice(top, bottom), slice(left, right)), down[:, None] - y, across - x


@dataclass(frozen=True)
class Stars:
    """Positions in pixels, peak light, and warmth (0 blue, 1 red)."""

    y: Floats
    x: Floats
    light: Floats
    warmth: Floats

    def paint(self, image: Floats, optics: Optics, band: float, veil: Floats | None = None) -> None:
        """Add the stars as seen in a band (0 blue, 1 red), dimmed by a veil (0 clear, 1 opaque)."""
        for y, x, light, warmth in zip(self.y, self.x, self.light, self.warmth, strict=True):
            tint = 1.0 + 1.1 * (warmth - 0.5) * (2.0 * band - 1.0)
            clear = 1.0 if veil is None else 1.0 - float(veil[int(y), int(x)])
            seen = float(light * tint * clear)
            window = add(image, y, x, min(120.0, 5.0 + 9.0 * float(np.sqrt(seen))))
            if window:
                area, dy, dx = window
                image[area] += seen * optics.light(dy, dx)


def field(dice: Dice, shape: tuple[int, int], count: int, faint: float, bright: float) -> Stars:
    """Stars at random places, ten times rarer when ten times brighter, from ``faint`` to ``bright``."""
    light = faint / (dice.unit(count) + faint / bright)
    return Stars(dice.span(0, shape[0] - 1, count), dice.span(0, shape[1] - 1, count), light, dice.unit(count))
