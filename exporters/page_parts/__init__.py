"""What the page is made of: its scripts and looks, the fields of its form, the runtime that it carries."""
