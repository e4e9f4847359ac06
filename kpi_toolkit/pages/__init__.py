"""How it looks: words, charts, sections, the pages and their PDF, on screen and on paper."""
