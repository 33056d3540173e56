"""A high-level science product: a team's mosaics of M51 in four filters, a colour picture, a catalogue, a read-me.

Names after MAST's rule for contributed products:
hlsp_<project>_<observatory>_<instrument>_<target>_<option>_<version>_<type>.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import Table

from webapp.ingest.demo import fitsfile, galaxies, pixels, previews
from webapp.ingest.demo.dice import Dice
from webapp.ingest.demo.facts import Card, Item, Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE = 400
ARCSEC = 0.05
STEM = "hlsp_heritage_hst_acs-wfc_m51"
FILTERS = {"f435w": 0.0, "f555w": 0.45, "f658n": 0.62, "f814w": 1.0}
README = """M51 Heritage mosaics, version 1

Four drizzled mosaics (F435W, F555W, F658N, F814W), a colour picture made of three of them, and a catalogue of bright
sources, with north up at 0.05 arcseconds a pixel. Each FITS file has SCI (electrons per second) and WHT (seconds).
"""


def items() -> Iterator[Item]:
    """All files of the product."""
    own = Observation(
        "HLSP",
        f"{STEM}_multi_v1",
        "M51",
        202.4696,
        47.1952,
        "ACS/WFC",
        "F435W;F555W;F658N;F814W",
        "10452",
        53390.54,
        53392.4,
        "image",
        "HERITAGE",
        None,
        4,
        53485.0,
        "C",
    )

    def row(
        tail: str, content: bytes, category: str, words: str, group: str | None, *, recommended: bool = True
    ) -> Item:
        return Item(
            f"{STEM}_{tail}",
            content,
            "HLSP",
            category,
            words,
            own,
            (own,),
            group,
            4,
            recommended=recommended,
            version="v1",
        )

    scene = galaxies.spiral((SIDE, SIDE))
    mosaics: dict[str, Any] = {}
    for name, band in FILTERS.items():
        seen = pixels.expose(Dice(STEM, name), scene(band), noise=7.0, rays=0, dead=0.0)
        mosaics[name] = seen.sci
        planes = (
            fitsfile.image(
                "SCI",
                seen.sci,
                fitsfile.tangent(own.ra, own.dec, seen.sci.shape, ARCSEC),
                unit="ELECTRONS/S",
                scale=0.004,
            ),
            fitsfile.image("WHT", np.full((SIDE, SIDE), 2720, np.int16)),
        )
        content = fitsfile.pack(fitsfile.primary(_primary(name, own)), *planes)
        yield row(f"{name}_v1_drz.fits", content, "SCIENCE", f"Drizzled mosaic {name.upper()}", "DRZ")
        rgb = previews.tinted(seen.sci, previews.palette(band))
        yield row(
            f"{name}_v1_drz.jpg", previews.picture(rgb, zoom=1.5), "PREVIEW", "Preview-Full", None, recommended=False
        )
        yield row(f"{name}_v1_drz_thumb.jpg", previews.thumb(rgb), "PREVIEW", "Preview-Thumb", None, recommended=False)
    rgb = previews.composite(mosaics["f814w"], mosaics["f555w"], mosaics["f435w"])
    yield row(
        "multi_v1_color.png",
        previews.picture(rgb, zoom=1.5, form="PNG"),
        "PREVIEW",
        "Preview-Full",
        None,
        recommended=False,
    )
    yield row("multi_v1_color_thumb.jpg", previews.thumb(rgb), "PREVIEW", "Preview-Thumb", None, recommended=False)
    yield row("multi_v1_cat.csv", _catalogue(mosaics, own), "CATALOG", "Catalogue of bright sources", "CAT")
    yield row("multi_v1_readme.txt", README.encode(), "INFO", "Read-me: what the files hold", "README")


def _primary(name: str, own: Observation) -> list[Card]:
    return [
        ("DATE", "2005-04-25", "file creation date"),
        ("HLSPID", "HERITAGE", "identifier of this HLSP collection"),
        ("HLSPNAME", "Hubble Heritage M51 mosaics", "title of this HLSP collection"),
        ("HLSPTARG", own.target, "designation of the target"),
        ("HLSPVER", "1.0", "data release version"),
        ("TELESCOP", "HST", "observatory"),
        ("INSTRUME", "ACS", "instrument"),
        ("DETECTOR", "WFC", "detector"),
        ("FILTER", name.upper(), "filter"),
        ("PROPOSID", int(own.proposal_id), "HST proposal identifier"),
        ("TARGNAME", own.target, "target"),
        ("RA_TARG", own.ra, "[deg] target right ascension"),
        ("DEC_TARG", own.dec, "[deg] target declination"),
        ("DATE-OBS", "2005-01-20", "date of first exposure"),
        ("MJD-BEG", own.t_min, "[d] start of first exposure"),
        ("MJD-END", own.t_max, "[d] end of last exposure"),
        ("LICENSE", "CC BY 4.0", "licence of these data"),
        ("FILENAME", f"{STEM}_{name}_v1_drz.fits", "name of the file"),
    ]


def _catalogue(mosaics: dict[str, Any], own: Observation) -> bytes:
    """The brightest sources of the blue mosaic, with their peaks in each filter, as CSV."""
    _, peaks = pixels.find(mosaics["f435w"], 1500, most=250)
    rows = []
    for number, (row, column) in enumerate(peaks, 1):
        ra = round(own.ra - (column - SIDE / 2) * ARCSEC / 3600, 6)
        dec = round(own.dec + (row - SIDE / 2) * ARCSEC / 3600, 6)
        rows.append((number, ra, dec, *(int(mosaics[name][row, column]) for name in FILTERS)))
    table = Table(rows=rows, names=("id", "ra", "dec", *(f"peak_{name}" for name in FILTERS)))
    text = StringIO()
    table.write(text, format="ascii.csv")
    return text.getvalue().encode()
