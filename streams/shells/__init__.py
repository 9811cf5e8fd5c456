"""The shells: they move bytes, keep state and call the stages."""
