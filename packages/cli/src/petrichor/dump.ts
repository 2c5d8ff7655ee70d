import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { TnetstringDecoder, TnetstringError } from '@cairn/tnetstrings'
import type { Context } from '../context.ts'
import { untilAborted } from '../copy/until-aborted.ts'
import { jsonOf, treeOf } from './show-value.ts'

/** How `cairn petri dump` reads. */
export interface DumpOptions {
  readonly strict: boolean
  /** Largest value, bytes. */
  readonly sizeMax: number
}

/**
 * Shows every value of a file, or of standard input for `-`, as it comes. Answers the exit code: 1 at the first wrong byte,
 * whose offset goes to standard error.
 */
export async function dump(context: Context, file: string, options: DumpOptions): Promise<number> {
  const source = file === '-' ? context.io.stdin() : createReadStream(resolve(context.io.cwd, file))
  const limits = {
    sizeMax: options.sizeMax,
    elementsMax: Number.POSITIVE_INFINITY,
    keysMax: Number.POSITIVE_INFINITY,
  }
  const decoder = new TnetstringDecoder({ strict: options.strict, limits, floats: 'wrapped' })
  try {
    for await (const chunk of untilAborted(source as AsyncIterable<Uint8Array>, context.signal)) {
      decoder.push(chunk)
      for (let value = decoder.next(); value !== undefined; value = decoder.next())
        context.print(context.isJson ? `${jsonOf(value)}\n` : treeOf(value))
    }
    decoder.end()
    return 0
  } catch (error) {
    if (!(error instanceof TnetstringError)) throw error
    const { code, offset } = error
    const reason = error.message.replace(/ \(at byte \d+\)$/, '')
    const line = context.isJson
      ? JSON.stringify({ error: reason, code, offset })
      : `cairn petri: byte ${offset}: ${reason}`
    context.io.stderr.write(`${line}\n`)
    return 1
  }
}
