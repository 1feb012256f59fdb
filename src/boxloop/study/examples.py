"""Examples of study files, for the docs; a test holds them to the format."""

_CATALOGUE = """
schema: 2
status: draft
seed: 0
task: classification
question:
  what: Is a point of light a star or a quasar, judged by its colours?
  why: Spectra exist for few of them, and quasars are wanted for follow-up.
  use: predictions
samples:
  train:
    path: data/own/stars.csv
    sha256: 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f
    reader: csv
    options: {delimiter: ";"}
    where: {r_mag: {low: 14, below: 21.5}}
    provenance: real
    duplicates: drop
  target: {source: all_points, files: "*.csv", provenance: real, parts: 4}
columns:
  id: object_id
  sky: {ra: ra, dec: dec, match: 1 arcsec}
  time: mjd
  features:
    u_mag:
      from: MAG_U
      unit: mag
      description: u magnitude
      error: u_err
      use_error: feature
      missing: {-9999: not_observed, 99: not_detected}
      limit: u_lim
    g_mag: {unit: mag, error: g_err}
    r_mag: {unit: mag, error: [r_err_down, r_err_up]}
  derived: {colours: {function: colours, bands: [u_mag, g_mag, r_mag]}}
  target: {name: class, from: CLASS, description: kind of object}
  excluded: {redshift: found from the spectrum that the class was found from}
  keep: [field]
  lineage: {u_mag: [u_flux]}
split: {protocol: holdout, group: field, test: 0.2, calibration: 0.1, folds: 5, repeats: 2,
  stratify: true}
metric: f1_macro
margin: 0.01
gates: [impossible_value, "leak:u_mag"]
embedding: tsne
models:
  - {name: dummy}
  - {name: logistic, parameters: {C: 1.0}}
  - {name: faint_only, kind: tree, features: [u_mag], candidate: false}
  - {name: small_forest, kind: forest, space: {min_samples_leaf: [1, 5, 20]}}
  - {name: dense, precision: float32}
  - name: boosting
    space: {learning_rate: {low: 0.01, high: 0.3, log: true, integer: false}}
  - name: survey
    kind: predictions
    column: OLD_CLASS
    probabilities: {QSO: P_QSO}
    labels: {Q: QSO, S: STAR}
    missing: ["?"]
    by: author2020
    trained_on: in_their_training
search: {strategy: random, chunk: 10, choose: one_standard_error}
budget: {trials: 20, minutes: 10}
probes: {shuffled: 1, learning_curve: [0.1, 0.3], seeds: 2, reweight: true}
groups: [g_mag, field, sky, class, [g_mag, field]]
protected: []
recalibrate: temperature
conformal: 0.9
prevalence: {QSO: 0.02}
degraders:
  - {name: noise, strengths: [0.5, 1, 2], columns: [u_mag]}
plausible:
  - {name: bright_stars, classes: [STAR], where: {r_mag: {low: 10, below: 15}}}
published:
  - {cite: author2020, metric: accuracy, value: 0.9, comparable: same_survey, note: brighter stars}
checklists: [boxloop, deon]
checklist:
  consent_needed:
    {answer: Stars are asked nothing., not_applicable: true, by: A. Author, date: 2026-01-31}
  drift:
    answer: Every new field is looked at before its objects are followed up.
    by: A. Author
    date: 2026-02-07
    evidence: apply/summary.json 0f0f0f0f0f0f, evaluate/shift.json 0f0f0f0f0f0f
report: {title: Stars and quasars, authors: [A. Author], prose: prose}
"""

_OWN_CODE = """
schema: 2
task: classification
question: {what: "Which stars flare?", why: "Flares heat the air of planets.", use: predictions}
code: [flares.py]
samples:
  train: {simulator: "flares:stars", n: 200, parameters: {noise: 0.04}, provenance: simulated}
columns:
  id: star_id
  light_curve: {time: time, value: value, error: error, band: band}
  image: {shape: [16, 16, 1]}
  target: kind
metric: accuracy
models:
  - {name: dummy}
  - {name: gru, function: "flares:recurrent", inputs: [light_curve], space: {units: [4, 8, 16]}}
search: {strategy: halving, halving: {first: 5, factor: 3}}
budget: {trials: 3}
degraders:
  - {name: clouds, function: "flares:clouds", strengths: [0.1, 0.3], parameters: {nights: 3}}
plausible:
  - {name: hot_stars_are_quiet, function: "flares:possible"}
report: {title: Flares, authors: [A. Author]}
"""

_MASSES = """
schema: 2
task: regression
question: {what: "How massive is a star?", why: "Planets are weighed by their stars."}
samples:
  train: {path: data/own/stars, files: "*.fits", sha256: SHA, provenance: real}
columns:
  sky: {ra: ra, dec: dec, block: 5 deg}
  features:
    teff: {unit: K, error: [teff_down, teff_up], use_error: resample}
    feh: {unit: dex, error: feh_err, use_error: weight}
  target: {name: mass, unit: solMass, error: [mass_down, mass_up], use_error: weight}
split: {protocol: outer_folds, outer: 5, by: chance}
metric: chi2
models:
  - {name: dummy}
  - {name: linear}
  - {name: mdn, space: {learning_rate: {low: 0.0001, high: 0.01, log: true}, components: [2, 5]}}
  - {name: from_isochrones, kind: predictions, column: iso_mass, sigma: iso_mass_err}
search: {strategy: optuna, sampler: TPESampler, round: 5}
plausible:
  - {name: burns_hydrogen, low: 0.08, high: 150}
report: {title: Masses of stars, authors: [A. Author]}
""".replace("SHA", "0f" * 32)

_FOLDERS = """
schema: 2
task: exploration
question: {what: "What is in a folder of images?", why: To see what is missing.}
code: [spectra.py]
samples:
  all: {path: data/own/flares, files: "*.csv", sha256: SHA, provenance: real}
columns:
  id: star_id
  light_curve:
    path: curves/{star_id}.csv
    time: mjd
    value: flux
    error: flux_err
    band: filter
    missing: drop
  image: {path: "stamps/{star_id}.png", shape: [32, 32, 3], crop: 64, missing: drop}
  own:
    spectrum:
      modality: "spectra:Spectrum"
      path: "spectra/{star_id}.npz"
      options: {grid: [500, 700, 40]}
      missing: drop
gates: [blank_image]
report: {title: A look at flares, authors: [A. Author]}
""".replace("SHA", "0f" * 32)

_VARIANT = """
schema: 2
extends: star_or_quasar
split: {group: field}
"""

#: A sentence and a study file, by the name of the study.
EXAMPLES: dict[str, tuple[str, str]] = {
    "star_or_quasar": ("A catalogue, with nearly every key in use:", _CATALOGUE),
    "flares": (
        "Light curves, images and functions of your own ([user_code.md](user_code.md)):",
        _OWN_CODE,
    ),
    "masses": (
        "Errors that differ downwards and upwards, in the features and in the target:",
        _MASSES,
    ),
    "stamps": (
        "A look at files of each object, without a target:",
        _FOLDERS,
    ),
    "by_field": ("A variant of the first, split by field; all else it takes over:", _VARIANT),
}
