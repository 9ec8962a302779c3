"""What waits without a worker slot: one module a service, and what they share."""
