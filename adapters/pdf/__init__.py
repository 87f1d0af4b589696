"""Paper: HTML to PDF, and the fonts it needs."""
