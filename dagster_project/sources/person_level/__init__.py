"""Extracts with a row for each person or assignment: their cards, keys, and reading them without names."""
