"""Every error of Sightline: what happened, to what, and what to do next; its attributes are the facts.

SightlineError
├── Refusal                      a retry cannot help
│   ├── SettingsError            include/accounts.yaml (or $SIGHTLINE_ACCOUNTS) cannot be used
│   ├── UnknownAccount           a name that accounts.yaml does not have
│   ├── MissingConnection        the Airflow connection of an account does not exist
│   ├── RoleMismatch             a connection assumes another role than the settings say
│   ├── AccessRefused            AWS refused an action
│   ├── SourceRefused            a source is not what was declared
│   │   ├── LateSource           not there although its due day has passed
│   │   ├── StrayObject          under a partition's location, but not matched by the table's pattern
│   │   ├── EmptySource          not a single record
│   │   ├── WrongCompression     name, content and declared compression do not agree
│   │   ├── BrokenGzip           cannot be decompressed to its end
│   │   ├── NotUtf8              another encoding
│   │   ├── ByteOrderMark        a byte order mark within the text
│   │   ├── NulBytes             no text
│   │   ├── LineTooLong          no text, or no line ends
│   │   ├── BlankLines           Athena would read rows of NULLs
│   │   ├── HeaderMismatch       other columns, or another order
│   │   ├── RaggedLines          lines with more or fewer values than columns
│   │   ├── QuotedFields         quotation marks, but a SerDe without quoting
│   │   ├── BadQuotes            quoting that OpenCSVSerDe reads otherwise
│   │   ├── LineEndsDiffer       records that are not lines
│   │   └── BadValues            values that Athena would not read as they are written
│   ├── UnsafeStatement          a text that must not become part of a statement
│   ├── CatalogMismatch          Glue has another table than the settings declare
│   ├── PlanOutdated             a task was cleared without the plan that it works by
│   ├── LedgerUnreadable         a line of the ledger is not one of ours
│   ├── PartitionsUnclear        a partition is of no month, or a month is registered twice
│   ├── TableMissing             Glue has no such table
│   ├── QueryRefused             Athena refused a statement for a reason that stays
│   ├── FiguresDiffer            Athena does not read what the files hold
│   ├── ScanCutoffReached        the workgroup ended a query that read too much
│   ├── DataSourceFailed         QuickSight cannot connect to Athena
│   ├── IngestionRefused         QuickSight ended an ingestion for a reason that stays
│   ├── RowsDropped              SPICE does not have every row
│   ├── ChangedDuringIngestion   SPICE may hold what nobody has checked
│   ├── GateHeld                 a month under the data set is not checked, or was found bad
│   └── QuotaSpent               no ingestion is left for now
└── Transient                    a retry may help
    ├── Killed                   the task was killed; what it had started is cancelled
    ├── ClockSkewed              AWS refused a signature: one worker's clock is off
    ├── SourceChangedMeanwhile   a source object was written again while it was loaded
    ├── QueryExecutionFailed     Athena ended a query as FAILED or CANCELLED
    ├── LedgerContended          others wrote the ledger again and again
    └── IngestionFailed          QuickSight ended an ingestion without success
"""

from sightline.errors.access import AccessRefused, ClockSkewed, MissingConnection, RoleMismatch
from sightline.errors.athena import (
    CatalogMismatch,
    FiguresDiffer,
    PartitionsUnclear,
    QueryExecutionFailed,
    QueryRefused,
    ScanCutoffReached,
    TableMissing,
    side_by_side,
)
from sightline.errors.base import Killed, Refusal, SightlineError, Transient, did_you_mean, named, one_line
from sightline.errors.contents import (
    BadColumn,
    BadQuotes,
    BadValues,
    BlankLines,
    BrokenGzip,
    ByteOrderMark,
    EmptySource,
    HeaderMismatch,
    LineEndsDiffer,
    LineTooLong,
    NotUtf8,
    NulBytes,
    QuotedFields,
    RaggedLines,
    WrongCompression,
)
from sightline.errors.ledger import LedgerContended, LedgerUnreadable, PlanOutdated
from sightline.errors.quicksight import (
    ChangedDuringIngestion,
    DataSourceFailed,
    GateHeld,
    IngestionFailed,
    IngestionRefused,
    QuotaSpent,
    RowsDropped,
    may_hold,
)
from sightline.errors.settings import Problem, SettingsError, UnknownAccount
from sightline.errors.sources import LateSource, SourceChangedMeanwhile, SourceRefused, StrayObject
from sightline.errors.statements import UnsafeStatement

__all__ = [
    "AccessRefused",
    "BadColumn",
    "BadQuotes",
    "BadValues",
    "BlankLines",
    "BrokenGzip",
    "ByteOrderMark",
    "CatalogMismatch",
    "ChangedDuringIngestion",
    "ClockSkewed",
    "DataSourceFailed",
    "EmptySource",
    "FiguresDiffer",
    "GateHeld",
    "HeaderMismatch",
    "IngestionFailed",
    "IngestionRefused",
    "Killed",
    "LateSource",
    "LedgerContended",
    "LedgerUnreadable",
    "LineEndsDiffer",
    "LineTooLong",
    "MissingConnection",
    "NotUtf8",
    "NulBytes",
    "PartitionsUnclear",
    "PlanOutdated",
    "Problem",
    "QueryExecutionFailed",
    "QueryRefused",
    "QuotaSpent",
    "QuotedFields",
    "RaggedLines",
    "Refusal",
    "RoleMismatch",
    "RowsDropped",
    "ScanCutoffReached",
    "SettingsError",
    "SightlineError",
    "SourceChangedMeanwhile",
    "SourceRefused",
    "StrayObject",
    "TableMissing",
    "Transient",
    "UnknownAccount",
    "UnsafeStatement",
    "WrongCompression",
    "did_you_mean",
    "may_hold",
    "named",
    "one_line",
    "side_by_side",
]
