"""A whole fictional county, built by calling the commands, and routes that exist only in the demo."""
