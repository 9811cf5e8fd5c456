"""Alert delivery: each alert revision to the targets that want it, at least once, with an id that never changes.

`targets` says who wants what; `courier` follows the log and sends; the `deliveries` topic is all that is remembered.
"""
