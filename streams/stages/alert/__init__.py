"""The place of the alert stage: rules over events and control, in the order of the flow after both."""
