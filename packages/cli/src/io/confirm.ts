import type { Io } from './io.ts'

/** Asks on standard error and reads a line from standard input; only `y` and `yes` mean yes. */
export async function confirm(io: Io, question: string, signal: AbortSignal): Promise<boolean> {
  io.stderr.write(`${question} [y/N] `)
  await io.stderr.flush()
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: io.stdin(), signal })
  try {
    for await (const line of lines) return /^y(?:es)?$/i.test(line.trim())
    return false
  } finally {
    lines.close()
  }
}
