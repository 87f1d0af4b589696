"""Documents at work: raw text becomes typed values, values are computed and checked. Pure; reads through a World."""
