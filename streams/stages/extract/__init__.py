"""Extract: one article in, the mentions it makes out."""
