"""Sheets: rows of a workbook become what an event is given. Pure: no workbook, no store, no rights are known here.

In order: `columns` (where each column of a definition leads), `heads` (which column of a sheet is which), `layout` (a
sheet that was sent: heads found, rows gathered), `cells` (one cell to a raw value), `submissions` (rows to inputs of an
event, findings back to cells).
"""
