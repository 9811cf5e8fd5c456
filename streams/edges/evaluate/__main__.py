"""`python -m streams.edges.evaluate`."""

from __future__ import annotations

import sys

from streams.edges.evaluate.command import main

sys.exit(main())
