"""What was typed from the sheets of a practice: the cells, what they certainly mean, and what becomes of them."""
