"""From files of each format to text."""
