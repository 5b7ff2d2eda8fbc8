"""Files that people bring and take: one reader and writer of tables, and a module for each format."""
