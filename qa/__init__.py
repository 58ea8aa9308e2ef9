"""Answering from what `index` keeps: retrieval, the cited answer, refusal, evaluation."""
