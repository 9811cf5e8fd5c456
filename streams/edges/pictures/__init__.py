"""Pictures of control as SVG: a town's timeline, and a map as of a day. For those who would rather look than read."""
