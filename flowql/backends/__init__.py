"""What a typed query becomes. Back ends know neither front ends nor one another."""
