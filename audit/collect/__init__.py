"""Where a snapshot comes from: objects of the API, whatever they were read from, to a Snapshot's tables."""
