"""Simulated galaxies with magnitudes in ugriz and a redshift, for photometric redshifts.

Number counts follow from the comoving volume and a luminosity function; spectra are the simple ones
of `boxloop.simulate.spectra`; noise, non-detections, calibration errors from field to field and a
selection in observed r magnitude make them look like a survey. The same function makes a bright
spectroscopic sample and a faint photometric one, by `limit` alone.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.simulate.spectra import BANDS, magnitudes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Value that stands for a magnitude which was not detected, as in many catalogues.
NOT_DETECTED = 99.0
#: Redshifts and absolute r magnitudes that are simulated.
REDSHIFTS = (0.02, 1.3)
FAINTEST = -16.0
#: Schechter function: characteristic absolute r magnitude at redshift 0, its change per unit of
#: redshift [mag], and the slope at the faint end. Round numbers near those of large surveys.
SCHECHTER = (-21.2, -0.9, -1.05)


def galaxies(
    n: int,
    *,
    seed: int,
    limit: float,
    depth: "Sequence[float]" = (22.2, 23.2, 23.0, 22.4, 21.0),
    detection: float = 3.0,
    fields: int = 40,
    zero_point: float = 0.015,
    floor: float = 0.02,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Simulate galaxies of a survey that is limited in magnitude.

    Parameters
    ----------
    n : int
        Number of galaxies.
    seed : int
        The same seed and parameters give the same galaxies.
    limit : float
        Faintest observed r magnitude [mag]: bright for a sample with spectra, faint for the
        sample whose redshifts are wanted.
    depth : sequence of five floats
        Magnitude at which the signal is five times the noise, in u, g, r, i, z [mag].
    detection : float
        Ratio of signal to noise below which a source counts as not detected in a band.
    fields : int
        Number of fields on the sky; the photometric calibration differs from one to the next.
    zero_point : float
        Standard deviation of the fields' zero points in each band [mag].
    floor : float
        Error that no exposure time removes, added in quadrature [mag].

    Returns
    -------
    table : pandas.DataFrame
        ``galaxy_id`` (text), ``u, g, r, i, z`` (AB magnitudes [mag]; 99 where not detected),
        ``u_err, ...`` (standard errors [mag]; missing where not detected), ``u_limit, ...``
        (magnitude of a source at the limit of detection [mag]), ``redshift``, ``field``
        (0 ... `fields` - 1).
    arrays : dict
        Empty: a galaxy has neither image nor light curve.

    Raises
    ------
    BoxloopError
        `limit` is beyond what the survey detects in r, or a number is out of range.
    """
    _check(n, limit, depth, detection, fields)
    rng = np.random.default_rng(seed)
    survey = _Survey(
        limit,
        dict(zip(BANDS, depth, strict=True)),
        detection,
        floor,
        rng.normal(0, zero_point, (fields, len(BANDS))),
    )
    counts = _Counts(limit + 0.6)
    parts: list[pd.DataFrame] = []
    while sum(len(p) for p in parts) < n:
        parts.append(survey.observe(counts.draw(int(1.4 * n) + 100, rng), rng))
    table = pd.concat(parts, ignore_index=True).iloc[:n].copy()
    table.insert(0, "galaxy_id", [f"sim{seed}-{i:07d}" for i in range(n)])
    return table, {}


@dataclass(frozen=True)
class _Galaxies:
    """True properties of galaxies, arrays of one length."""

    redshift: "Floats"
    magnitudes: dict[str, "Floats"]


