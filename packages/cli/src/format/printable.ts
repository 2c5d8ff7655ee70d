/** Control characters of C0, C1 and DEL, bidirectional overrides, and halves of surrogate pairs. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** The text with `?` for whatever could move a terminal's cursor or forge a line, as `ls -q` shows it. */
export function printable(text: string): string {
  return text.replace(unprintable, '?')
}

/** A path within a message: in quotes, without control characters. */
export function quoted(path: string): string {
  return `'${printable(path)}'`
}
