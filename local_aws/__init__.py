"""An AWS on this machine for demo and tests: moto as the store, Athena and QuickSight really run, IAM enforced."""
