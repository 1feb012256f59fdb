"""Units and angles of a study: what astropy reads is accepted, all else gets the nearest."""

import subprocess
import sys

import pytest
from astropy.coordinates import Angle
from astropy.units import Unit

from boxloop.study import quantities
from boxloop.study.quantities import angle_degrees, angle_fault, unit_fault

UNITS = [
    "mag",
    "dex",
    "K",
    "deg",
    "arcsec",
    "mas/yr",
    "km/s",
    "km.s-1",
    "solMass",
    "Msun",
    "R_sun",
    "erg/(s.cm2.Angstrom)",
    "1/d",
    "d-1",
    "erg.s-1.cm-2",
    "dex(cm/s2)",
    "mag/arcsec2",
    "nmgy",
    "%",
    "pix",
    "electron/s",
    "Mpc3",
    "10**-17erg",
]


@pytest.mark.parametrize("text", ["", "km s-1", *UNITS])
def test_a_unit_that_astropy_reads_is_accepted(text):
    Unit(text)
    assert unit_fault(text) is None


@pytest.mark.parametrize("text", ["ABmag", "STmag", "degC"])
def test_units_of_astronomers_that_astropy_does_not_read_are_accepted(text):
    with pytest.raises(ValueError):
        Unit(text)
    assert unit_fault(text) is None


def test_every_unit_known_without_astropy_is_one_it_reads():
    for text in quantities._SIMPLE - set(quantities._OTHER):
        Unit(text)


@pytest.mark.parametrize(
    ("text", "near"), [("magg", "mag"), ("arcsek", "arcsec"), ("km/sec2x", None), ("mag)", None)]
)
def test_any_other_unit_is_a_fault_that_names_the_nearest(text, near):
    fault = unit_fault(text)
    assert fault is not None and f"found {text!r}" in fault
    assert (f"did you mean {near!r}" in fault) if near else True


@pytest.mark.parametrize("text", ["1 arcsec", '1"', "0.5m", "1 deg", "0.001 rad", "3 mas"])
def test_an_angle_is_as_large_as_astropy_says(text):
    assert angle_degrees(text) == pytest.approx(Angle(text).deg, rel=1e-12)
    assert angle_fault(text) is None


@pytest.mark.parametrize(
    "text", ["1", "1 arcsek", "-1 arcsec", "0 deg", "close", "91 deg", "nan deg"]
)
def test_what_is_no_angle_of_use_is_a_fault(text):
    fault = angle_fault(text)
    assert fault is not None
    assert "expected an angle above 0 and up to 90 deg, for example 1 arcsec" in fault
    assert repr(text) in fault


def test_usual_units_and_angles_are_checked_without_astropy():
    program = (
        "import sys; from boxloop.study.quantities import angle_fault, unit_fault;"
        "faults = [unit_fault(u) for u in ('mag', 'km/s', 'dex', 'solMass', 'mas/yr')];"
        "assert faults + [angle_fault('1 arcsec')] == [None] * 6; print('astropy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
