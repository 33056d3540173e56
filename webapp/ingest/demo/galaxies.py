"""Galaxies and star clusters: light in a band from 0 (blue) to 1 (red), painted with the strokes of sky.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from webapp.ingest.demo import sky
from webapp.ingest.demo.dice import Dice

if TYPE_CHECKING:
    from collections.abc import Callable

    from webapp.ingest.demo.dice import Floats


GIANT = 3.0  # stars brighter than this are old and red


@dataclass(frozen=True)
class Galaxy:
    """A galaxy at (y, x): size in pixels, light, tangent of half its position angle, axis ratio, strength of arms."""

    y: float
    x: float
    size: float
    light: float
    angle: float = 0.2
    ratio: float = 0.7
    arms: float = 0.0

    def paint(self, image: Floats, tint: float) -> None:
        """Add it to the image, its light multiplied by ``tint``."""
        window = sky.add(image, self.y, self.x, 7.0 * self.size)
        if window is None:
            return
        area, dy, dx = window
        x, y = sky.turn(dx + 0.0 * dy, dy + 0.0 * dx, self.angle)
        y = y / self.ratio
        r2 = (x * x + y * y) / (self.size * self.size)
        disc, bulge = 1.0 / (1.0 + r2), 1.0 / (1.0 + 14.0 * r2)
        wx, wy = sky.turn(x, y, 0.9 * np.sqrt(r2) / (1.0 + 0.35 * np.sqrt(r2)))
        arms = 1.0 + self.arms * (wx * wx - wy * wy) / (wx * wx + wy * wy + 0.08 * self.size * self.size)
        image[area] += self.light * tint * sky.smooth(r2, 46.0, 6.0) * (0.75 * disc * disc * arms + bulge * bulge)


def _faint(dice: Dice, shape: tuple[int, int], count: int) -> list[tuple[Galaxy, float]]:
    """Distant galaxies of all kinds, each with the band in which it is brightest."""
    columns = (
        dice.span(0, shape[0], count),
        dice.span(0, shape[1], count),
        0.8 + 3.0 / (1.0 + 9.0 * dice.unit(count)),
        0.032 / (dice.unit(count) + 0.04),
        dice.span(-1, 1, count),
        dice.span(0.3, 1, count),
        dice.span(0, 0.9, count),
    )
    made = [Galaxy(*(float(value) for value in row)) for row in zip(*columns, strict=True)]
    return list(zip(made, (float(red) for red in dice.unit(count)), strict=True))


def _old(dice: Dice, shape: tuple[int, int], count: int) -> list[Galaxy]:
    """The cluster's own galaxies around its middle, and the giant in it."""
    columns = (
        shape[0] * (0.5 + 0.17 * dice.bell(count)),
        shape[1] * (0.5 + 0.30 * dice.bell(count)),
        1.5 + 2.1 * dice.unit(count),
        0.13 / (dice.unit(count) + 0.09),
        dice.span(-1, 1, count),
    )
    made = [Galaxy(*(float(value) for value in row)) for row in zip(*columns, strict=True)]
    return [*made, Galaxy(shape[0] * 0.5, shape[1] * 0.5, shape[0] / 30, 2.2, 0.2, 0.62)]


def _arc(dice: Dice, shape: tuple[int, int]) -> tuple[Floats, float]:
    """A galaxy far behind, bent to a piece of a ring: its light, and how red it is."""
    radius = float(dice.span(0.14, 0.40, 1)[0]) * shape[0]
    side, length, width, red = (float(value) for value in dice.unit(4))
    dy = np.arange(shape[0])[:, None] - shape[0] * 0.5 + np.zeros(shape)
    dx = 0.72 * (np.arange(shape[1]) - shape[1] * 0.5) + np.zeros(shape)
    along, across = sky.turn(dx, dy, float(dice.span(-1.8, 1.8, 1)[0]))
    off = np.sqrt(dx * dx + dy * dy) - radius
    thin = 1.0 / (1.0 + off * off / (0.7 + 0.9 * width))
    span = across / (radius * (0.08 + 0.20 * length))
    ahead = along > 0 if side < 0.5 else along < 0  # noqa: PLR2004 - a coin
    return np.where(ahead, 0.26 * thin * thin / (1.0 + span * span * span * span), 0.0), red


def deep_field(shape: tuple[int, int], name: str = "deep field") -> Callable[[float], Floats]:
    """A massive cluster of old galaxies, the arcs that it bends, and hundreds of faint galaxies behind."""
    dice = Dice(name)
    height, width = shape
    behind, cluster = _faint(dice, shape, 420), _old(dice, shape, 46)
    arcs = [_arc(dice, shape) for _ in range(12)]
    stars = sky.field(dice, shape, 16, 0.9, 150.0)
    dy, dx = np.arange(height)[:, None] - height * 0.5, np.arange(width) - width * 0.5
    haze = 1.0 / (1.0 + (dy * dy + 0.45 * dx * dx) / (0.02 * height * height))

    def light(band: float) -> Floats:
        warm = 0.42 + 0.75 * band
        image = 0.012 + 0.10 * haze * haze * warm
        for galaxy, red in behind:
            galaxy.paint(image, 0.5 + 0.9 * (red if band > red else 1.0 - red))
        for galaxy in cluster:
            galaxy.paint(image, warm)
        for arc, red in arcs:
            image += arc * (0.5 + band * (0.4 + red))
        stars.paint(image, sky.WEBB, band)
        return image

    return light


