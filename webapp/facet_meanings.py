"""What categories, extensions, levels, missions and file groups mean: one line each, in our own words.

Sources: MAST's page on the Download Basket (categories, extensions, levels); the JWST pipeline's list of product types;
the HST instrument handbooks' tables of file suffixes. A group means different things in different missions.
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

GROUPS: Mapping[str, Mapping[str, str]] = {
    "JWST": {
        "AMI-OI": "Interferometric observables of one target",
        "AMILG": "Fringe parameters from fitting one exposure",
        "AMIMULTI-OI": "Interferometric observables of each integration",
        "AMINORM-OI": "Interferometric observables, normalised by a reference star",
        "ASN": "Association: which exposures are combined into which product",
        "BSUB": "Exposure with its background subtracted",
        "BSUBINTS": "Integrations with their background subtracted",
        "C1D": "One-dimensional spectrum, combined from several",
        "CAL": "Calibrated exposure",
        "CALINTS": "Calibrated exposure, one plane an integration",
        "CAT": "Source catalogue",
        "CRF": "Calibrated exposure with cosmic rays flagged",
        "CRFINTS": "Calibrated integrations with cosmic rays flagged",
        "DARK": "Exposure after the dark step",
        "FITOPT": "Details of the fit of the ramps",
        "GS-ACQ1": "Guide star acquisition, first image",
        "GS-ACQ2": "Guide star acquisition, second image",
        "GS-FG": "Guide star in fine guide",
        "GS-ID": "Guide star identification",
        "GS-TRACK": "Guide star tracking",
        "I2D": "Rectified and combined image",
        "MSA": "Which micro-shutters were open, and for which sources",
        "PHOT": "Photometry of a time series",
        "POOL": "Association pool: all exposures that could be combined",
        "PSFALIGN": "Reference star images, aligned with the target",
        "PSFSTACK": "Reference star images, stacked",
        "PSFSUB": "Target with the reference star subtracted",
        "RAMP": "Corrected ramps, before slopes are fitted",
        "RATE": "Count rate image of an exposure",
        "RATEINTS": "Count rate images, one an integration",
        "S2D": "Rectified two-dimensional spectrum",
        "S3D": "Spectral cube",
        "SEGM": "Segmentation map: which pixels belong to which source",
        "TRAPSFILLED": "How many charge traps were filled, for persistence",
        "UNCAL": "Uncalibrated exposure, all groups of all ramps",
        "WFSCMB": "Combined image for sensing the wavefront",
        "WHTLT": "White-light curve of a time series",
        "X1D": "Extracted one-dimensional spectrum",
        "X1DINTS": "Extracted spectra, one an integration",
    },
    "HST": {
        "ASC": "Association table after processing",
        "ASN": "Association table: which exposures belong together",
        "C0F": "Calibrated exposure",
        "C0M": "Calibrated exposure, all chips in one file",
        "C1F": "Data quality of a calibrated exposure",
        "C1M": "Data quality of a calibrated exposure, all chips in one file",
        "C3M": "Throughput table of a calibrated exposure",
        "C3T": "Throughput table of a calibrated exposure",
        "CAL": "Calibrated exposure",
        "CGR": "Calibrated data in the older group format",
        "CORRTAG": "Corrected events",
        "CORRTAG_A": "Corrected events, detector segment A",
        "CORRTAG_B": "Corrected events, detector segment B",
        "COUNTS": "Counts image",
        "COUNTS_A": "Counts image, detector segment A",
        "COUNTS_B": "Counts image, detector segment B",
        "CRC": "Combined image, cosmic rays rejected, corrected for charge transfer",
        "CRJ": "Combined image, cosmic rays rejected",
        "CSPEC": "Spectra of several gratings, joined",
        "D0F": "Raw exposure",
        "D0M": "Raw exposure, all chips in one file",
        "DGR": "Raw data in the older group format",
        "DRC": "Drizzled, combined image, corrected for charge transfer",
        "DRZ": "Drizzled, combined image",
        "EPC": "CCD temperatures during the exposure",
        "FLC": "Calibrated exposure, corrected for charge transfer",
        "FLT": "Calibrated exposure",
        "FLT_A": "Calibrated exposure, detector segment A",
        "FLT_B": "Calibrated exposure, detector segment B",
        "HLET": "Headerlet: an improved astrometric solution",
        "IMA": "Calibrated image before its readouts are combined",
        "JIF": "Pointing stability, as an image",
        "JIT": "Pointing stability, as a table",
        "LAMPFLASH": "Spectrum of the wavelength lamp",
        "MOS": "Mosaic of several exposures",
        "PDQ": "Observers' comments on data quality",
        "Q0F": "Data quality of a raw exposure",
        "Q0M": "Data quality of a raw exposure, all chips in one file",
        "Q1F": "Data quality of the engineering data",
        "Q1M": "Data quality of the engineering data, all chips in one file",
        "RAW": "Raw exposure",
        "RAWTAG": "Raw events",
        "RAWTAG_A": "Raw events, detector segment A",
        "RAWTAG_B": "Raw events, detector segment B",
        "SFL": "Summed calibrated exposures",
        "SHF": "Engineering telemetry",
        "SHM": "Engineering telemetry, all chips in one file",
        "SPT": "Engineering telemetry",
        "SX1": "Extracted spectrum, from a summed exposure",
        "SX2": "Rectified spectral image, from a summed exposure",
        "TRL": "Processing log",
        "X0F": "Engineering data of a raw exposure",
        "X0M": "Engineering data of a raw exposure, all chips in one file",
        "X1D": "Extracted one-dimensional spectrum",
        "X1DSUM": "Extracted spectrum, summed over all positions",
        "X2D": "Rectified two-dimensional spectrum",
    },
}
