"""How the shipped weights are made: ``python -m cjmlab.feedback.training`` reads the training files and writes them."""
