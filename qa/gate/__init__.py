"""The gate: a generated sentence is shown only when what it claims stands in the evidence that it cites."""
