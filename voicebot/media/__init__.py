"""Several people on one line: mixing, holding, listening in."""
