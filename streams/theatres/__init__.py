"""What is particular to one war, as data: places, actors, outlets, words. A pack holds no Python."""
