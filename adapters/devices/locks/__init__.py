"""Lock boards: the frames of five families, one way to give a pulse and to judge it, a watch over their contacts."""
