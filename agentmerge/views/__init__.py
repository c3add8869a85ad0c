"""Records to text: for a terminal, a page, a pull request, or a program."""
