"""Language without documents: lines, paths, words, sequences and shapes of plain texts."""
