"""The demo archive: a small, believable archive of JWST, HST, TESS and contributed files, made on the spot.

Names, headers, links and layouts are those of the missions; the sky is painted. Nothing is read from outside, and the
same files come out on every run.
"""

from __future__ import annotations

from webapp.ingest.demo.build import DemoSummary, make_demo
from webapp.ingest.demo.load import load_demo

__all__ = ["DemoSummary", "load_demo", "make_demo"]
