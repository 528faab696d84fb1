"""Analyses of a partnership survey: scales, sides, pairs, waves, comments."""
