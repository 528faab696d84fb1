"""Shared logic of HR Partnership Lab: read, analyse, protect, present and report partnership studies."""
