"""The regional tables that people take away: workbooks and files for one area, made from the latest release alone.

Belongs here: which tables, in which order, in which words, and writing them. Does not: any rule about a number (dbt).
"""
