import type { DatanodeInfoProto } from '@cairn/hadoop-proto'
import type { ClientContext } from '../client-context.ts'
import { pause } from '../pause.ts'
import type { WrittenFile } from './written-file.ts'

/** A DataNode whose disk is full tells the NameNode at once; it may still be on the way. */
const looks = { count: 4, pauseMs: 50 } as const

/**
 * Which of the DataNodes that failed have less room than the block still needs. Data transfer has no status for a full
 * disk, so a writer that has lost every DataNode asks the NameNode what room they have. Never rejects.
 */
export async function fullDatanodes(
  context: ClientContext,
  file: WrittenFile,
  failed: readonly DatanodeInfoProto[],
  neededBytes: number,
): Promise<readonly DatanodeInfoProto[]> {
  const uuids = new Set(failed.map(({ id }) => id.datanodeUuid))
  const request = { src: file.path, offset: 0n, length: BigInt(Number.MAX_SAFE_INTEGER) }
  try {
    for (let look = 0; look < looks.count; look += 1) {
      if (look > 0) await pause(looks.pauseMs)
      const { locations } = await context.namenode.call('getBlockLocations', request, { timeoutMs: 5_000 })
      const blocks = [...(locations?.blocks ?? []), ...(locations?.lastBlock ? [locations.lastBlock] : [])]
      const known = new Map(blocks.flatMap(({ locs }) => locs.map((node) => [node.id.datanodeUuid, node])))
      const full = [...known.values()].filter(
        ({ id, remaining }) => uuids.has(id.datanodeUuid) && Number(remaining ?? 0n) < neededBytes,
      )
      if (full.length > 0) return full
    }
  } catch {
    // The write has failed already; this was only to say why.
  }
  return []
}
