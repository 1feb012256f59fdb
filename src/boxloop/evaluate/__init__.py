"""Stage *evaluate*: predictions of all sets, and the ledger; scores stand in `analyses.scores`."""
