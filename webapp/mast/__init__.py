"""What clients of MAST ask, answered from this archive's catalogue in MAST's own words.

The shapes are those that astroquery 0.4.11 sends and reads (``astroquery.mast``). A column that MAST has and this
catalogue does not hold is there and empty; a criterion on it is refused in words, never ignored.
"""
