"""The stages of a load and of provisioning: one module a service."""
