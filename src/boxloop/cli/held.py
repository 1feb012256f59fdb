"""Who holds a project's folder, and how it is freed."""

from pathlib import Path

from boxloop import slurm


def held(project: Path) -> list[str]:
    """Say who runs in a folder or, where nobody does, how the lock of a killed run is taken away.

    Returns
    -------
    list of str
        Empty where the folder is free.
    """
    alive = slurm.holders(project)
    said = [
        f"this folder is held by {holder}. Wait for it (boxloop status says how far it is), or "
        "end it there"
        for holder in alive
    ]
    if alive or not any((project / ".snakemake/locks").glob("*.lock")):
        return said
    killed = slurm.holders(project, dead=True)
    how = killed[-1].recovery if killed else "make recover STUDY=... PROFILE=..."
    return [f"this folder is still locked by a run that was killed: {how} frees it and goes on"]
