"""A SLURM cluster of one node on this machine, from Debian's packages, for the tests.

    python tests/cluster/local_cluster.py start FOLDER     writes /etc/slurm, starts the daemons
    python tests/cluster/local_cluster.py stop FOLDER      ends them, removes what start wrote

Needs root and the packages munge, slurmctld, slurmd and slurm-client. The configuration stands in
/etc/slurm because jobs do not inherit SLURM_CONF; where a slurm.conf is there already, nothing is
touched. The node claims more cores than it has, so that several jobs run at once, and a GPU: the
machine's first one, else a plain file. What the partition `urgent` needs, jobs of the others make
room for.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ETC = Path("/etc/slurm")
WRITTEN = "slurm.conf", "gres.conf"
#: Cores and memory [MB] that the node claims.
CORES, MEMORY = 4, 8000
#: Longest time [min] in the partition `short`.
SHORT = 15
#: Seconds that a daemon gets to answer.
PATIENCE = 600

_CONFIGURATION = """
ClusterName=boxloop
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherParams=OverMemoryKill
JobAcctGatherFrequency=2
MpiDefault=none
ReturnToService=2
MinJobAge=600
SchedulerParameters=sched_interval=2
InactiveLimit=0
KillWait=30
GresTypes=gpu
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} Gres=gpu:1 State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES MaxTime=INFINITE GraceTime=10 State=UP
PartitionName=gpu Nodes={host} MaxTime=INFINITE State=UP
PartitionName=urgent Nodes={host} PriorityTier=10 PreemptMode=OFF State=UP
PartitionName=short Nodes={host} MaxTime={short} State=UP
"""


@dataclass(frozen=True)
class LocalCluster:
    """The daemons of a cluster; `folder` holds their logs, spool and process numbers."""

    folder: Path

    @property
    def node(self) -> str:
        """Name of the node."""
        return socket.gethostname().partition(".")[0]

    def start(self) -> None:
        """Write the configuration and start munged, slurmctld and slurmd.

        Raises
        ------
        RuntimeError
            There is a slurm.conf already, a program is missing, or a daemon does not answer.
        """
        if (ETC / "slurm.conf").exists():
            raise RuntimeError(f"{ETC}/slurm.conf is there already; it is not touched")
        missing = [p for p in ("munged", "slurmctld", "slurmd", "squeue") if not shutil.which(p)]
        if missing:
            raise RuntimeError(f"not installed: {', '.join(missing)}")
        for name in ("state", "spool"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        host = self.node
        (self.folder / "gpu0").touch()
        gpu = next(iter(sorted(Path("/dev").glob("nvidia[0-9]*"))), self.folder / "gpu0")
        ETC.mkdir(exist_ok=True)
        claims = {"cores": CORES, "memory": MEMORY, "short": SHORT}
        text = _CONFIGURATION.format(host=host, folder=self.folder, **claims)
        (ETC / "slurm.conf").write_text(text)
        (ETC / "gres.conf").write_text(f"NodeName={host} Name=gpu File={gpu}\n")
        self._start_munge()
        self.start_controller()
        self.start_node()
        self._wait(lambda: "idle" in self.output("sinfo", "-h", "-o", "%T"), "the node is not idle")

    def _start_munge(self) -> None:
        if subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode == 0:
            return
        run = Path("/run/munge")
        run.mkdir(exist_ok=True)
        shutil.chown(run, "munge", "munge")
        key = Path("/etc/munge/munge.key")
        if not key.is_file():
            key.write_bytes(os.urandom(1024))
            shutil.chown(key, "munge", "munge")
            key.chmod(0o400)
        subprocess.run(["runuser", "-u", "munge", "--", "munged"], check=True, timeout=600)
        (self.folder / "munged.pid").write_text((run / "munged.pid").read_text())

    def start_controller(self) -> None:
        """Start slurmctld and wait until it answers."""
        subprocess.run(["slurmctld"], check=True, timeout=600)
        self._wait(lambda: "UP" in self.output("scontrol", "ping"), "slurmctld does not answer")

    def start_node(self) -> None:
        """Start slurmd."""
        subprocess.run(["slurmd"], check=True, timeout=600)

    def kill(self, daemon: str) -> None:
        """Kill a daemon as a crash would."""
        os.kill(int((self.folder / f"{daemon}.pid").read_text()), signal.SIGKILL)

    def end(self, daemon: str) -> None:
        """End one daemon of this cluster, by the number it wrote down itself."""
        file = self.folder / f"{daemon}.pid"
        if not file.is_file():
            return
        process = int(file.read_text())
        try:
            os.kill(process, signal.SIGTERM)
            self._wait(lambda: not Path(f"/proc/{process}").exists(), f"{daemon} does not end")
        except ProcessLookupError:
            pass
        file.unlink(missing_ok=True)

    def stop(self) -> None:
        """Cancel all jobs, end what was started, remove what was written."""
        subprocess.run(["scancel", "-u", "root"], capture_output=True, check=False, timeout=600)
        for daemon in ("slurmd", "slurmctld", "munged"):
            self.end(daemon)
        for name in WRITTEN:
            (ETC / name).unlink(missing_ok=True)

    def output(self, *command: str) -> str:
        """Return what a command of SLURM prints."""
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        return done.stdout

    def _wait(self, ready: object, trouble: str) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if ready():  # type: ignore[operator]
                return
            time.sleep(0.3)
        log = self.folder / "slurmctld.log"
        raise RuntimeError(f"{trouble}\n{log.read_text()[-2000:] if log.is_file() else ''}")


def sent(folder: Path) -> list[dict[str, str]]:
    """What SLURM knows of all jobs of a folder, also of those that ended, by its own names."""
    done = subprocess.run(
        ["scontrol", "--oneliner", "show", "job"],
        capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    jobs = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in done.stdout.splitlines()]
    return [job for job in jobs if job.get("WorkDir") == str(folder.resolve())]


if __name__ == "__main__":
    cluster = LocalCluster(Path(sys.argv[2]).resolve())
    {"start": cluster.start, "stop": cluster.stop}[sys.argv[1]]()
