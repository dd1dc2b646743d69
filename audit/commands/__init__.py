"""The commands, a file each: `run(config, options)` does the work and returns the exit code."""
