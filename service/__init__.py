"""The HTTP service over `qa`: routes, schemas, the one error shape, jobs, streaming."""
