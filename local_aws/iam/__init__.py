"""IAM as the local AWS enforces it: policies, what an operation needs, and who may do it."""
