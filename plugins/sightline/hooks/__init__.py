"""AWS, spoken to with an account's connection: one module a service."""
