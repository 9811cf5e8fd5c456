"""`python -m streams.edges.cli` is the command `frontwire`."""

from streams.edges.cli import main

main()
