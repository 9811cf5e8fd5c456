"""Match: records of a place -> what meets the alert rules."""
