"""Training the judge that says whether evidence bears out a sentence; nothing here is used to answer questions."""
