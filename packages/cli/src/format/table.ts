/** How a column is set. */
export type Align = 'left' | 'right'

/** Rows with columns as wide as their widest cell, `gap` between them; no spaces at the end of a line. */
export function formatTable(
  rows: readonly (readonly string[])[],
  aligns: readonly Align[],
  gap = '  ',
): string {
  const widths = aligns.map((_, column) => Math.max(0, ...rows.map((row) => displayWidth(row[column] ?? ''))))
  let text = ''
  for (const row of rows) {
    let line = ''
    for (const [column, align] of aligns.entries()) {
      const cell = row[column] ?? ''
      const fill = ' '.repeat(widths[column]! - displayWidth(cell))
      line += (column === 0 ? '' : gap) + (align === 'left' ? cell + fill : fill + cell)
    }
    text += `${line.trimEnd()}\n`
  }
  return text
}

function displayWidth(cell: string): number {
  return [...cell].length
}

/** Words set into lines of at most `width` characters, each after `indent`. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(/\s+/)) {
    if (line.length > indent.length && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent
    }
    line += (line.length > indent.length ? ' ' : '') + word
  }
  lines.push(line)
  return lines.join('\n')
}
