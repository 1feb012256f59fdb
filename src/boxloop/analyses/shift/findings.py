"""Findings on training and target objects, in words."""

from typing import TYPE_CHECKING

from boxloop.findings import Finding, Severity, known

if TYPE_CHECKING:
    from boxloop.results.shift import Frequency, Prevalence, SampleComparison

#: Lower bounds of the area under the ROC curve from which a difference is large, or worth a word.
LARGE, SOME = 0.65, 0.55
#: Smallest effective sample size, a fraction, that is not alarming.
EFFECTIVE = 0.2
#: Changes of a frequency that matter: the factor, or the difference.
FACTOR, DIFFERENCE = 1.5, 0.1
#: Features that are named.
NAMED = 3


def about_samples(found: "SampleComparison | None") -> list[Finding]:
    """Remark on training objects that are unlike the target's.

    The lower bounds of both classifiers count, that which is larger: neither can tell equal
    samples apart. Nothing is said of what a chance difference of equal samples may be: the lower
    bound at which luck is all but excluded (``surely``) has to be above one half. A small effective
    size counts where the samples are told apart at all.
    """
    if not found or found["reason"]:
        return []
    aucs = [a for a in (found["auc"], found["linear"]) if a and a["low"] is not None]
    if not aucs or not found["effective"]:
        return []
    best = max(aucs, key=lambda a: known(a["low"]))
    effective, surely = found["effective"]["value"], max(known(a["surely"]) for a in aucs)
    if surely <= 0.5:
        return []
    severity: Severity = "medium"
    if known(best["low"]) > LARGE or effective < EFFECTIVE:
        severity = "high"
    elif surely <= SOME:
        return []
    drivers = [d["columns"] for d in found["drivers"] if d["drives"]]
    named = [c for d in drivers for c in d][:NAMED]
    where = f", above all by {_listed(named)}" if named else ""
    message = (
        f"Training objects are unlike the target objects: a classifier tells them apart{where}, "
        f"with an area under the ROC curve of {best['value']:.2f} "
        f"[{best['low']:.2f}, {best['high']:.2f}], where equal samples give 0.5. Weighted to look "
        f"like the target sample, they are worth {effective:.0%} of their number."
    )
    evidence = {
        "rows": found["rows"]["target"],
        "auc": best["value"],
        "low": best["low"],
        "effective": effective,
        "drivers": drivers,
    }
    return [
        Finding(
            severity, "unlike_target", named[0] if named else None, message, evidence, tuple(named)
        )
    ]


def about_prevalence(found: "Prevalence", model: str) -> list[Finding]:
    """Remark on classes whose frequency differs in the target sample, by all methods that can tell.

    Where the samples differ otherwise too, the estimates rest on an assumption that fails: then it
    is a note only, for `unlike_target` says what matters.
    """
    changed = []
    for entry in found["classes"]:
        given = [of for of in (entry["em"], entry["bbse"]) if of]
        if not given or not all(e["changed"] and _matters(e, entry["training"]) for e in given):
            continue
        if len({e["value"] > entry["training"] for e in given}) == 1:
            changed.append((entry, given[0]))
    target = found["target"]
    if not changed or target is None:
        return []
    remaining = found.get("remaining")
    fails = bool(remaining and (remaining["low"] or 0.0) > SOME)
    entry, first = max(changed, key=lambda c: abs(c[1]["value"] - c[0]["training"]))
    told = [
        f"{e['class']} {of['value']:.1%} [{of['low']:.1%}, {of['high']:.1%}] against "
        f"{e['training']:.1%}"
        for e, of in changed[:NAMED]
    ]
    message = (
        f"Classes are of other frequency among the target objects than among the labelled ones, by "
        f"what {model} predicts: {'; '.join(told)}."
    )
    if fails:
        message += (
            " The samples differ in more than the frequencies of the classes, so that these "
            "estimates may be wrong."
        )
    severity: Severity = "medium"
    if abs(first["value"] - entry["training"]) > 2 * DIFFERENCE:
        severity = "high"
    evidence = {
        "rows": target["rows"],
        "classes": [e["class"] for e, _ in changed],
        "training": {e["class"]: e["training"] for e, _ in changed},
        "estimate": {e["class"]: of["value"] for e, of in changed},
        "assumption_fails": fails,
    }
    return [Finding("low" if fails else severity, "prevalence_shift", None, message, evidence)]


def _matters(estimate: "Frequency", training: float) -> bool:
    value = estimate["value"]
    factor = max(value, training) / max(min(value, training), 1e-9)
    return bool(factor > FACTOR or abs(value - training) > DIFFERENCE)


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
