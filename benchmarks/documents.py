"""docs/benchmarks.md: what stands between the marks of a part is written from its report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks import ROOT
from benchmarks.machine import describe

if TYPE_CHECKING:
    from benchmarks.report import Report

DOCUMENT = ROOT / "docs" / "benchmarks.md"


def write(report: Report, runs: int) -> None:
    """Replace the part's section in the document."""
    DOCUMENT.write_text(replaced(DOCUMENT.read_text(encoding="utf-8"), report, runs), encoding="utf-8")


def replaced(document: str, report: Report, runs: int) -> str:
    """The document with the part's section as the report has it. Raises ValueError if it has no such section."""
    begin, end = f"<!-- measured: {report.part} -->", f"<!-- end: {report.part} -->"
    section = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    if not section.search(document):
        raise ValueError(f"{DOCUMENT} has no section {begin}")
    content = "\n".join(
        [begin, describe(runs), "", *(table.markdown() for table in report.all_tables()), end]
    )
    return section.sub(lambda _: content, document)
