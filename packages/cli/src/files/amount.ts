import { UsageError } from '../errors.ts'
import { parseSize } from '../format/size.ts'

/** The value of `-n`: how many lines. */
export function lineCount(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new UsageError(`'${text}' is not a number of lines`)
  return count
}

/** The value of `-c` and the like: how many bytes. */
export function sizeOperand(text: string): number {
  const bytes = parseSize(text)
  if (bytes === undefined) throw new UsageError(`'${text}' is not a number of bytes; 100, 64K and 1.5G are`)
  return bytes
}
