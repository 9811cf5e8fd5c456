"""events and control changes -> alerts: rules that begin to hold, change, grow graver, or hold no more."""
