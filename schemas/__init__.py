"""The contract: what may stand on a topic, and nothing else."""
