"""Gas and dust: each scene is light in a band from 0 (blue) to 1 (red), painted with the strokes of sky.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from webapp.ingest.demo import sky
from webapp.ingest.demo.dice import Dice

if TYPE_CHECKING:
    from collections.abc import Callable

    from webapp.ingest.demo.dice import Floats


def cliffs(shape: tuple[int, int]) -> Callable[[float], Floats]:
    """The edge of a young star cluster's bubble: bright gas above, lit mountains of dust below."""
    dice = Dice("cliffs")
    height = shape[0]
    y = np.arange(height)[:, None] / height
    ripple = (sky.cloud(dice, shape, height / 5, 4) - 0.5) * height * 0.3
    steam = sky.warp(sky.cloud(dice, shape, height / 2, 5), 1.4 * ripple, ripple)
    wisps = sky.warp(sky.filaments(dice, shape, height / 2.5), ripple, -ripple)
    ranges = [_range(dice, shape, foot, ripple) for foot in (0.03, -0.34)]
    stars = sky.field(dice, shape, 420, 0.10, 60.0)
    hidden = sky.field(dice, shape, 240, 0.06, 9.0)

    def light(band: float) -> Floats:
        image = (0.08 + 0.30 * steam * steam) * (1.30 - 1.0 * band) * (0.55 + 0.75 * (1.0 - y))
        image = image + 0.22 * wisps * (0.9 - 0.4 * band) * sky.smooth(y + 0.0 * steam, 0.95, 0.35)
        opaque = np.zeros(shape)
        for depth, surface in ranges:
            dust = sky.smooth(depth, -0.010, 0.030 + 0.05 * steam)
            rim = sky.smooth(depth, -0.010, 0.010) * sky.smooth(depth, 0.10, 0.008)
            lit = 0.22 + 0.78 * sky.smooth(depth, 0.42, 0.0)
            rock = (surface * lit + 0.18 * wisps + 0.10 * steam) * (0.10 + 0.40 * band)
            image = image * (1.0 - 0.97 * dust) + rock * dust + rim * (0.16 + 0.20 * band) * (0.15 + surface)
            opaque = np.maximum(opaque, dust)
        image = image + 0.16 * wisps * wisps * opaque * band
        stars.paint(image, sky.WEBB, band, 0.6 * opaque * (1.25 - band))
        hidden.paint(image, sky.WEBB, band, np.clip(1.1 - band, 0.0, 1.0) * opaque)
        return image

    return light


def _range(dice: Dice, shape: tuple[int, int], foot: float, ripple: Floats) -> tuple[Floats, Floats]:
    """One range of dust mountains: depth below its crest (in heights of the picture), and its lit surface."""
    height, width = shape
    crest = (
        0.60 * sky.swell(dice, (1, width), width / 3.3)[0] + 0.36 * sky.cloud(dice, (1, width), width / 9, 6, 0.6)[0]
    )
    folds = sky.warp(sky.cloud(dice, shape, height / 3, 6, 0.55), ripple, ripple[::-1])
    depth = crest + foot + 0.30 * (folds - 0.5) - np.arange(height)[:, None] / height
    surface = (0.15 + folds * folds * 1.3) * sky.relief(folds, 9.0, 3, -2)
    return depth, surface * sky.relief(sky.cloud(dice, shape, 12, 4), 1.6, 1, -1)


