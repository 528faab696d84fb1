"""The formats of a report: each takes the same report and returns the content of a file."""
