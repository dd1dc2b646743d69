"""Where results go: rendered files, the folder that holds them, standard output."""
