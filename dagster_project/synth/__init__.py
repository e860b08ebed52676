"""Invented inputs for every source, with faults planted at known places and the figures that must come of them.

Belongs here: what the invented people, posts and files are like, and what is true of them. Does not: reading such
files, or any rule of the warehouse; the truth is counted from what was invented, never with the warehouse's own rules.
"""
