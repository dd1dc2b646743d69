"""Questions that are asked of Facts."""
