"""Numbers of a report: where each was read, and how it is rounded and written."""
