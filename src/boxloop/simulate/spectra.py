"""Simple spectra of galaxies, and their light through five broad bands.

A spectrum is a mixture of an old component, a blackbody with a break at 4000 Angstrom, and a young
one, a power law with a weak break, both behind a foreground of dust. Everything is analytic: there
are no template files, and the numbers are round ones, chosen to give plausible colours.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Centre and full width at half maximum of each band [Angstrom].
BANDS: dict[str, tuple[float, float]] = {
    "u": (3550.0, 600.0),
    "g": (4750.0, 1400.0),
    "r": (6200.0, 1300.0),
    "i": (7600.0, 1500.0),
    "z": (9100.0, 1300.0),
}

#: Wavelength at which both components have unit flux [Angstrom].
PIVOT = 5500.0
#: Nodes of the integral over a band.
NODES = 24
#: Temperature of the old component [K], and second radiation constant [Angstrom K].
OLD_TEMPERATURE = 5000.0
HC_OVER_K = 1.438777e8


def flux_density(
    wavelength: "Floats", young: "Floats", break_strength: "Floats", extinction: "Floats"
) -> "Floats":
    """Return flux per wavelength in the rest frame, in arbitrary units.

    Parameters
    ----------
    wavelength : ndarray, shape (n, m)
        Rest-frame wavelengths [Angstrom].
    young : ndarray, shape (n,)
        Fraction of the flux at 5500 Angstrom that the young component gives, before dust.
    break_strength : ndarray, shape (n,)
        Ratio of the old component's flux above the 4000 Angstrom break to that below.
    extinction : ndarray, shape (n,)
        Extinction at 5500 Angstrom [mag].

    Returns
    -------
    ndarray, shape (n, m)
    """
    young, strength = young[:, None], break_strength[:, None]
    above = 1 / (1 + np.exp(-(wavelength - 4000.0) / 60.0))
    ultraviolet = 1 / (1 + np.exp(-(wavelength - 2700.0) / 150.0))
    old = _blackbody(wavelength) / _blackbody(np.array(PIVOT))
    old *= (above + (1 - above) / strength) * (0.15 + 0.85 * ultraviolet)
    blue = (wavelength / PIVOT) ** -1.6 * (above + (1 - above) / 1.15)
    dust = 10 ** (-0.4 * extinction[:, None] * (PIVOT / wavelength) ** 0.9)
    return ((1 - young) * old + young * blue) * dust


def magnitudes(
    redshift: "Floats", young: "Floats", break_strength: "Floats", extinction: "Floats"
) -> dict[str, "Floats"]:
    """Return AB magnitudes of redshifted spectra, up to one constant that all bands share.

    Parameters
    ----------
    redshift, young, break_strength, extinction : ndarray, shape (n,)
        As in `flux_density`; the redshift is dimensionless.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        Magnitude [mag] in each of `BANDS`.
    """
    stretch = 1 + redshift[:, None]
    found = {}
    for band, (centre, width) in BANDS.items():
        observed = np.linspace(centre - 0.7 * width, centre + 0.7 * width, NODES)
        through = transmission(observed, band)
        flux = flux_density(observed / stretch, young, break_strength, extinction) / stretch
        photons = (flux * (observed * through)).sum(axis=1)
        found[band] = -2.5 * np.log10(photons / (through / observed).sum())
    return found


def transmission(wavelength: "Floats", band: str) -> "Floats":
    """Return the transmission of a band, between 0 and 1: a top hat with soft edges.

    Parameters
    ----------
    wavelength : ndarray
        Observed wavelengths [Angstrom].
    band : str
        One of `BANDS`.
    """
    centre, width = BANDS[band]
    return np.asarray(1 / (1 + (2 * np.abs(wavelength - centre) / width) ** 12))


def _blackbody(wavelength: "Floats") -> "Floats":
    return wavelength**-5.0 / np.expm1(HC_OVER_K / (wavelength * OLD_TEMPERATURE))
