"""Front ends: text and request bodies, each on its way to the typed query."""
