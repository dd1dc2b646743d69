"""What a policy means. Pure: no input or output, no clock, no client; README.md has the decisions."""
