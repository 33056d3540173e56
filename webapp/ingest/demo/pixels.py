"""From light to what a detector counts: noise, cosmic rays, ramps, flags, and finding sources again. All integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from webapp.ingest.demo.dice import Dice, Floats, Ints

COUNTS = 3000.0  # counts for light 1
FULL = 32000  # a pixel saturates here
DO_NOT_USE, SATURATED, JUMP = 1, 2, 4  # JWST's data quality bits


def whole(values: Floats) -> Any:
    """Rounded and held in 16 bits."""
    return np.clip(np.floor(values + 0.5), -FULL, FULL).astype(np.int16)


def halve(light: Floats) -> Floats:
    """The mean of each two by two pixels."""
    return (light[::2, ::2] + light[1::2, ::2] + light[::2, 1::2] + light[1::2, 1::2]) * 0.25


def cosmic_rays(dice: Dice, shape: tuple[int, int], count: int) -> Ints:
    """Short tracks of 500 to 16,000 counts."""
    hits = np.zeros(shape, np.int64)
    starts = dice.unit(count, 2) * np.array(shape)
    for start, way, length, energy in zip(
        starts, dice.span(-1.0, 1.0, count, 2), dice.below(9, count), dice.unit(count), strict=True
    ):
        for step in range(int(length) + 1):
            row, column = int(start[0] + way[0] * step), int(start[1] + way[1] * step)
            if 0 <= row < shape[0] and 0 <= column < shape[1]:
                hits[row, column] += int(500.0 / (energy + 0.03)) // (1 + step // 4)
    return hits


@dataclass(frozen=True)
class Exposure:
    """The planes of one calibrated detector image; values in counts, errors and variances in the same scale."""

    sci: Any  # int16
    err: Any  # int16
    dq: Any  # uint32
    var: Any  # uint8: counts / 40
    rays: Any  # int64, the cosmic rays before they were rejected
    light: Any  # float64, noiseless counts


def expose(dice: Dice, light: Floats, *, noise: float = 22.0, rays: int = 60, dead: float = 0.0012) -> Exposure:
    """Look at the light once. ``noise`` is the readout's, in counts; ``dead`` the share of pixels that see nothing."""
    counts = np.clip(light, 0.0, None) * COUNTS
    sigma = np.sqrt(counts * 0.6 + noise * noise)
    sci = whole(counts + sigma * dice.bell(*light.shape))
    hits = cosmic_rays(dice, light.shape, rays)
    bad = dice.unit(*light.shape) < dead
    dq = np.where(counts >= FULL, SATURATED, 0) + np.where(hits > 0, JUMP, 0) + np.where(bad, DO_NOT_USE, 0)
    sci[bad] = 0
    err = whole(sigma * np.where(hits > 0, 1.4, 1.0))
    return Exposure(sci, err, dq.astype(np.uint32), (err // 40).astype(np.uint8), hits, counts)


def ramp(dice: Dice, exposure: Exposure, groups: int = 4) -> Any:
    """The uncalibrated up-the-ramp reads (1, groups, rows, columns), unsigned 16 bits: bias, stripes, jumps and all."""
    rows, columns = exposure.sci.shape
    bias = 9000.0 + 220.0 * dice.bell(1, columns) + 40.0 * dice.bell(rows, columns)
    bias = bias + np.where(np.arange(columns) * 4 // columns % 2 == 0, 130.0, 0.0)  # four amplifiers
    hit_at = dice.below(groups, rows, columns)
    reads = []
    for group in range(groups):
        stripes = 55.0 * dice.bell(rows, 1)  # 1/f noise runs along the rows
        signal = exposure.light * ((group + 1) / groups) * 1.4 + np.where(hit_at <= group, exposure.rays, 0)
        read = bias + stripes + signal + 30.0 * dice.bell(rows, columns)
        reads.append(np.clip(np.floor(read), 0, 65000).astype(np.uint16))
    return np.array(reads)[None]


def find(sci: Any, threshold: int, *, reach: int = 3, most: int = 400) -> tuple[Any, list[tuple[int, int]]]:
    """Sources: a map of their numbers (int16) and their peaks (row, column), brightest first."""
    values = sci.astype(np.int64) * 65536 + (np.arange(sci.size) % 65521).reshape(sci.shape)  # no two peaks are equal
    padded = np.pad(values, reach, constant_values=-(1 << 40))
    highest = values.copy()
    rows, columns = sci.shape
    for dy in range(2 * reach + 1):
        for dx in range(2 * reach + 1):
            np.maximum(highest, padded[dy : dy + rows, dx : dx + columns], out=highest)
    found = np.argwhere((values == highest) & (sci > threshold))
    order = np.argsort(-values[found[:, 0], found[:, 1]], kind="stable")[:most]
    peaks = [(int(row), int(column)) for row, column in found[order]]
    labels = np.zeros(sci.shape, np.int16)
    for number, (row, column) in enumerate(peaks, 1):
        labels[row, column] = number
    for _ in range(2 * reach):
        wide = np.pad(labels, 1)
        near = np.maximum.reduce([wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]])
        labels = np.where((labels == 0) & (sci > threshold // 2), near, labels).astype(np.int16)
    return labels, peaks
