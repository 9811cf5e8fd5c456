"""The live feed: an HTTP API, a stream of server-sent events, and a map page, over any log.

::

    log ──▶ tail ──▶ read model ──▶ queries ──▶ api      answers over both time axes
              │
              └────▶ hub ─────────▶ stream               what is new, at once, resumable

The read model is a projection: it follows the topics by offset and can be thrown away at any time.
"""

from streams.edges.feed.client import follow
from streams.edges.feed.server import serve

__all__ = ["follow", "serve"]
