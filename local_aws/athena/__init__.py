"""Athena of the local AWS: statements really executed, DDL into Glue's catalog, SELECT on DuckDB."""
