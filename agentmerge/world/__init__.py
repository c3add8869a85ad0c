"""The only modules that touch disk, processes, environment and streams."""
