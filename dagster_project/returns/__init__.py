"""The council's own return outside the night: the workbook to fill in, and the check before it is sent."""
