/** The bytes asked for, `end` included, as in RFC 9110 §14; `unsatisfiable` gets 416. */
export type ByteRange = { readonly start: number; readonly end: number } | 'whole' | 'unsatisfiable'

/** Reads a Range header for something of `size` bytes. Several ranges, and what is malformed, mean the whole. */
export function parseByteRange(header: string | undefined, size: number): ByteRange {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  if (parts === null) return 'whole'
  const [, first = '', last = ''] = parts
  if (first === '') {
    if (last === '') return 'whole'
    const count = Math.min(Number(last), size)
    return count === 0 ? 'unsatisfiable' : { start: size - count, end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'whole'
  if (start >= size) return 'unsatisfiable'
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}
