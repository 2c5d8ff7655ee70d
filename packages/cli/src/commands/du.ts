import type { HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { readEntries, statEntry } from '../files/entry.ts'
import { spaceOf } from '../files/space-of.ts'
import { sizeText } from '../format/size.ts'
import { formatTable } from '../format/table.ts'
import type { Target } from '../paths/target.ts'

interface Usage {
  readonly target: Target
  readonly bytes: number
  readonly diskBytes: number
}

/** `cairn du`. */
export const du = defineCommand({
  name: 'du',
  summary: 'show how much space paths take',
  usage: ['[-shvx] [PATH…]'],
  operands: 'hdfs',
  flags: {
    summary: { names: ['-s'], help: 'one line per path, not one per entry in it' },
    human: { names: ['-h'], help: 'sizes for people' },
    header: { names: ['-v'], help: 'a line above that names the columns' },
    exclude: { names: ['-x'], help: 'leave out what only snapshots hold' },
  },
  examples: [
    ['cairn du -s -h /data', 'All of /data: its bytes, and those of all replicas.'],
    ['cairn du /data | sort -n', 'What takes most in /data.'],
  ],
  notes: ['Columns: bytes, bytes with all replicas, path.'],
  async run(context, { flags, operands }) {
    const rows: string[][] = flags.header
      ? [['SIZE', 'DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS', 'FULL_PATH_NAME']]
      : []
    await context.forEach(operands.length === 0 ? ['.'] : operands, 'access', async (client, target) => {
      for (const usage of await usages(context, client, target, flags.summary, flags.exclude)) {
        const { path, shown } = usage.target
        if (context.isJson) {
          context.printJson({ path, bytes: usage.bytes, diskBytes: usage.diskBytes })
        } else {
          const sizes = [usage.bytes, usage.diskBytes].map((bytes) => sizeText(bytes, flags.human))
          rows.push([...sizes, context.nameText(shown)])
        }
      }
    })
    if (!context.isJson && rows.length > 0) context.print(formatTable(rows, ['left', 'left', 'left']))
    return undefined
  },
})

async function usages(
  context: Context,
  client: HdfsClient,
  target: Target,
  summary: boolean,
  excludeSnapshots: boolean,
): Promise<Usage[]> {
  const entry = await statEntry(client, target)
  if (entry.kind !== 'directory' || summary) return [await usageOf(context, client, target, excludeSnapshots)]
  const found: Usage[] = []
  for (const child of await readEntries(client, target)) {
    found.push(
      child.kind === 'directory'
        ? await usageOf(context, client, child.target, excludeSnapshots)
        : { target: child.target, bytes: child.size, diskBytes: child.size * child.replication },
    )
  }
  return found
}

async function usageOf(
  context: Context,
  client: HdfsClient,
  target: Target,
  excludeSnapshots: boolean,
): Promise<Usage> {
  const { bytes, diskBytes } = await spaceOf(client, target.path, excludeSnapshots, context.signal)
  return { target, bytes, diskBytes }
}
