"""Stage *report*: vector figures, LaTeX, PDF and one web page, every number with its source."""
