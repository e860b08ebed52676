"""The roles of job titles for those who ask: coding lists of titles, saying why, and taking people's decisions."""
