"""What a collection of definitions holds: families, copies, forks, collisions, rights."""
