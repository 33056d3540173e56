"""Spectra and light curves drawn as pictures, from the numbers that the FITS tables hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

PAPER, GRID, FRAME, TEXT = "#0b0f18", "#1b2433", "#38465c", "#a9b8cc"
INKS = ("#7db4ff", "#ffb86b", "#8be0b4")
SIZE = (840, 420)
BOX = (78, 42, 816, 362)  # left, top, right, bottom of the axes
FINE = 2  # drawn larger, then reduced: smooth lines

Curve = tuple[Any, Any]  # x and y, alike in length


def drawn(title: str, x_name: str, y_name: str, curves: Sequence[Curve], *, dots: bool = False) -> Image.Image:
    """The plot as an image, ``SIZE`` pixels."""
    canvas = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), PAPER)
    pen = ImageDraw.Draw(canvas)
    xs, ys = (np.concatenate([np.asarray(curve[i], float) for curve in curves]) for i in (0, 1))
    x_ends = float(xs.min()), float(xs.max())
    low, high = (float(np.sort(ys)[int(share * (ys.size - 1))]) for share in (0.003, 0.999))
    room = (high - low) * 0.12 or 1.0
    y_ends = low - room, high + room
    _axes(pen, x_ends, y_ends)
    for number, (x, y) in enumerate(curves):
        points = list(zip(_place(x, x_ends, BOX[0], BOX[2]), _place(y, y_ends, BOX[3], BOX[1]), strict=True))
        ink = INKS[number % len(INKS)]
        if dots:
            for px, py in points:
                pen.ellipse((px - 2.5, py - 2.5, px + 2.5, py + 2.5), fill=ink)
        else:
            pen.line(points, fill=ink, width=3, joint="curve")
    _words(pen, title, x_name, y_name, canvas)
    return canvas.resize(SIZE, Image.Resampling.BOX)


def _place(values: Any, ends: tuple[float, float], first: float, last: float) -> list[float]:
    share = np.clip((np.asarray(values, float) - ends[0]) / (ends[1] - ends[0]), -0.02, 1.02)
    return [float(at) for at in (first + share * (last - first)) * FINE]


def _ticks(ends: tuple[float, float], wanted: int = 6) -> list[float]:
    """Round numbers inside the ends."""
    rough = (ends[1] - ends[0]) / wanted
    unit = 10.0 ** np.floor(np.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * 0.999)
    first = int(np.ceil(ends[0] / step))
    return [round(float(step * i), 10) for i in range(first, first + 2 * wanted) if step * i <= ends[1]]


def _axes(pen: ImageDraw.ImageDraw, x_ends: tuple[float, float], y_ends: tuple[float, float]) -> None:
    left, top, right, bottom = (edge * FINE for edge in BOX)
    font = ImageFont.load_default(13 * FINE)
    for value in _ticks(x_ends, 8):
        at = _place([value], x_ends, BOX[0], BOX[2])[0]
        pen.line([(at, top), (at, bottom)], fill=GRID, width=FINE)
        pen.text((at, bottom + 8 * FINE), f"{value:g}", font=font, fill=TEXT, anchor="mt")
    for value in _ticks(y_ends, 5):
        at = _place([value], y_ends, BOX[3], BOX[1])[0]
        pen.line([(left, at), (right, at)], fill=GRID, width=FINE)
        pen.text((left - 8 * FINE, at), f"{value:g}", font=font, fill=TEXT, anchor="rm")
    pen.rectangle((left, top, right, bottom), outline=FRAME, width=FINE)


def _words(pen: ImageDraw.ImageDraw, title: str, x_name: str, y_name: str, canvas: Image.Image) -> None:
    small, large = ImageFont.load_default(14 * FINE), ImageFont.load_default(16 * FINE)
    pen.text((BOX[0] * FINE, 14 * FINE), title, font=large, fill="#e6edf6")
    pen.text(((BOX[0] + BOX[2]) / 2 * FINE, (SIZE[1] - 9) * FINE), x_name, font=small, fill=TEXT, anchor="ms")
    side = Image.new("RGB", ((BOX[3] - BOX[1]) * FINE, 20 * FINE), PAPER)
    ImageDraw.Draw(side).text((side.width / 2, 2 * FINE), y_name, font=small, fill=TEXT, anchor="mt")
    canvas.paste(side.rotate(90, expand=True), (4 * FINE, BOX[1] * FINE))
