"""What definitions mean: frozen data, no behaviour beyond reading itself, nothing of the outside."""
