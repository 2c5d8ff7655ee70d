// `current/replicas` of a block pool: which replicas there were when the DataNode stopped, so that the next start need
// not look at every file. Java's format, `BlockListAsLongs.writeTo`: field 1 the count, field 2 the list in the
// buffers form. Whoever starts, Java's DataNode or this one, removes the file as soon as it is read.
//
// Java believes a file of the last five minutes. Here no folder of complete replicas may have changed since, either:
// what a person or a crash put there or took away is looked for on the disk.
import { promises, rmSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { ByteReader, ByteWriter, ProtocolError } from '@cairn/bytes'
import { sliceMs } from '../../limits.ts'
import { replicaStateNumber } from '../replica.ts'
import type { BufferReplicaList } from '../replica-list.ts'
import type { FoundReplicas } from '../volume.ts'

/** Java's `dfs.datanode.cached.replicas.expiry`, as far as it has a name: five minutes. */
const expiryMs = 300_000
const countTag = 0x08
const listTag = 0x12
const entriesAtOnce = 1024
const entryBytesMin = 4

/** Complete replicas, column by column: a million objects would be in the way. */
interface Entries {
  count: number
  readonly blockIds: BigInt64Array
  readonly generationStamps: BigInt64Array
  readonly lengths: Float64Array
}

/**
 * Hands on the complete replicas of the file; false when there is none that can be believed. The file is gone
 * afterwards.
 *
 * @param folders every folder that holds complete replicas, and those above
 */
export async function takeReplicasFile(
  path: string,
  folders: () => Promise<readonly string[]>,
  found: Pick<FoundReplicas, 'finalized'>,
): Promise<boolean> {
  const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  if (writtenMs === undefined) return false
  try {
    if (Date.now() - writtenMs > expiryMs) return false
    for (const folder of await folders()) {
      if (statSync(folder).mtimeMs >= writtenMs) return false
    }
    const entries = await decodeEntries(await promises.readFile(path))
    for (let at = 0; at < entries.count; ) {
      const end = Math.min(entries.count, at + entriesAtOnce)
      for (; at < end; at++) {
        found.finalized(entries.blockIds[at]!, entries.generationStamps[at]!, entries.lengths[at]!)
      }
      await setImmediate()
    }
    return true
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  } finally {
    rmSync(path, { force: true })
  }
}

/** The complete ones; those that were being written are found in their own folder. */
async function decodeEntries(bytes: Uint8Array): Promise<Entries> {
  const reader = new ByteReader(bytes)
  if (reader.varint32() !== countTag) throw notAList('no count')
  const count = reader.varint32()
  if (reader.varint32() !== listTag || reader.varint32() !== reader.remaining) throw notAList('no list')
  if (count > reader.remaining / entryBytesMin)
    throw notAList(`a count of ${count} for ${reader.remaining} bytes`)
  const entries = {
    count: 0,
    blockIds: new BigInt64Array(count),
    generationStamps: new BigInt64Array(count),
    lengths: new Float64Array(count),
  }
  let sinceMs = performance.now()
  for (let index = 0; index < count; index++) {
    const zigZag = reader.varint64()
    const at = entries.count
    entries.blockIds[at] = (zigZag >> 1n) ^ -(zigZag & 1n)
    entries.lengths[at] = Number(BigInt.asUintN(48, reader.varint64()))
    entries.generationStamps[at] = reader.varint64()
    if (reader.varint32() === replicaStateNumber.FINALIZED) entries.count++
    if (index % entriesAtOnce === 0 && performance.now() - sinceMs >= sliceMs) {
      await setImmediate()
      sinceMs = performance.now()
    }
  }
  if (reader.remaining > 0) throw notAList(`${reader.remaining} bytes too many`)
  return entries
}

function notAList(found: string): ProtocolError {
  return new ProtocolError('ERR_DN_REPLICAS_FILE', `read a list of replicas: found ${found}`)
}

/** Writes the file for the next start, whole or not at all. */
export async function writeReplicasFile(path: string, list: BufferReplicaList): Promise<void> {
  const pieces = list.take()
  const head = new ByteWriter(16)
  head.u8(countTag)
  head.varint32(list.count)
  head.u8(listTag)
  head.varint32(pieces.reduce((sum, piece) => sum + piece.length, 0))
  const temporary = `${path}.tmp`
  const handle = await promises.open(temporary, 'w')
  try {
    await handle.writev([head.take(), ...pieces])
    await handle.sync()
  } finally {
    await handle.close()
  }
  await promises.rename(temporary, path)
}
