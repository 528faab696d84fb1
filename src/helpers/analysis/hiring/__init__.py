"""Analyses of hiring records: durations, promises, turns, engagement."""
