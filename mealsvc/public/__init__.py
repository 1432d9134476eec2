"""What any citizen may see, without signing in and without a script."""
