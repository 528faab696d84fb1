"""What the importers of applicant-tracking systems share: records, times, mapping, tables, report."""
