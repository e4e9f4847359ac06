"""From one summary to charts, tables and words, to executed notebooks, HTML and PDF. Owns ``reports/``."""
