"""The columns of MAST's tables: names, types and words as clients ask for them by ``columnsconfig``.

The names and units are MAST's (its pages "CAOM field descriptions" and "Products field descriptions").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

STRING, FLOAT, INT, BOOLEAN = "string", "float", "int", "boolean"
_VOTABLE = {STRING: "char", FLOAT: "double", INT: "int", BOOLEAN: "boolean"}
SEPARATOR = ";"  # between the values of one cell


@dataclass(frozen=True)
class Column:
    """One column. ``held``: the catalogue has it. ``many``: a cell may hold several values, with ";" between."""

    name: str
    type: str
    label: str
    meaning: str
    unit: str = ""
    example: str = ""
    held: bool = True
    many: bool = False

    def config(self, order: int) -> dict[str, Any]:
        """As ``columnsconfig`` says it. astroquery takes a type ``double`` for a range, all else for values."""
        said = {
            "text": self.label,
            "order": order,
            "type": self.type,
            "vot.datatype": _VOTABLE[self.type],
            "vot.name": self.name,
            "vot.description": self.meaning,
        }
        more = {"unit": self.unit, "vot.unit": self.unit, "example": self.example}
        more |= {"separator": SEPARATOR, "separatorType": "split"} if self.many else {}
        return said | {name: value for name, value in more.items() if value}


def _empty(name: str, type_: str, label: str, unit: str = "") -> Column:
    return Column(name, type_, label, "Not in this archive's catalogue: always empty", unit, held=False)


_LEVELS = "-1 = planned, 0 = raw, 1 = uncalibrated, 2 = calibrated, 3 = science product, 4 = contributed"
_RIGHTS = Column("dataRights", STRING, "Data Rights", "Who may read it", example="PUBLIC, EXCLUSIVE_ACCESS")
_SORTS = "image, spectrum, cube, timeseries, sed, catalog"
_DISTANCE = Column("distance", FLOAT, 'Distance (")', "Angle from the position that was asked for", "arcsec")

OBSERVATIONS = (
    _empty("intentType", STRING, "Observation Type"),
    Column("obs_collection", STRING, "Mission", "The mission", example="JWST, HST, TESS, HLSP"),
    _empty("provenance_name", STRING, "Provenance Name"),
    Column("instrument_name", STRING, "Instrument", "The instrument", example="NIRCAM/IMAGE, WFPC2/PC"),
    _empty("project", STRING, "Project"),
    Column("filters", STRING, "Filters", "Filters and gratings", example="F090W, F606W;F814W", many=True),
    _empty("wavelength_region", STRING, "Waveband"),
    Column("target_name", STRING, "Target Name", "The target, as the proposal calls it", example="NGC 3132"),
    _empty("target_classification", STRING, "Target Classification"),
    Column("obs_id", STRING, "Observation ID", "The observation's name, given by the mission"),
    Column("s_ra", FLOAT, "RA", "Right ascension, ICRS", "deg"),
    Column("s_dec", FLOAT, "Dec", "Declination, ICRS", "deg"),
    Column("dataproduct_type", STRING, "Product Type", "What its data are", example=_SORTS),
    _empty("proposal_pi", STRING, "Principal Investigator"),
    Column("calib_level", INT, "Calibration Level", "The highest level among its products", example=_LEVELS),
    Column("t_min", FLOAT, "Start Time", "When it began, UTC", "MJD"),
    Column("t_max", FLOAT, "End Time", "When it ended, UTC", "MJD"),
    _empty("t_exptime", FLOAT, "Exposure Length", "sec"),
    _empty("em_min", FLOAT, "Min. Wavelength", "nm"),
    _empty("em_max", FLOAT, "Max. Wavelength", "nm"),
    _empty("obs_title", STRING, "Observation Title"),
    Column("t_obs_release", FLOAT, "Release Date", "From when on all may read it; empty if nobody said", "MJD"),
    Column("proposal_id", STRING, "Proposal ID", "The programme", example="2733"),
    _empty("proposal_type", STRING, "Proposal Type"),
    _empty("sequence_number", INT, "Sequence Number"),
    _empty("s_region", STRING, "s_region", "deg"),
    _empty("jpegURL", STRING, "jpegURL"),
    _empty("dataURL", STRING, "Data URL"),
    _RIGHTS,
    _empty("mtFlag", BOOLEAN, "Moving Target"),
    _empty("srcDen", FLOAT, "Number of Catalog Objects"),
    Column("obsid", STRING, "Product Group ID", "The observation's number, by which its products are asked for"),
    _empty("objID", STRING, "Object ID"),
)
PRODUCTS = (
    Column("obsID", STRING, "Product Group ID", "The number of the observation that the product belongs to"),
    Column("obs_collection", STRING, "Mission", "The mission"),
    Column("dataproduct_type", STRING, "Product Type", "What its data are", example=_SORTS),
    Column("obs_id", STRING, "Observation ID", "The name of the observation that the product belongs to"),
    Column("description", STRING, "Description", "What the file is"),
    _empty("type", STRING, "Type"),
    Column("dataURI", STRING, "Data URI", "The product's name, by which it is downloaded"),
    Column(
        "productType",
        STRING,
        "Product Category",
        "What it is for",
        example="SCIENCE, AUXILIARY, INFO, PREVIEW, CALIBRATION, CATALOG",
    ),
    Column(
        "productGroupDescription",
        STRING,
        "Product Group",
        "Whether it is recommended",
        example="Minimum Recommended Products",
    ),
    Column("productSubGroupDescription", STRING, "Product Subgroup", "The suffix of its name", example="CAL, I2D"),
    _empty("productDocumentationURL", STRING, "Documentation"),
    Column("project", STRING, "Project", "What processed it", example="CALJWST"),
    Column("prvversion", STRING, "Version", "Of the calibration pipeline"),
    Column("proposal_id", STRING, "Proposal ID", "The programme"),
    Column("productFilename", STRING, "Filename", "The file's name"),
    Column("size", INT, "Size", "Of the file", "bytes"),
    Column("parent_obsid", STRING, "Parent Product Group ID", "The number of the observation that was asked for"),
    _RIGHTS,
    Column("calib_level", INT, "Calibration Level", "Of the product", example=_LEVELS),
    Column("filters", STRING, "Filters", "Filters and gratings", many=True),
)
BY_POSITION = (*OBSERVATIONS, _DISTANCE)

TABLES: Mapping[str, tuple[Column, ...]] = {
    "Mast.Caom.All": OBSERVATIONS,
    "Mast.Caom.Cone": BY_POSITION,
    "Mast.Caom.Filtered": BY_POSITION,  # a client asks for one table of words for both of them
    "Mast.Caom.Filtered.Position": BY_POSITION,
    "Mast.Caom.Products": PRODUCTS,
}


def config(name: str) -> dict[str, dict[str, Any]]:
    """What ``columnsconfig`` answers; empty for a table that there is not, as clients expect."""
    return {column.name: column.config(order) for order, column in enumerate(TABLES.get(name, ()))}
