// Cells to and from the clipboard, as spreadsheets write them: tabs, line ends, quoted cells.

/** Rows of texts of a pasted text. Quoted cells may hold tabs, line ends and doubled quotes. */
export function parseCells(text) {
  const rows = [[]];
  const sign = /("((?:[^"]|"")*)"|[^\t\r\n]*)(\t|\r\n|\r|\n|$)/gy;
  let found;
  while (sign.lastIndex < text.length && (found = sign.exec(text))) {
    const quoted = found[2] !== undefined && found[1].startsWith('"');
    rows[rows.length - 1].push(quoted ? found[2].replaceAll('""', '"') : found[1]);
    if (found[3] === "\t") {
      if (sign.lastIndex >= text.length) rows[rows.length - 1].push("");
    } else if (found[3]) {
      rows.push([]);
    }
  }
  if (rows.length > 1 && !rows[rows.length - 1].length) rows.pop(); // spreadsheets end with a line end
  return rows;
}

/** The text of rows of cells. */
export function formatCells(rows) {
  const cell = (text) => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(cell).join("\t")).join("\r\n");
}
