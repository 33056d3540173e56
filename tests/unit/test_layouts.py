"""Where files go. What CRDS finds where was told by the crds package, 14.0.3, itself: see LOCATED."""

from __future__ import annotations

import pytest

from webapp.errors import UserError
from webapp.layouts import crds_path, layout_of, placed

# Recorded with a file in each of these places below CRDS_PATH, no config folder, CRDS_MODE=local, and a closed port as
# the server: crds.core.config.locate_file(name, observatory), and crds.client.api.dump_references(context, [name]), by
# which pipelines get references, answer with just this place. For HST, locate_file says so without the file too; for
# JWST it looks into the folder of each instrument, and then asks the server.
LOCATED = (
    "references/hst/acs/0ci1839oj_drk.fits",
    "references/hst/acs/hst_acs_darkfile_0001.fits",
    "references/hst/cos/hst_cos_spottab_0052.fits",
    "references/hst/cos/s7g1700gl_dead.fits",
    "references/hst/nicmos/k8m1205an_drk.fits",
    "references/hst/stis/v3k14090o_bia.fits",
    "references/hst/synphot/2bh1737am_tmg.fits",
    "references/hst/synphot/6cd19411m_mmd.fits",
    "references/hst/synphot/acs_wfc_im123_001_syn.fits",
    "references/hst/synphot/hst_synphot_tmctab_0001.fits",
    "references/hst/synphot/wfc3_uvis_f606w_002_th.fits",
    "references/hst/wfc3/34i1746li_bpx.fits",
    "references/hst/wfc3/hst_wfc3_biasfile_0003.fits",
    "references/hst/wfpc2/e391434cu.r1d",
    "references/hst/wfpc2/e391434cu.r1h",
    "references/hst/wfpc2/e391434cu_r1h.fits",
    "references/hst/wfpc2/i1g1000lu_off.fits",
    "references/hst/wfpc2/m9t1236gu_drk.fits",
    "references/jwst/fgs/jwst_fgs_mask_0018.fits",
    "references/jwst/miri/jwst_miri_dark_0086.fits",
    "references/jwst/miri/jwst_miri_extract1d_0004.json",
    "references/jwst/nircam/jwst_nircam_flat_0313.fits",
    "references/jwst/nircam/jwst_nircam_pars-tweakregstep_0001.asdf",
    "references/jwst/niriss/jwst_niriss_trappars_0002.fits",
    "references/jwst/nirspec/jwst_nirspec_fpa_0009.asdf",
    "references/jwst/system/jwst_system_datalvl_0002.json",
)
DARK = "JWST/references/jwst_miri_dark_0086.fits"


@pytest.mark.parametrize("path", LOCATED)
def test_a_reference_goes_where_crds_looks_for_it(path: str) -> None:
    _, observatory, _, name = path.split("/")
    assert crds_path(f"{observatory.upper()}/references/{name}") == path


@pytest.mark.parametrize(
    "path",
    [
        "JWST/jw02731-o001_t017/jwst_miri_dark_0086.fits",  # not among the references
        "HST/references/jwst_miri_dark_0086.txt/x.fits",
        "HST/references/a name that tells nothing.fits",
        "TESS/references/tess_ccd_dark_0001.fits",  # not of CRDS
        "references/hst/x_drk.fits",
    ],
)
def test_what_crds_does_not_look_for_stays_where_it_is(path: str) -> None:
    assert crds_path(path) == path


def test_only_references_move() -> None:
    paths = ["JWST/a/a_cal.fits", DARK, "JWST/b/b_cal.fits"]
    assert placed(paths, "crds")[1] == ["JWST/a/a_cal.fits", LOCATED[19], "JWST/b/b_cal.fits"]


def test_paths_of_a_cache_are_safe_and_unique_and_say_what_they_were_to_be() -> None:
    paths = ["JWST/references/jwst_con_dark_0001.fits", DARK, DARK.replace("miri", "Miri")]
    wanted, safe = placed(paths, "crds")
    assert wanted[0] == "references/jwst/con/jwst_con_dark_0001.fits"
    assert safe[0] == "references/jwst/_con/jwst_con_dark_0001.fits"
    assert len({each.lower() for each in safe}) == len(paths)


@pytest.mark.parametrize(("flat", "crds", "layout"), [(False, False, ""), (True, False, "flat"), (False, True, "crds")])
def test_one_layout_is_wished_for(flat: bool, crds: bool, layout: str) -> None:  # noqa: FBT001 - cases
    assert layout_of(flat=flat, crds=crds) == layout


def test_two_layouts_at_once_are_refused() -> None:
    with pytest.raises(UserError, match="at once") as refused:
        layout_of(flat=True, crds=True)
    assert refused.value.status == 422
