"""Articles as data, Markdown, page and PDF."""
