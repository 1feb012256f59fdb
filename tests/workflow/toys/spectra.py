"""Spectra as a kind of data of one's own: flux and error on a grid of wavelengths."""

import numpy as np

from boxloop.errors import BoxloopError
from boxloop.findings import Finding
from boxloop.modalities import Modality, Summary


class Spectrum(Modality):
    """Spectra in .npz files with ``wavelength`` [nm], ``flux`` and ``error``.

    Options are the ``grid`` that all are brought to: first and last wavelength [nm], number of
    pixels. A table holds them as an array (rows, 2, pixels), flux and error, NaN beyond the ends.
    """

    def read_file(self, path):
        """Return flux and error of one spectrum on the grid, shape (2, pixels)."""
        try:
            with np.load(path) as file:
                wavelength, flux, error = (file[k] for k in ("wavelength", "flux", "error"))
        except (OSError, ValueError, KeyError) as fault:
            raise BoxloopError(f"{path}: expected wavelength, flux and error; {fault}") from None
        ends = {"left": np.nan, "right": np.nan}
        grid = np.linspace(*self.options["grid"])
        return np.stack([np.interp(grid, wavelength, y, **ends) for y in (flux, error)])

    def check(self, table, *, seed):
        """Remark on spectra without any light."""
        dark = ~np.any(np.isfinite(self.values(table)[:, 0]), axis=1)
        if not dark.any():
            return []
        message = f"{dark.sum()} of {len(dark)} spectra have no flux on the grid"
        evidence = {"rows": int(dark.sum()), "ids": [str(i) for i in table.ids[dark][:10]]}
        return [Finding("high", "empty", self.name, message, evidence)]

    def summaries(self, table, *, seed):
        """Describe each spectrum by its median flux and its median signal to noise."""
        flux, error = np.moveaxis(self.values(table), 1, 0)
        found = {"flux": (flux, "median flux"), "snr": (flux / error, "median signal to noise")}
        return {
            f"{self.name}.{key}": Summary(np.nanmedian(values, axis=1), text)
            for key, (values, text) in found.items()
        }

    def learn(self, recipe, table):
        """Learn mean and standard deviation of each pixel, from the rows to fit to."""
        shape = _shape(self.values(table))
        scale = shape.std(axis=0)
        centre = shape.mean(axis=0).tolist()
        return {"centre": centre, "scale": np.where(scale > 0, scale, 1).tolist()}

    def transform(self, recipe, learnt, table):
        """Return spectra over their median, each pixel scaled, shape (rows, pixels)."""
        shape = _shape(self.values(table))
        return ((shape - learnt["centre"]) / learnt["scale"]).astype(np.float32)

    @property
    def degraders(self):
        """What makes spectra worse: the degrader ``noise`` of studies."""
        return {"noise": self.noisier}

    def noisier(self, table, strength, *, rng):
        """Add noise of `strength` times the errors, which grow accordingly."""
        flux, error = np.moveaxis(self.values(table), 1, 0)
        flux = flux + strength * error * rng.standard_normal(flux.shape)
        error = error * np.sqrt(1 + strength**2)
        return self.with_values(table, np.stack([flux, error], axis=1))


def _shape(values):
    """Return the fluxes over their median; 1, as if there were no line, where there is none."""
    flux = values[:, 0]
    relative = flux / np.nanmedian(flux, axis=1, keepdims=True)
    return np.where(np.isfinite(relative), relative, 1.0)
