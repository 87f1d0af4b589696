"""Mappings: a document becomes a message and a message a document, by one declaration read both ways.

In: linked mappings, rows of documents. Out: bytes, and rows out of bytes. A mapping is compiled once (`compiled`) into
a writer of text and a reader of elements; neither knows a document type, a channel, a signature or a library of XML:
the port `Xml` parses. What is said twice on the way (a constant, the number of a row) is written and not read.
"""
