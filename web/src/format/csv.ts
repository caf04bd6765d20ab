/** Tables as files for spreadsheets. */

export type Cell = string | number | null | undefined;

/** Text that a spreadsheet would take for a formula begins with an apostrophe. */
export function safe(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  const text = String(cell);
  const number = typeof cell === 'number' || /^-?\d+(\.\d+)?$/.test(text);
  const inert = !number && /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n;]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

export function csv(titles: string[], rows: Cell[][]): string {
  const lines = [titles, ...rows].map((cells) => cells.map(safe).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

/** Hands a file to the browser. */
export function download(name: string, text: string): void {
  // The mark tells spreadsheets that it is UTF-8.
  const url = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
