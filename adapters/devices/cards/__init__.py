"""Readers of identity cards with a SAM_V module (GA 450, GA 467): frames, the text of a card, one reading."""
