"""What a practice did: read from the study how it was allotted, and estimate no more than that allows."""
