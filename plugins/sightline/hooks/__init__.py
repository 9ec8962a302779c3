"""AWS, spoken to with an account's connection.

account, sessions      one account's role, assumed once a task
athena, glue, s3, quicksight, ledger   what a load does
buckets, workgroups, data_sets         what provisioning makes
"""
