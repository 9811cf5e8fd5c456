"""An article's explanation as one HTML page that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from schemas.article import Article
from streams.stages.extract.document import Sentence

Told = tuple[Article, Sequence[tuple[Sentence, Sequence[str]]]]
"""An article; each sentence with what became of it, in lines that begin with `read` or `left`."""

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h2, .head { margin-bottom: 0 } .head, .spot { color: #666; font-size: .85rem }
p { margin: 1rem 0 .2rem } .repeats { color: #888 }
mark { background: none; border-bottom: 3px solid } .place { border-color: #18a } .actor { border-color: #c80 }
.source { border-color: #a3a } ul { margin: 0; padding-left: 1.2rem; font-size: .9rem }
.read::marker { content: "✓ "; color: #080 } .left::marker { content: "✗ "; color: #a00 } .left { color: #777 }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } }
"""


def page_of(told: Sequence[Told]) -> str:
    """The page. Every text of an article in it is escaped."""
    articles = "\n".join(_article(*one) for one in told)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>What was read</title><style>{_STYLE}</style></head>\n<body>"
        '<p class="head"><mark class="place">place</mark> <mark class="actor">party</mark> '
        f'<mark class="source">source</mark></p>\n{articles}\n</body></html>\n'
    )


def _article(article: Article, sentences: Sequence[tuple[Sentence, Sequence[str]]]) -> str:
    head = f"{article.outlet}, {article.published_at:%-d %b %Y %H:%M} UTC, {article.article_id}"
    body = "\n".join(_sentence(*one) for one in sentences)
    title = escape(article.title or article.article_id)
    return f'<article><h2>{title}</h2><p class="head">{escape(head)}</p>\n{body}</article>'


def _sentence(sentence: Sentence, lines: Sequence[str]) -> str:
    css = ' class="repeats"' if sentence.repeats else ""
    spot = f'<span class="spot">{sentence.field} {sentence.start}-{sentence.end}</span>'
    items = "".join(f'<li class="{line[:4]}">{escape(line[6:])}</li>' for line in lines)
    return f"<p{css}>{_marked(sentence)} {spot}</p>" + (f"<ul>{items}</ul>" if items else "")


def _marked(sentence: Sentence) -> str:
    """The sentence with its names marked; where two overlap the one that begins first is."""
    spots = [(hit.start, hit.end, "place", hit.place.name) for hit in sentence.places]
    spots += [(hit.start, hit.end, "actor", ", ".join(hit.ids)) for hit in sentence.actors]
    spots += [(hit.start, hit.end, "source", hit.id) for hit in sentence.sources]
    parts, at = [], 0
    for start, end, kind, name in sorted(spots):
        if start >= at:
            words = escape(sentence.text[start:end])
            parts += [escape(sentence.text[at:start]), f'<mark class="{kind}" title="{escape(name)}">{words}</mark>']
            at = end
    return "".join(parts) + escape(sentence.text[at:])