def spiral(
    shape: tuple[int, int], name: str = "spiral", *, companion: bool = True, reach: float = 1.0
) -> Callable[[float], Floats]:
    """A grand spiral galaxy seen from above, with dust lanes and pink knots, and perhaps a small companion."""
    dice = Dice(name)
    height, width = shape
    unit = float(min(shape)) * reach
    lift = -0.06 if companion else 0.0
    dy = (np.arange(height)[:, None] - (0.5 + lift) * height) / unit + np.zeros(shape)
    dx = (np.arange(width) - 0.5 * width) / unit + np.zeros(shape)
    wobble = sky.cloud(dice, shape, unit / 6, 5) - 0.5
    r = np.sqrt(dx * dx + dy * dy * 1.25) + 1e-6
    x, y = sky.turn(dx, 1.12 * dy, 5.4 * r / (1.0 + 1.7 * r) + 0.10 * wobble, 4)
    arm = (x * x - y * y) / (x * x + y * y + 1e-12)  # cosine of twice the unwound angle: two arms
    late_x, late_y = sky.turn(x, y, -0.16)
    lane = (late_x * late_x - late_y * late_y) / (late_x * late_x + late_y * late_y + 1e-12)
    mottle = sky.cloud(dice, shape, unit / 16, 5, 0.6)
    grain = sky.filaments(dice, shape, unit / 12)
    disc = 1.0 / (1.0 + (r / 0.20) * (r / 0.20))
    edge = sky.smooth(r, 0.56, 0.30)
    arms = sky.smooth(arm + 1.1 * (mottle - 0.5), -0.25, 1.05) * sky.smooth(r, 0.02, 0.09)
    dust = sky.smooth(lane + 0.9 * (grain - 0.4), 0.35, 1.0) * sky.smooth(r, 0.015, 0.05) * sky.smooth(r, 0.5, 0.3)
    knots = sky.smooth(mottle, 0.62, 0.80) * arms
    sparks = sky.field(dice, shape, 1500, 0.05, 0.9)
    stars = sky.field(dice, shape, 26, 0.5, 26.0)
    spark_light = sparks.light * (0.04 + arms[sparks.y.astype(np.int64), sparks.x.astype(np.int64)])
    spark_light = spark_light * edge[sparks.y.astype(np.int64), sparks.x.astype(np.int64)]
    young = sky.Stars(sparks.y, sparks.x, spark_light, 0.4 * sparks.warmth)

    def light(band: float) -> Floats:
        bulge = 1.0 / (1.0 + (r / 0.022) * (r / 0.022))
        old = (0.62 * disc * disc + 1.6 * bulge) * (0.42 + 0.75 * band)
        blue = 1.35 * disc * arms * (0.35 + mottle) * (1.15 - 0.55 * band)
        rose = 0.55 * knots * disc * (0.55 + (1.6 * band - 0.75) * (1.6 * band - 0.75))
        image: Floats = 0.010 + edge * (old + blue + rose) * (1.0 - dust * (0.78 - 0.30 * band))
        if companion:
            Galaxy(0.90 * height, 0.60 * width, unit / 26, 1.6, 0.3, 0.8).paint(image, 0.4 + 0.8 * band)
            image *= 1.0 - 0.25 * sky.smooth(grain, 0.35, 0.7) * sky.smooth(dy, 0.30, 0.40) * (1.0 - 0.5 * band)
        young.paint(image, sky.HUBBLE, band)
        stars.paint(image, sky.HUBBLE, band)
        return image

    return light


def globular(shape: tuple[int, int]) -> Callable[[float], Floats]:
    """A globular cluster: thousands of old stars crowding to one point."""
    dice = Dice("globular")
    count, unit = 2600, float(min(shape))
    t = dice.span(-1.0, 1.0, count)
    reach = unit * 0.055 * np.sqrt(1.0 / (1.0 - 0.985 * dice.unit(count)) - 0.999)
    x, y = sky.turn(reach, 0.0 * reach, t)
    side = np.where(dice.below(2, count) == 0, -1.0, 1.0)
    y, x = np.clip(shape[0] / 2 + side * y, 0, shape[0] - 1), np.clip(shape[1] / 2 + side * x, 0, shape[1] - 1)
    warmth = dice.unit(count)
    light_of = 0.09 / (dice.unit(count) + 0.006)
    giants = np.where(light_of > GIANT, 0.75 + 0.25 * warmth, warmth)
    stars = sky.Stars(y, x, light_of, giants)
    dy, dx = np.arange(shape[0])[:, None] - shape[0] / 2, np.arange(shape[1]) - shape[1] / 2
    blur = 1.0 / (1.0 + (dx * dx + dy * dy) / (unit * unit * 0.012))

    def light(band: float) -> Floats:
        image = 0.01 + 0.30 * blur * blur * (0.7 + 0.4 * band)
        stars.paint(image, sky.HUBBLE, band)
        return image

    return light
