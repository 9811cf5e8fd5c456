"""The simulator: the real pipeline, feed and delivery in one thread, over a made-up disk, clock and network.

A seed decides all that happens: what arrives, what breaks and when. First everything breaks, then nothing more does,
and then what was promised is checked by somebody who has seen only what went in and what came out.
"""
