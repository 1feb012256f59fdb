"""Messages that the user has to see, marked so that they are found whole in a log.

They stand apart from the errors, on which simulators rest: what changes here is no other data.
"""

import sys

#: How a message begins, and its further lines.
MARK, FURTHER = "boxloop: ", "    "


def tell(message: object) -> None:
    """Print a message that the user has to see: marked, so that it is found whole in a log.

    It goes out in one write and begins a line of its own, for Snakemake writes the end of a line
    apart from the line, and others may write between both.
    """
    text = MARK + str(message).replace("\n", "\n" + FURTHER)
    print(f"\n{text}\n", end="", file=sys.stderr, flush=True)
