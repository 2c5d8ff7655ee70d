// Recovers a block as the primary, Java's `BlockRecoveryWorker.RecoveryTaskContiguous`: a writer has died, or a file
// is truncated, and all replicas must agree on a length.
//
//   1  freeze every replica under the recovery id and ask for state and length      initReplicaRecovery
//   2  choose: the finalized length; else the shortest replica being written; else the shortest that waits
//   3  give that length and the new generation stamp to the replicas that took part updateReplicaUnderRecovery
//   4  tell the NameNode                                                            commitBlockSynchronization

import type { DatanodeIDProto, RecoveringBlockProto } from '@cairn/hadoop-proto'
import type { Nameservice } from '../namenode/nameservice.ts'
import { replicaStateNumber } from '../storage/replica.ts'
import type { RecoveryContext } from './recovery-context.ts'
import { type Participant, ReplicaCalls } from './replica-calls.ts'

const { FINALIZED, RBW, RWR } = replicaStateNumber

/** Rejects when no agreement is reached; the NameNode then orders the recovery again. */
export async function recoverBlock(
  context: RecoveryContext,
  service: Nameservice,
  recovering: RecoveringBlockProto,
): Promise<void> {
  const { b: block, locs } = recovering.block
  const recoveryId = recovering.newGenStamp
  const calls = new ReplicaCalls(context, service, recoveryId)
  const participants = await freezeAll(context, calls, recovering)
  const commit = {
    block,
    newGenStamp: recoveryId,
    newLength: 0n,
    closeFile: true,
    deleteBlock: true,
    newTaragets: [] as DatanodeIDProto[],
    newTargetStorages: [] as string[],
  }
  // Only the one that rules may hear the result; it orders the recovery again when there was none [dnp.commit.1].
  const namenode = service.active?.link
  if (!namenode) throw new Error(`recover block ${block.blockId}: found no active NameNode to tell`)
  if (participants.length === 0) {
    await namenode.commitBlockSynchronization(commit)
    context.logger.info(
      { blockId: block.blockId, asked: locs.length },
      'recovered a block that nobody has: it goes',
    )
    return
  }
  const agreed = chooseLength(participants)
  const truncate = recovering.truncateBlock
  const newLength = truncate ? Number(truncate.numBytes ?? 0n) : agreed.length
  if (newLength > agreed.length) {
    throw new Error(
      `truncate block ${block.blockId} to ${newLength}: the replicas agree on ${agreed.length} bytes`,
    )
  }
  const newBlockId = truncate?.blockId ?? block.blockId
  for (const participant of agreed.participants) {
    try {
      const storage = await calls.update(block, participant, newLength, newBlockId)
      commit.newTaragets.push(participant.node)
      commit.newTargetStorages.push(storage)
    } catch (error) {
      context.logger.warn(
        { node: participant.node.ipAddr, error: (error as Error).message },
        'a replica dropped out of a recovery',
      )
    }
  }
  if (commit.newTaragets.length === 0)
    throw new Error(`recover block ${block.blockId}: every replica dropped out`)
  await namenode.commitBlockSynchronization({ ...commit, newLength: BigInt(newLength), deleteBlock: false })
  context.logger.info(
    { blockId: block.blockId, newLength, replicas: commit.newTaragets.length },
    'recovered a block',
  )
}

async function freezeAll(
  context: RecoveryContext,
  calls: ReplicaCalls,
  recovering: RecoveringBlockProto,
): Promise<Participant[]> {
  const { b: block, locs } = recovering.block
  const participants: Participant[] = []
  let found = 0
  let errors = 0
  for (const { id: node } of locs) {
    try {
      const participant = await calls.freeze(recovering, node)
      if (!participant || participant.generationStamp < block.generationStamp || participant.length === 0)
        continue
      found++
      if (participant.state <= RWR) participants.push(participant)
    } catch (error) {
      if (ReplicaCalls.isInProgress(error)) throw error
      errors++
      context.logger.warn(
        { node: node.ipAddr, error: (error as Error).message },
        'could not freeze a replica',
      )
    }
  }
  if (errors === locs.length)
    throw new Error(`recover block ${block.blockId}: none of ${errors} nodes answered`)
  if (found > 0 && participants.length === 0) {
    throw new Error(`recover block ${block.blockId}: none of ${found} replicas is RWR or better`)
  }
  return participants
}

/** Which replicas take part and how long they become. Exported for its tests. */
export function chooseLength(all: readonly Participant[]): { participants: Participant[]; length: number } {
  const finalized = all.filter((participant) => participant.state === FINALIZED)
  if (finalized.length > 0) {
    const { length } = finalized[0]!
    if (finalized.some((participant) => participant.length !== length)) {
      throw new Error(
        `recover a block: found finalized replicas of ${finalized.map((one) => one.length).join(' and ')} bytes`,
      )
    }
    const participants = all.filter(
      (participant) =>
        participant.state === FINALIZED || (participant.state === RBW && participant.length === length),
    )
    return { participants, length }
  }
  const best = all.some((participant) => participant.state === RBW) ? RBW : RWR
  const participants = all.filter((participant) => participant.state === best)
  return { participants, length: Math.min(...participants.map((participant) => participant.length)) }
}
