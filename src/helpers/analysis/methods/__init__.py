"""Methods that would serve any survey: they know plain frames, and neither questionnaires nor hiring."""
