"""Run the command line with `python -m agentmerge`."""

from agentmerge.cli import main

if __name__ == "__main__":
    main()
