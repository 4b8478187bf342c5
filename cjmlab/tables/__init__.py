"""The tables that flow through the house: their schemas, and the doors at which they are checked."""

from cjmlab.tables.doors import check_table, need_columns, need_times, open_table
from cjmlab.tables.fitting import as_names, fit_columns
from cjmlab.tables.schemas import (
    ANONYMOUS,
    ASKS,
    GRADES,
    HUMAN_CODES,
    MOMENT_KINDS,
    SCHEMAS,
    SOURCE_TYPES,
    Column,
    Schema,
    Table,
    about,
    describe_table,
)

__all__ = [
    "ANONYMOUS",
    "ASKS",
    "GRADES",
    "HUMAN_CODES",
    "MOMENT_KINDS",
    "SCHEMAS",
    "SOURCE_TYPES",
    "Column",
    "Schema",
    "Table",
    "about",
    "as_names",
    "check_table",
    "describe_table",
    "fit_columns",
    "need_columns",
    "need_times",
    "open_table",
]
