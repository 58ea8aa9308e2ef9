"""Reading speeches and keeping them: files, outline, passages, vectors, the lexical index, the catalog."""
