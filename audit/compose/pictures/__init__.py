"""Pictures: what of the facts each shows, a file for each; how they are drawn is for the report package."""
