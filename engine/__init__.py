"""The engine core: interprets definitions. Pure; takes ports; knows no library of the outside world."""
