"""Client folders in and out: strict reading, safe writing, where things are. Owns ``client_data/``."""
