"""What clauses of each touchpoint sound like, learned from clauses written for it: the prior of the coder."""
