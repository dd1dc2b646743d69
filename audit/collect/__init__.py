"""Where a snapshot comes from: objects of the API, whatever they were read from, to the tables of a Snapshot."""
