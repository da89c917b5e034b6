"""Where documents, words and vectors are kept."""
