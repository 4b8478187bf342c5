"""Scorers: objects that say how negative, neutral and positive a text is."""
