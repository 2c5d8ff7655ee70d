import type { Readable } from 'node:stream'
import type { Output } from './output.ts'

/** The world around a command, handed in so that tests can stand in for it. */
export interface Io {
  readonly stdin: () => Readable
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}
