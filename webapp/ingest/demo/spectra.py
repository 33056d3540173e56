"""Spectra: lines on a continuum, as one-dimensional fluxes, slit images and cubes. Exact arithmetic, as in sky.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.ingest.demo.dice import Dice, Floats

Line = tuple[float, float]  # rest wavelength and strength

# Rest wavelengths in micron of the strong lines of a young galaxy.
GALAXY_LINES: tuple[Line, ...] = (
    (0.2800, 0.10),
    (0.3727, 0.42),
    (0.3869, 0.20),
    (0.4102, 0.14),
    (0.4340, 0.26),
    (0.4363, 0.09),
    (0.4861, 0.48),
    (0.4959, 0.95),
    (0.5007, 2.80),
    (0.5876, 0.10),
    (0.6563, 1.40),
)
# Fine-structure lines and H2 of an active nucleus, micron.
NUCLEUS_LINES: tuple[Line, ...] = (
    (5.340, 0.5),
    (5.511, 0.5),
    (6.110, 0.4),
    (6.636, 0.3),
    (6.909, 0.8),
    (6.985, 1.2),
    (7.652, 2.2),
    (8.025, 0.5),
    (8.991, 0.8),
    (9.665, 0.9),
    (10.511, 1.8),
    (12.279, 0.8),
    (12.814, 1.6),
    (14.322, 1.9),
    (15.555, 2.6),
    (17.035, 0.8),
    (18.713, 1.3),
    (24.318, 1.2),
    (25.890, 3.0),
)
# Broad emission of a quasar, angstrom.
QUASAR_LINES: tuple[Line, ...] = (
    (1025.7, 0.35),
    (1033.8, 0.8),
    (1215.67, 5.0),
    (1240.8, 0.9),
    (1302.2, 0.2),
    (1397.8, 0.5),
)
# Absorption in our own galaxy, angstrom.
FOREGROUND: tuple[float, ...] = (
    1190.42,
    1193.29,
    1199.55,
    1206.50,
    1215.67,
    1250.58,
    1259.52,
    1260.42,
    1302.17,
    1304.37,
    1334.53,
    1393.76,
)


def bump(x: Floats, centre: float, width: float) -> Floats:
    """A line of height 1."""
    off = (x - centre) / width
    profile = 1.0 / (1.0 + off * off)
    return profile * profile


def emission(wave: Floats, lines: Sequence[Line], redshift: float, resolving: float) -> Floats:
    """Lines of a source at ``redshift`` seen at a resolving power, in the unit of their strengths."""
    total = np.zeros_like(wave)
    for rest, strength in lines:
        seen = rest * (1.0 + redshift)
        total += strength * bump(wave, seen, seen / resolving)
    return total


def quasar(wave: Floats, redshift: float) -> Floats:
    """A blue continuum with broad lines, cut by narrow foreground absorption."""
    flux = 2.6 * (1300.0 / wave) + emission(wave, QUASAR_LINES, redshift, 70.0)
    for line in FOREGROUND:
        strong = 0.95 if line in (1215.67, 1206.50, 1260.42, 1302.17, 1334.53) else 0.7
        width = 3.4 if line == 1215.67 else 0.42  # noqa: PLR2004 - Lyman alpha is damped
        flux = flux * (1.0 - strong * bump(wave, line, width))
    return flux + 1.6 * bump(wave, 1215.67, 0.6)  # the Earth's own Lyman alpha glow


def slit(dice: Dice, flux: Floats, rows: int, noise: float) -> Floats:
    """A rectified slit image (rows, wavelength): the positive trace with a negative one of the nod on each side."""
    y = np.arange(rows)[:, None] - (rows - 1) / 2.0 + np.zeros((rows, flux.size))
    profile = bump(y, 0.0, 2.1) - 0.45 * bump(y, -rows / 3.2, 2.1) - 0.45 * bump(y, rows / 3.2, 2.1)
    return profile * flux + noise * dice.bell(rows, flux.size)
