"""What the real Hive reads: golden answers of its classes, and the programs that ask them (`make golden`)."""
