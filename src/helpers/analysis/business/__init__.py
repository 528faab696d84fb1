"""Records of units: HR beside business metrics, the pulse over time, employee-relations cases, HR's own times."""
