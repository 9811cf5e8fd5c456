"""What meets a rule -> alerts: raised, updated, escalated and cancelled with their evidence."""
