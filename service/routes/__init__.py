"""Routes by concept: asking, documents, operations."""
