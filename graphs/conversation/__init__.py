"""The parts of the support graph, and what it keeps."""
