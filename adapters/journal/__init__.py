"""The log of a node as files, a line of JSON for each event: written by the processes, searched by operators."""
