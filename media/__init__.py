"""Media and sign-off: no photo and no signature is ever lost, doubled, or doubted."""
