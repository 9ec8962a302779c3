"""From settings to Dags, a module for each kind: a worker imports only what its own Dag needs."""
