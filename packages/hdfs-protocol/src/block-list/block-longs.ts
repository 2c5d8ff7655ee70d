/**
 * Block lists, long[] form (Java: `BlockListAsLongs.LongsDecoder`), which every NameNode understands:
 *
 *     | number finalized | number others | (id, length, stamp) of each finalized | −1 −1 −1 | (id, length, stamp, state) of each other |
 *
 * The delimiter stands there even when there are no others.
 */
import { ProtocolError } from '@cairn/bytes'
import { checkReplicaBytes, checkReplicaState, ReplicaState, type ReportedReplica } from './replica.ts'

const countLongs = 2
const finalizedLongs = 3
const delimiterLongs = 3
const otherLongs = 4
const delimiter = BigInt.asUintN(64, -1n)

/** Encodes replicas in the long[] form, each long as the unsigned number that protobuf's uint64 holds. */
export function encodeBlockLongs(replicas: Iterable<ReportedReplica>): bigint[] {
  const finalized: bigint[] = []
  const others: bigint[] = []
  for (const replica of replicas) {
    const isFinalized = replica.state === ReplicaState.FINALIZED
    const list = isFinalized ? finalized : others
    list.push(
      BigInt.asUintN(64, replica.blockId),
      BigInt(replica.numBytes),
      BigInt.asUintN(64, replica.generationStamp),
    )
    if (!isFinalized) others.push(BigInt(replica.state))
  }
  const counts = [BigInt(finalized.length / finalizedLongs), BigInt(others.length / otherLongs)]
  return [...counts, ...finalized, delimiter, delimiter, delimiter, ...others]
}

/** Decodes the long[] form. Counts that do not fit and a missing delimiter are `ProtocolError`s [blocks.longs.1]. */
export function decodeBlockLongs(longs: readonly bigint[]): ReportedReplica[] {
  if (longs.length === 0) return []
  const finalized = longs[0] ?? 0n
  const others = longs[1] ?? 0n
  const needed =
    BigInt(countLongs + delimiterLongs) + finalized * BigInt(finalizedLongs) + others * BigInt(otherLongs)
  if (finalized < 0n || others < 0n || needed !== BigInt(longs.length)) {
    throw new ProtocolError(
      'ERR_BLOCK_LIST_COUNT',
      `read a block list: found ${longs.length} longs for ${finalized} finalized and ${others} other replicas; ${needed} are needed`,
    )
  }
  const replicas: ReportedReplica[] = []
  let at = countLongs
  for (let left = Number(finalized); left > 0; left--, at += finalizedLongs) {
    replicas.push(replicaAt(longs, at, ReplicaState.FINALIZED))
  }
  if (longs.slice(at, at + delimiterLongs).some((long) => BigInt.asUintN(64, long) !== delimiter)) {
    throw new ProtocolError('ERR_BLOCK_LIST_DELIMITER', `read a block list: found no delimiter at long ${at}`)
  }
  at += delimiterLongs
  for (let left = Number(others); left > 0; left--, at += otherLongs) {
    const state = longs[at + finalizedLongs]!
    replicas.push(replicaAt(longs, at, checkReplicaState(Number(BigInt.asIntN(32, state)))))
  }
  return replicas
}

function replicaAt(longs: readonly bigint[], at: number, state: ReplicaState): ReportedReplica {
  return {
    blockId: BigInt.asIntN(64, longs[at]!),
    numBytes: checkReplicaBytes(BigInt.asIntN(64, longs[at + 1]!)),
    generationStamp: BigInt.asIntN(64, longs[at + 2]!),
    state,
  }
}
