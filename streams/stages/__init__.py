"""The stages: pure functions from a state and a record to a state and records."""
