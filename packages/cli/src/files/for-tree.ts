import type { HdfsClient } from '@cairn/hdfs-client'
import type { Context } from '../context.ts'
import { runPool } from '../copy/pool.ts'
import { quoted } from '../format/printable.ts'
import { type Entry, statEntry } from './entry.ts'
import { walk } from './walk.ts'

/** Entries worked on at once: enough that the network's round trip does not count. */
const inFlight = 16

/**
 * Runs `work` on what the operands name, and with `recursive` on everything below. What fails is told, and the rest
 * goes on.
 */
export async function forTree(
  context: Context,
  operands: readonly string[],
  recursive: boolean,
  verb: string,
  work: (client: HdfsClient, entry: Entry) => Promise<void>,
): Promise<void> {
  const fail = (entry: Entry, error: unknown) =>
    context.fail(`${verb} ${quoted(entry.target.shown)}`, error, entry.target.path)
  await context.forEach(operands, verb, async (client, target) => {
    const top = await statEntry(client, target)
    const entries = recursive ? walk(client, top, fail) : [top]
    await runPool(entries, inFlight, async (entry) => {
      try {
        await work(client, entry)
      } catch (error) {
        fail(entry, error)
      }
    })
  })
}
