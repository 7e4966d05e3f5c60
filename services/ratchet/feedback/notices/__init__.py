"""Word to the owner when something needs them, by web hook and mail."""
