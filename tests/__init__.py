"""Tests, by room; real components throughout."""
