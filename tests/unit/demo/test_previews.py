from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from webapp.ingest.demo import previews

if TYPE_CHECKING:
    from pathlib import Path


def counts(file: Path, plane: str | tuple[str, int] = "SCI") -> Any:
    with fits.open(file, do_not_scale_image_data=True) as hdus:
        return np.array(hdus[plane].data).astype(np.int64)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def grey(content: bytes, side: tuple[int, int]) -> Any:
    return np.asarray(opened(content).convert("L").resize(side, Image.Resampling.BOX), float)


@pytest.mark.parametrize(
    "name",
    [
        "JWST/product/jw02731-o001_t017_nircam_clear-f444w_i2d",
        "JWST/product/jw02733002001_02103_00001_mirimage_cal",
        "JWST/product/jw02736007001_05101_00001_nrs1_rate",
        "HST/product/j9l960010_drc",
        "HST/product/j97c11s4q_flc",
        "HLSP/product/hlsp_heritage_hst_acs-wfc_m51_f814w_v1_drz",
    ],
)
def test_a_preview_shows_the_pixels_of_its_file(archive: Path, name: str) -> None:
    file = archive / f"{name}.fits"
    pixels = counts(file)
    if name.startswith("HST/product/j97c11s4q"):
        pixels = np.vstack([pixels, counts(file, ("SCI", 2))])  # the upper chip
    shown = grey((archive / f"{name}.jpg").read_bytes(), (pixels.shape[1], pixels.shape[0]))[::-1]
    order = np.corrcoef(np.argsort(np.argsort(pixels, axis=None)), np.argsort(np.argsort(shown, axis=None)))[0, 1]
    assert order > 0.85


def test_the_colour_picture_is_made_of_three_mosaics(archive: Path) -> None:
    folder, stem = archive / "HLSP/product", "hlsp_heritage_hst_acs-wfc_m51"
    bands = [counts(folder / f"{stem}_{name}_v1_drz.fits") for name in ("f814w", "f555w", "f435w")]
    made = previews.picture(previews.composite(*bands), zoom=1.5, form="PNG")
    assert made == (folder / f"{stem}_multi_v1_color.png").read_bytes()


def test_every_picture_opens_and_is_not_flat(archive: Path) -> None:
    pictures = [file for file in archive.rglob("*") if file.suffix in {".jpg", ".png"}]
    flat = [file.name for file in pictures if np.asarray(opened(file.read_bytes()).convert("L"), float).std() < 5]
    assert len(pictures) > 300
    assert flat == []


def test_thumbnails_are_small(archive: Path) -> None:
    sides = {max(opened(file.read_bytes()).size) for file in archive.glob("*/product/*_thumb.*")}
    assert max(sides) <= 256


def test_the_sky_is_dark_and_the_stars_are_bright(archive: Path) -> None:
    content = (archive / "JWST/product/jw02736-o001_t001_nircam_clear-f200w_i2d.jpg").read_bytes()
    shown = np.asarray(opened(content).convert("L"))
    assert np.median(shown) < 90
    assert shown.max() > 240
