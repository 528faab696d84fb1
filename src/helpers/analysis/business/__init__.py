"""HR metrics beside business metrics, by unit and period, and how well HR keeps its own times."""
