"""Articles in: from files, folders, standard input and pages to records on the `articles` topic.

A `Piece` is what was found (sources.py), an `Article` what was read of it (articles.py), and what cannot be read is a
`Refusal`, which ends as a dead letter with its bytes and the reason (ingest.py).
"""
