"""What applicant-tracking systems hold, as requisitions and events: records, mapping, storing, log."""
