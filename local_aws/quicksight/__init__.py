"""QuickSight's data sources, data sets and SPICE ingestions, run on the local Athena."""
