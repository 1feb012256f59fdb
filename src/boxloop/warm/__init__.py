"""Start scripts in processes that have their imports already.

A server process imports once a run what most scripts share, and forks for each. It knows nothing of
Snakemake, whose executor plugin (`snakemake_executor_plugin_warm`) asks it.
"""

from boxloop.warm.client import Script, Server, ServerGoneError, Started

__all__ = ["Script", "Server", "ServerGoneError", "Started"]