def ring_nebula(shape: tuple[int, int]) -> Callable[[float], Floats]:
    """A planetary nebula: a star's cast-off shells around a hot dwarf and its companion."""
    dice = Dice("ring nebula")
    height, width = shape
    unit = min(shape)
    dy = (np.arange(height)[:, None] - 0.5 * height) / unit + np.zeros(shape)
    dx = (np.arange(width) - 0.5 * width) / unit + np.zeros(shape)
    lumps = sky.cloud(dice, shape, unit / 5, 5, 0.55) - 0.5
    x, y = sky.turn(dx, dy, 0.35)
    r = np.sqrt(x * x + y * y * 1.45) * (1.0 + 0.30 * lumps)
    threads = sky.filaments(dice, shape, unit / 9)
    rays = sky.relief(sky.cloud(dice, shape, unit / 14, 4), 2.2, 2, 2)
    stars = sky.field(dice, shape, 90, 0.12, 24.0)

    def shell(radius: float, width_: float) -> Floats:
        off = (r - radius) / width_
        line = 1.0 / (1.0 + off * off)
        return line * line

    def light(band: float) -> Floats:
        inner = 0.52 * sky.smooth(r, 0.28, 0.08) * (1.20 - 0.85 * band) * (0.55 + 0.45 * rays)
        ring = 0.85 * shell(0.235 + 0.014 * band, 0.024) * (0.45 + 0.9 * threads) * (0.55 + 0.60 * band)
        second = 0.45 * shell(0.30, 0.030) * (0.3 + 1.2 * threads) * (0.15 + 1.1 * band)
        halo = (
            0.36 * sky.smooth(r, 0.50, 0.24) * sky.smooth(r, 0.17, 0.27) * (0.25 + threads * rays) * (0.12 + 0.9 * band)
        )
        image: Floats = 0.012 + inner + ring + second + halo
        pair = sky.Stars(
            np.array([0.500, 0.512]) * height,
            np.array([0.500, 0.515]) * width,
            np.array([22.0, 3.0 + 9.0 * band]),
            np.array([0.2, 0.9]),
        )
        pair.paint(image, sky.WEBB, band)
        stars.paint(image, sky.WEBB, band)
        return image

    return light


def pillars(shape: tuple[int, int]) -> Callable[[float], Floats]:
    """Columns of cold dust standing in glowing gas, each with a lit head."""
    dice = Dice("pillars")
    height, width = shape
    unit = float(min(shape))
    ripple = (sky.cloud(dice, shape, unit / 4, 5) - 0.5) * unit
    fog = sky.warp(sky.cloud(dice, shape, unit / 2, 6), 0.5 * ripple, 0.3 * ripple)
    folds = sky.cloud(dice, shape, unit / 9, 5, 0.6)
    steam = sky.warp(sky.cloud(dice, shape, unit / 5, 5), ripple, -ripple)
    y = np.arange(height)[:, None] / height + np.zeros(shape)
    x = (np.arange(width) / width + np.zeros(shape)) + 0.16 * ripple / unit
    opaque, skin = np.zeros(shape), np.zeros(shape)
    for foot, lean, top, wide in ((0.24, 0.10, 0.92, 0.115), (0.51, 0.13, 0.70, 0.080), (0.73, 0.10, 0.49, 0.062)):
        axis = foot + lean * y
        girth = wide * (1.15 - 0.75 * y / top + 0.55 * sky.smooth(y, top - 0.16, top - 0.05)) + 0.085 * (folds - 0.5)
        girth = girth * np.sqrt(np.clip((top + 0.03 * (folds - 0.5) - y) / 0.05, 0.0, 1.0))
        inside = girth - np.abs(x - axis)
        body = sky.smooth(inside, -0.004, 0.014) * sky.smooth(girth, 0.0, 0.006)
        lit = sky.smooth(inside, -0.010, 0.004) * sky.smooth(inside, 0.030, 0.004) * sky.smooth(y, 0.0, top)
        opaque, skin = np.maximum(opaque, body), np.maximum(skin * (1.0 - body), lit * sky.smooth(girth, 0.0, 0.01))
    base = sky.smooth(0.16 + 0.20 * (folds - 0.5) - y, 0.0, 0.06)
    opaque = np.maximum(opaque, base)
    surface = folds * sky.relief(folds, 6.0, 2, 1)
    stars = sky.field(dice, shape, 90, 0.10, 16.0)

    def light(band: float) -> Floats:
        gas = (0.06 + 0.75 * fog * fog * (0.6 + 0.8 * steam)) * (1.0 - 0.62 * band) * (0.45 + 0.65 * y)
        gas = gas + 0.30 * band * sky.smooth(y, 0.75, 0.0) * steam * fog
        rock = (0.02 + 0.20 * surface * (0.3 + y)) * (0.2 + 0.8 * band)
        image = gas * (1.0 - 0.95 * opaque) + rock * opaque + skin * (0.26 + 0.30 * band) * (0.3 + folds)
        stars.paint(image, sky.HUBBLE, band, 0.9 * opaque)
        return image

    return light
