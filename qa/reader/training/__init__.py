"""Training of the reader from question sets: `python -m qa.reader.training` (see docs/reader.md)."""
