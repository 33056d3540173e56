"""Pictures for people, made from the same integers that the FITS files hold: asinh stretch, one calm palette a band."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

BLUE = ("04060f", "10265a", "2f63b5", "8fc1f2", "eef7ff", "ffffff")
GOLD = ("070510", "2b1a35", "7d3f36", "d28b45", "fbe3b0", "ffffff")
RED = ("08040b", "33122f", "86284a", "dc6f50", "fcd7b4", "ffffff")
INK = ("06070a", "262b35", "5a6473", "9aa5b5", "dde3ea", "ffffff")  # raw data: no colour is claimed
SOFTNESS = (1.0, 2.0, 4.0, 7.0, 12.0, 20.0, 35.0, 70.0)
MIDDLE = 0.16
STOPS = (0, 48, 110, 172, 228, 255)


def palette(name: float | tuple[str, ...]) -> Any:
    """256 colours (256, 3): of a named row of stops, or mixed for a band from 0 (blue) to 1 (red)."""
    if isinstance(name, tuple):
        stops = np.array([[int(stop[i : i + 2], 16) for i in (0, 2, 4)] for stop in name], np.float64)
        at = np.arange(256)
        return np.stack([np.interp(at, STOPS, stops[:, i]) for i in range(3)], 1)
    first, second, share = (BLUE, GOLD, name * 2) if name < 0.5 else (GOLD, RED, name * 2 - 1)  # noqa: PLR2004 - halfway
    return palette(first) * (1.0 - share) + palette(second) * share


def levels(pixels: Any, *, soft: float = 0.0, low: float = 0.02, high: float = 0.998) -> tuple[int, int, Any]:
    """Black point, white point, and the asinh curve between them as a table of 0 to 1.

    ``soft`` lifts what is faint; 0 chooses it so that the middle pixel is a dark grey, whether that is sky or nebula.
    """
    flat = np.sort(pixels, axis=None)
    black, white = int(flat[int(low * (flat.size - 1))]), int(flat[int(high * (flat.size - 1))])
    white = max(white, black + 8)
    middle = min(max(int(flat[flat.size // 2]) - black, 0) / (white - black), 1.0)
    soft = soft or min(SOFTNESS, key=lambda lift: abs(float(np.arcsinh(middle * lift) / np.arcsinh(lift)) - MIDDLE))
    steps = np.arange(white - black + 1) / (white - black) * soft
    return black, white, np.arcsinh(steps) / np.arcsinh(soft)


def tinted(pixels: Any, colours: Any, *, soft: float = 0.0, high: float = 0.998, low: float = 0.02) -> Any:
    """One band in its palette: (rows, columns, 3) of 8 bits."""
    black, white, curve = levels(pixels, soft=soft, high=high, low=low)
    shade = curve[np.clip(pixels.astype(np.int64), black, white) - black]
    return np.floor(colours[np.floor(shade * 255.0 + 0.5).astype(np.int64)] + 0.5).astype(np.uint8)


def raw(pixels: Any) -> Any:
    """Detector pixels without colour, stretched so that bias and cosmic rays show."""
    return tinted(pixels, palette(INK), soft=14, high=0.997)


def composite(red: Any, green: Any, blue: Any, *, soft: float = 0.02, saturation: float = 0.75) -> Any:
    """Three bands in one colour picture: the stretch acts on their mean, so that colours survive in bright stars."""
    bands = []
    for pixels in (red, green, blue):
        black, white, _ = levels(pixels, low=0.05, high=0.9985)
        bands.append(np.clip((pixels.astype(np.float64) - black) / (white - black), 0.0, None))
    mean = np.maximum((bands[0] + bands[1] + bands[2]) / 3.0, 1e-6)
    gain = np.arcsinh(mean / soft) / np.arcsinh(1.0 / soft) / mean
    colour = np.stack([(mean + saturation * (band - mean)) * gain for band in bands], 2)
    return np.floor(np.clip(colour, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def picture(rgb: Any, *, zoom: float = 2.0, form: str = "JPEG") -> bytes:
    """The picture as JPEG or PNG, first row at the bottom as in FITS, enlarged by ``zoom``."""
    made = Image.fromarray(np.ascontiguousarray(rgb[::-1]))
    made = made.resize((round(made.width * zoom), round(made.height * zoom)), Image.Resampling.BICUBIC)
    return encoded(made, form)


def thumb(rgb: Any, side: int = 128) -> bytes:
    """A small JPEG, ``side`` pixels on its longer side."""
    return picture(rgb, zoom=side / max(rgb.shape[:2]))


def encoded(made: Image.Image, form: str) -> bytes:
    """Fixed encoder settings: the same bytes from the same pixels."""
    buffer = BytesIO()
    if form == "JPEG":
        made.save(buffer, "JPEG", quality=86, subsampling=0, optimize=False, progressive=False)
    else:
        made.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()
