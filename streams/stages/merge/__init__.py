"""Mentions of one real-world event become one event; restatements of one claim become one claim."""
