"""What a study says in one place against what it says in another, by subject."""

#: Where it is, as a key path, and what to do.
Mismatch = tuple[tuple[str | int, ...], str]
