"""What categories, extensions, levels and missions mean: one line each, in our own words.

Source: MAST's page on the Download Basket. What file groups mean, mission by mission, is in ingest/missions.toml, where
operators can add to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CATEGORIES: Mapping[str, tuple[str, str]] = {
    "SCIENCE": ("Science", "Science data, from raw exposures to the most calibrated products"),
    "AUXILIARY": ("Auxiliary", "Guide stars, telemetry, processing logs and other companions of the science data"),
    "CATALOG": ("Catalog", "Source catalogues: positions, brightnesses and other measurements"),
    "CALIBRATION": ("Calibration", "Calibration reference files that were added to the basket"),
    "PREVIEW": ("Preview", "Images for a quick look, not for measuring"),
    "INFO": ("Info", "What was combined into a product, and what you need to process it again"),
}

TYPES: Mapping[str, tuple[str, str]] = {
    "science": ("Science products", "What the observations produced, with all that comes along"),
    "reference": ("Calibration references", "Reference files that were used to calibrate the science products"),
}

LEVELS: Mapping[str, tuple[str, str]] = {
    "-1": ("-1 planned", "Planned: not observed yet"),
    "0": ("0 raw", "Raw telemetry, as it came down"),
    "1": ("1 uncalibrated", "Uncalibrated exposures in their final file format"),
    "2": ("2 calibrated", "Calibrated single exposures"),
    "3": ("3 combined", "Combined from several exposures: mosaics, extracted spectra, catalogues"),
    "4": ("4 contributed", "High-level products that science teams contributed"),
    "unknown": ("Unknown", "The archive gives no calibration level"),
}

EXTENSIONS: Mapping[str, tuple[str, str]] = {
    "fits": (".fits", "Science data in the FITS format"),
    "fits.gz": (".fits.gz", "Science data in the FITS format, compressed with gzip"),
    "fits.fz": (".fits.fz", "Science data in the FITS format, compressed tile by tile"),
    "asdf": (".asdf", "Data with their model and coordinates, in the ASDF format"),
    "jpg": (".jpg", "Preview image, mostly of a FITS file, in JPEG format"),
    "jpeg": (".jpeg", "Preview image, mostly of a FITS file, in JPEG format"),
    "png": (".png", "Preview or thumbnail image in PNG format"),
    "gif": (".gif", "Preview image in GIF format"),
    "csv": (".csv", "Table as text, values separated by commas"),
    "ecsv": (".ecsv", "Table as text with units and descriptions (Enhanced CSV)"),
    "json": (".json", "Structured text, such as an association, in JSON format"),
    "xml": (".xml", "Structured text in XML format"),
    "vot": (".vot", "Table in the VOTable format"),
    "yaml": (".yaml", "Structured text in YAML format"),
    "txt": (".txt", "Plain text"),
    "log": (".log", "Processing log, plain text"),
    "html": (".html", "Web page"),
    "pdf": (".pdf", "Document or figure in PDF format"),
    "tar": (".tar", "Several files in one tar archive"),
    "tar.gz": (".tar.gz", "Several files in one tar archive, compressed with gzip"),
    "gz": (".gz", "Any file, compressed with gzip"),
    "zip": (".zip", "Several files in one zip archive"),
    "none": ("No extension", "The file name has no extension"),
}

ACCESS: Mapping[str, tuple[str, str]] = {
    "public": ("Public", "Everybody may download these files"),
    "exclusive": ("Exclusive", "Only members of the programme may download these files for now"),
}

BATCH: Mapping[str, tuple[str, str]] = {
    "1": ("Batch available", "Can be staged in one batch, to be fetched later"),
    "0": ("Not by batch", "Needs another method than batch: a bundle or a script"),
}

MISSIONS: Mapping[str, str] = {
    "FUSE": "Far Ultraviolet Spectroscopic Explorer",
    "GALEX": "Galaxy Evolution Explorer",
    "HLA": "Hubble Legacy Archive",
    "HLSP": "High-level science products that teams contributed",
    "HST": "Hubble Space Telescope",
    "IUE": "International Ultraviolet Explorer",
    "JWST": "James Webb Space Telescope",
    "K2": "Kepler's second mission, along the ecliptic",
    "Kepler": "Kepler mission",
    "PS1": "Pan-STARRS 1 surveys",
    "SWIFT": "Neil Gehrels Swift Observatory",
    "TESS": "Transiting Exoplanet Survey Satellite",
}
