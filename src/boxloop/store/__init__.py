"""The one place that knows file formats; everything is written beside and then renamed."""

from boxloop.store.files import (
    fits_pattern,
    plain,
    read_json,
    sha256,
    sha256_files,
    sha256_folder,
    sha256_of,
    write_json,
    write_text,
    write_yaml,
    writing,
)
from boxloop.store.table import (
    Column,
    Table,
    read_batches,
    read_frame,
    read_table,
    write_frame,
    write_table,
)

__all__ = [
    "Column",
    "Table",
    "fits_pattern",
    "plain",
    "read_batches",
    "read_frame",
    "read_json",
    "read_table",
    "sha256",
    "sha256_files",
    "sha256_folder",
    "sha256_of",
    "write_frame",
    "write_json",
    "write_table",
    "write_text",
    "write_yaml",
    "writing",
]
