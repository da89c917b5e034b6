"""What documents give an article: topics, an outline, sections of text."""
