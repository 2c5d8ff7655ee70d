import { setTimeout as delay } from 'node:timers/promises'
import type { HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { type Entry, statEntry } from '../files/entry.ts'
import { walk } from '../files/walk.ts'
import { quoted } from '../format/printable.ts'

/** Replicas a file can have; dfs.replication.max of the NameNode is usually lower. */
const replicationMax = 32_767
/** How often `-w` looks. */
const waitMs = { first: 20, most: 2_000 } as const

/** `cairn setrep`. */
export const setrep = defineCommand({
  name: 'setrep',
  summary: 'change the number of replicas',
  usage: ['[-w] NUMBER PATH…'],
  operands: 'hdfs',
  flags: {
    wait: { names: ['-w'], help: 'wait until the replicas are there, or gone' },
    recursive: { names: ['-R'], help: 'accepted; a directory always means every file in it' },
  },
  examples: [
    ['cairn setrep 3 /data/a.bin', 'Three replicas of one file.'],
    ['cairn setrep -w 2 /data', 'Two replicas of every file in /data; wait for them.'],
  ],
  async run(context, { flags, operands }) {
    const [number, ...paths] = operands
    const replication = Number(number)
    if (number === undefined || paths.length === 0) throw new UsageError('setrep needs a NUMBER and a PATH')
    if (!/^\d+$/.test(number) || replication < 1 || replication > replicationMax) {
      throw new UsageError(`'${number}' is not a number of replicas; 1 to ${replicationMax} are allowed`)
    }
    await context.forEach(paths, 'set replication of', async (client, target) => {
      const set: Entry[] = []
      const onError = (directory: Entry, error: unknown) =>
        context.fail(`read directory ${quoted(directory.target.shown)}`, error, directory.target.path)
      for await (const entry of walk(client, await statEntry(client, target), onError)) {
        if (entry.kind !== 'file') continue
        await client.setReplication(entry.target.path, replication, { signal: context.signal })
        if (context.isJson) context.printJson({ path: entry.target.path, replication })
        else context.print(`Replication ${replication} set: ${context.nameText(entry.target.shown)}\n`)
        if (flags.wait) set.push(entry)
      }
      for (const entry of set) await waitForReplicas(context, client, entry, replication)
    })
    return undefined
  },
})

async function waitForReplicas(
  context: Context,
  client: HdfsClient,
  entry: Entry,
  replication: number,
): Promise<void> {
  const { signal } = context
  const { path, shown } = entry.target
  for (let pause: number = waitMs.first; ; pause = Math.min(pause * 2, waitMs.most)) {
    const blocks = await client.blockLocations(path, { signal })
    if (blocks.every((block) => block.hosts.length === replication)) break
    await delay(pause, undefined, { signal })
  }
  if (!context.isJson) context.print(`Waiting for ${context.nameText(shown)} ... done\n`)
}
