"""The reader: a small cross-encoder that says how likely a passage answers a question, and where the answer stands."""
