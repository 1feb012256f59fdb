"""Compose the study from what was found: its sections, and the evidence for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from boxloop.draft.looks import Look
from boxloop.draft.markers import find_markers
from boxloop.draft.names import valid_name
from boxloop.draft.roles import Roles
from boxloop.draft.target import Target
from boxloop.draft.units import unit_of

KeyPath = tuple[str | int, ...]

#: Part of the rows that may be missing before it is said.
MISSING = 0.5


@dataclass
class Draft:
    """A study in the making.

    Attributes
    ----------
    content : dict
        The sections of the study file, in order.
    notes : dict
        Evidence by key path.
    names : dict
        Of a column of the file: its name in the study.
    left_out : dict
        Features that stand in the file as comments, each as (content, evidence).
    """

    content: dict[str, Any] = field(default_factory=dict)
    notes: dict[KeyPath, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, tuple[Any, str]] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, Any]:
        """The section ``columns``."""
        columns: dict[str, Any] = self.content["columns"]
        return columns

    def note(self, *at: str | int, text: str) -> None:
        """Say something about a key, after what has been said already."""
        said = self.notes.get(at)
        self.notes[at] = f"{said}; {text}" if said else text

    def leave_out(self, name: str, evidence: str) -> None:
        """Turn a feature into a comment, and its column into one that is excluded."""
        feature = self.columns["features"].pop(name)
        note = self.notes.pop(("columns", "features", name), "")
        self.left_out[name] = (feature, f"left out, see excluded; {note}" if note else "left out")
        excluded = self.columns.setdefault("excluded", {})
        column, errors = feature.get("from", name), feature.get("error", [])
        excluded[column] = evidence
        for error in [errors] if isinstance(errors, str) else errors:
            excluded[error] = f"error of {column}, which is left out"


def compose_columns(
    draft: Draft, roles: Roles, looks: Mapping[str, Look], target: Target | None
) -> None:
    """Write the section ``columns``.

    Parameters
    ----------
    draft : Draft
        Gets the section, its notes, and the names.
    roles : Roles
    looks : mapping of str to Look
    target : Target or None
    """
    columns: dict[str, Any] = {}
    draft.content["columns"] = columns
    if roles.id:
        columns["id"] = roles.id[0] if len(roles.id) == 1 else list(roles.id)
        draft.note("columns", "id", text="different in every row")
    else:
        draft.note("columns", text="no column identifies the rows: file and row number do")
    if roles.sky.ra:
        sky = {"ra": roles.sky.ra, "dec": roles.sky.dec, "match": "1 arcsec"}
        columns["sky"] = sky
        draft.note("columns", "sky", text=roles.sky.evidence)
    _name_features(draft, roles, target)
    columns["features"] = {
        draft.names[n]: _feature(draft, looks[n], roles, looks) for n in roles.features
    }
    if target is not None:
        columns["target"] = _target(draft, target, roles, list(looks))
        draft.note("columns", "target", text=target.why)
        if target.classes:
            counted = ", ".join(f"{c} {n}" for c, n in list(target.classes.items())[:30])
            draft.note("columns", "target", text=f"objects by class: {counted}")
    if roles.keep:
        columns["keep"] = list(roles.keep)
        draft.note("columns", "keep", text="carried along, not offered to models")
    if roles.excluded:
        columns["excluded"] = dict(roles.excluded)


def compose_question(
    draft: Draft, target: Target | None, origin: str, authors: Sequence[str]
) -> None:
    """Write question and report: placeholders that promise nothing."""
    n = len(draft.columns.get("features", {}))
    if target is None:
        what = f"What do the {n} columns of {origin} look like?"
        title = f"A look at {origin}"
    else:
        what = f"How well can {target.look.name} be predicted from other columns of {origin}?"
        title = f"{target.look.name} from {origin}: a first draft"
    why = "Not yet said: a draft by boxloop new. Write here why the answer matters."
    draft.content["question"] = {"what": what, "why": why, "use": "predictions"}
    draft.note("question", text="placeholders, for you to replace")
    draft.content["report"] = {"title": title, "authors": list(authors)}


def _name_features(draft: Draft, roles: Roles, target: Target | None) -> None:
    """Give each feature a name; the file's own where the study takes it.

    Names that the data stage makes itself, such as ``<feature>_err``, are not taken.
    """
    taken = {*roles.keep, *roles.id, roles.sky.ra, roles.sky.dec, *(n for n, _ in roles.groups)}
    if target is not None:
        draft.names[target.look.name] = valid_name(target.look.name, taken)
        taken.add(draft.names[target.look.name])
    for name in roles.features:
        given = valid_name(name, taken)
        draft.names[name] = given
        ends = ("_err", "_err_low", "_err_high", "__state", "__limit", "_err__state")
        taken |= {given, *(given + end for end in ends)}


def _feature(draft: Draft, look: Look, roles: Roles, looks: Mapping[str, Look]) -> dict[str, Any]:
    given = draft.names[look.name]
    at: KeyPath = ("columns", "features", given)
    known = unit_of(look, looks)
    feature: dict[str, Any] = {"from": look.name} if given != look.name else {}
    if known.unit:
        feature["unit"] = known.unit
    if known.source == "name":
        draft.note(*at, text="unit guessed from the name")
    if known.description:
        feature["description"] = known.description
    markers = find_markers(look, known.unit)
    for value, (meaning, count) in markers.items():
        feature.setdefault("missing", {})[value] = meaning
        draft.note(*at, text=f"{value:g} in {count} of {look.rows} rows")
    errors = roles.errors.get(look.name, [])
    if errors:
        feature["error"] = errors[0] if len(errors) == 1 else list(errors)
    for error in errors:  # what marks a missing error is read as one only if it is declared here
        for value, (meaning, _) in find_markers(looks[error], known.unit).items():
            if value not in markers and not (look.finite == value).any():
                feature.setdefault("missing", {})[value] = meaning
    gone = look.missing + sum(count for _, count in markers.values())
    if gone > MISSING * look.rows:
        draft.note(*at, text=f"missing in {gone} of {look.rows} rows")
    return feature


def _target(draft: Draft, target: Target, roles: Roles, names: Sequence[str]) -> Any:
    look = target.look
    given = draft.names[look.name]
    known = unit_of(look, names)
    content: dict[str, Any] = {"name": given}
    if given != look.name:
        content["from"] = look.name
    if known.unit and target.task == "regression":
        content["unit"] = known.unit
    if known.source == "name" and target.task == "regression":
        draft.note("columns", "target", text="unit guessed from the name")
    if known.description:
        content["description"] = known.description
    errors = roles.errors.get(look.name)
    if errors and target.task == "regression":
        content["error"] = errors[0] if len(errors) == 1 else list(errors)
    return content if len(content) > 1 else given
