"""Why jobs of a cluster failed, in a line each, from the logs that SLURM leaves of them."""

import re
from pathlib import Path

from boxloop.messages import FURTHER, MARK

#: Where SLURM writes; profiles/slurm/config.yaml says the same.
LOGS = "logs/slurm"
#: How SLURM speaks, by version and plugin, and what it means.
_SAID = {
    r"exceeded job memory limit|exceeded memory limit|oom[- _]kill|out[- ]of[- ]memory": (
        "took more memory than it asked for ({mem_mb} MB at its last attempt): "
        "raise mem_mb of {rule} in the profile, or make the catalogue smaller"
    ),
    r"due to time limit": (
        "reached its time limit ({runtime} min): raise runtime of {rule} in the profile and run "
        "again; a training goes on from its checkpoint"
    ),
    r"due to preemption": "made room for others; run again, a training goes on from its checkpoint",
    r"due to node failure|node_fail": "was lost with its node; run again",
    r"cancelled at": "was cancelled; run again, a training goes on from its checkpoint",
}


def reasons(project: Path, since: float) -> list[str]:
    """Return for each job that failed which it was and why, as far as that is known.

    Parameters
    ----------
    project : Path
    since : float
        Only logs written after this time [s since 1970].

    Returns
    -------
    list of str
        Of several attempts of a job the last.
    """
    found: dict[str, tuple[float, str]] = {}
    for path in (project / LOGS).rglob("*.log"):
        try:
            written = path.stat().st_mtime
            if written < since:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        rule = path.relative_to(project / LOGS).parts[0].removeprefix("rule_")
        job = " ".join([rule, *path.relative_to(project / LOGS).parts[1:-1]])
        line = own_error(text, rule)
        if not line and (why := _why(text, rule)):
            line = f"{job} (SLURM job {path.stem}) {why}; its log: {path}"
        if line and written >= found.get(job, (0.0, ""))[0]:
            found[job] = (written, line)
    return [line for _, line in sorted(found.values())]


def own_error(text: str, rule: str) -> str:
    """Return the error that a job has told of itself (`boxloop.job`), or nothing."""
    more = rf"(?:\n{FURTHER}.*)*"
    found = re.search(rf"^{MARK}({rule}\b[^(:\n]*:.*{more})", text, re.MULTILINE)
    return found[1].replace("\n" + FURTHER, "\n") if found else ""


def hopeless(text: str, rule: str) -> bool:
    """Whether a job has told of an error that another attempt would meet again.

    One that came from the files or the disk of its node names the node, and may be that node's.
    """
    own = own_error(text, rule)
    return bool(own) and not re.search(r"\(on \S+\)$", own)


def _why(text: str, rule: str) -> str:
    # A GPU that is full is another matter than the memory that SLURM watches.
    text = "\n".join(line for line in text.splitlines() if "cuda" not in line.lower())
    for pattern, meaning in _SAID.items():
        if re.search(pattern, text, re.IGNORECASE):
            asked = {k: _resource(text, k) for k in ("mem_mb", "runtime")}
            return meaning.format(rule=rule, **asked)
    return ""


def _resource(text: str, name: str) -> str:
    """Return what the job's log says that it asked for."""
    found = re.search(rf"\b{name}[=:]\s*(\d+)", text)
    return found[1] if found else "?"