class _Counts:
    """How many galaxies of each type and redshift are brighter than a magnitude."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.z = np.linspace(*REDSHIFTS, 200)
        self.type = (np.arange(24) + 0.5) / 24
        volume, self.modulus = _cosmology(self.z)
        kind, z = (a.ravel() for a in np.meshgrid(self.type, self.z, indexing="ij"))
        bright = magnitudes(z, *_spectrum(kind))["r"] - _rest_r(kind)
        faintest = limit - bright.reshape(len(self.type), -1) - self.modulus
        self.above_knee, self.number = _schechter()
        visible = self._brighter(faintest, self.z)
        self.weight = (visible * volume).ravel() / (visible * volume).sum()

    def draw(self, n: int, rng: np.random.Generator) -> _Galaxies:
        """Draw galaxies whose true r magnitude is brighter than the limit."""
        cell = rng.choice(self.weight.size, n, p=self.weight)
        kind = self.type[cell // len(self.z)] + rng.uniform(-0.5, 0.5, n) / len(self.type)
        step = self.z[1] - self.z[0]
        z = self.z[cell % len(self.z)] + rng.uniform(-0.5, 0.5, n) * step
        young, strength, dust = _spectrum(kind)
        scatter = rng.normal(size=(3, n))
        young = np.clip(young * 10 ** (0.1 * scatter[0]), 0, 1)
        strength = np.maximum(strength + 0.12 * scatter[1], 1.0)
        dust = np.abs(dust + 0.12 * scatter[2])
        shape = magnitudes(z, young, strength, dust)
        offset = np.interp(z, self.z, self.modulus) - _rest_r(kind)
        faintest = self.limit - shape["r"] - offset
        absolute = self._luminosity(faintest, z, rng.uniform(size=n))
        return _Galaxies(z, {b: m + offset + absolute for b, m in shape.items()})

    def _brighter(self, absolute: "Floats", z: "Floats") -> "Floats":
        """Return the relative number of galaxies brighter than an absolute magnitude."""
        limit = np.minimum(absolute, FAINTEST)
        return np.interp(limit - _knee(z), self.above_knee, self.number)

    def _luminosity(self, faintest: "Floats", z: "Floats", uniform: "Floats") -> "Floats":
        """Draw absolute magnitudes brighter than `faintest` by inverting the counts."""
        wanted = uniform * self._brighter(faintest, z)
        return np.interp(wanted, self.number, self.above_knee) + _knee(z)


@dataclass(frozen=True)
class _Survey:
    """What a survey makes of true magnitudes."""

    limit: float
    depth: dict[str, float]
    detection: float
    floor: float
    zero_points: "Floats"

    def observe(self, true: _Galaxies, rng: np.random.Generator) -> pd.DataFrame:
        """Add noise, mark what is not detected, keep what is selected in observed r."""
        n = len(true.redshift)
        field = rng.integers(len(self.zero_points), size=n)
        content: dict[str, Floats] = {}
        errors: dict[str, Floats] = {}
        for i, (band, depth) in enumerate(self.depth.items()):
            noise = 0.2 * 10 ** (-0.4 * depth)
            flux = 10 ** (-0.4 * true.magnitudes[band]) + rng.normal(0, noise, n)
            seen = flux > self.detection * noise
            safe = np.where(seen, flux, 1.0)
            shift = self.zero_points[field, i] + rng.normal(0, self.floor, n)
            measured = -2.5 * np.log10(safe) + shift
            error = np.hypot(2.5 / np.log(10) * noise / safe, self.floor)
            content[band] = np.where(seen, measured, NOT_DETECTED)
            errors[f"{band}_err"] = np.where(seen, error, np.nan)
        content |= errors
        for band, depth in self.depth.items():
            faintest = depth + 2.5 * np.log10(5 / self.detection)
            content[f"{band}_limit"] = np.full(n, faintest)
        table = pd.DataFrame({k: np.round(v, 4) for k, v in content.items()})
        table["redshift"] = np.round(true.redshift, 5)
        table["field"] = field
        return table[table["r"] < self.limit]


def _spectrum(kind: "Floats") -> tuple["Floats", "Floats", "Floats"]:
    """Return young fraction, break and extinction [mag] along the sequence 0 (old) to 1 (young).

    Four in ten galaxies are of one quiet kind, the others spread towards star formation.
    """
    active = np.clip((kind - 0.4) / 0.6, 0, 1)
    young = 0.03 + 0.77 * active**1.5
    return young, 2.0 - 0.3 * active, 0.1 + 0.35 * np.sin(np.pi * active) ** 2


def _rest_r(kind: "Floats") -> "Floats":
    return magnitudes(np.zeros_like(kind), *_spectrum(kind))["r"]


def _cosmology(z: "Floats") -> tuple["Floats", "Floats"]:
    """Return comoving volume per redshift, in relative units, and distance modulus [mag]."""
    from astropy.cosmology import FlatLambdaCDM

    cosmology = FlatLambdaCDM(H0=70.0, Om0=0.3)
    volume = cosmology.differential_comoving_volume(z).value
    return volume / volume.max(), cosmology.distmod(z).value


def _knee(z: "Floats") -> "Floats":
    return SCHECHTER[0] + SCHECHTER[1] * z


def _schechter() -> tuple["Floats", "Floats"]:
    """Tabulate the number of galaxies brighter than a magnitude counted from the knee."""
    relative = np.linspace(-4.0, FAINTEST - SCHECHTER[0] + 2.0, 1200)
    luminosity = 10 ** (-0.4 * relative)
    density = luminosity ** (SCHECHTER[2] + 1) * np.exp(-luminosity)
    return relative, np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])


def _check(n: int, limit: float, depth: "Sequence[float]", detection: float, fields: int) -> None:
    if len(depth) != len(BANDS):
        raise BoxloopError(f"depth: expected five magnitudes, for u, g, r, i, z; found {depth}")
    if n < 1 or fields < 1 or detection <= 0:
        raise BoxloopError(
            f"expected n and fields of at least 1 and detection above 0; found n {n}, "
            f"fields {fields}, detection {detection}"
        )
    faintest = depth[2] + 2.5 * np.log10(5 / detection)
    if not 14 < limit <= faintest:
        raise BoxloopError(
            f"limit: expected an r magnitude between 14 and {faintest:.2f}, the faintest that is "
            f"detected at this depth; found {limit}"
        )
