/**
 * Who may write, and what happens to files whose writer is gone; FSNamesystem.recoverLeaseInternal, internalReleaseLease.
 */
import { type BlockInfo, replicaState } from '../blocks/block-info.ts'
import type { Core } from '../core.ts'
import {
  alreadyBeingCreated,
  fileNotFound,
  ioException,
  leaseExpired,
  recoveryInProgress,
} from '../java-exceptions.ts'
import { blockToEdit, newUnderConstruction } from '../namespace/file-blocks.ts'
import type { INodeFile } from '../namespace/inode.ts'
import { pathOf } from '../namespace/path.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess } from '../permissions/permission-checker.ts'
import { closeFile } from './close-file.ts'
import type { Resolved } from './resolve.ts'
import { fileOf, resolve } from './resolve.ts'

/** Holder of leases that the NameNode took over; HdfsServerConstants.NAMENODE_LEASE_HOLDER. */
export const nameNodeHolder = 'HDFS_NameNode'

/** The file, if `holder` has its lease; FSNamesystem.checkLease. */
export function checkLease(core: Core, resolved: Resolved, holder: string, fileId: number): INodeFile {
  const { inode, path } = resolved
  const who = (): string => leaseSuffix(core, holder)
  if (inode === undefined) {
    throw fileNotFound(`File does not exist: ${path} (inode ${fileId}) ${who()}`)
  }
  if (inode.kind !== 'file') {
    throw leaseExpired(`INode is not a regular file: ${path} (inode ${inode.id}) ${who()}`)
  }
  const construction = inode.underConstruction
  if (construction === undefined) {
    throw leaseExpired(`File is not open for writing: ${path} (inode ${inode.id}) ${who()}`)
  }
  if (holder !== '' && construction.clientName !== holder) {
    throw leaseExpired(
      `Client (=${holder}) is not the lease owner (=${construction.clientName}: ${path} (inode ${inode.id}) ${who()}`,
    )
  }
  return inode
}

function leaseSuffix(core: Core, holder: string): string {
  const lease = core.namespace.leases.get(holder)
  if (lease === undefined) return `Holder ${holder} does not have any open files.`
  return `[Lease.  Holder: ${holder}, pending creates: ${lease.files.size}]`
}

export function renewLease(core: Core, clientName: string): void {
  core.checkNotSafeMode(`Cannot renew lease for ${clientName}`)
  core.namespace.leases.renew(clientName, core.env.elapsed())
}

/** ClientProtocol.recoverLease: true when the file is closed now. */
export function recoverLease(
  core: Core,
  caller: Caller,
  request: { readonly src: string; readonly clientName: string; readonly clientMachine: string },
): boolean {
  core.checkNotSafeMode(`Cannot recover the lease of ${request.src}`)
  const { inode, path } = resolve(core, caller, request.src)
  const file = fileOf(inode, path)
  if (file.underConstruction === undefined) return true
  checkAccess(caller, file, access.write)
  return takeOver(core, 'RECOVER_LEASE', file, path, request.clientName, request.clientMachine, true)
}

/**
 * Before a file is written anew or appended to: an expired lease is recovered, any other is an error. Returns whether
 * the file is closed now.
 */
export function takeOver(
  core: Core,
  operation: 'CREATE_FILE' | 'APPEND_FILE' | 'TRUNCATE_FILE' | 'RECOVER_LEASE',
  file: INodeFile,
  path: string,
  holder: string,
  clientMachine: string,
  force: boolean,
): boolean {
  const construction = file.underConstruction
  if (construction === undefined) return true
  const attempt = `Failed to ${operation} ${path} for ${holder} on ${clientMachine}`
  const owner = construction.clientName
  const lease = core.namespace.leases.get(owner)
  if (!force && owner === holder) {
    throw alreadyBeingCreated(`${attempt} because ${holder} is already the current lease holder.`)
  }
  if (force) return releaseLease(core, file, path, holder)
  const expired = lease === undefined || core.env.elapsed() - lease.renewedMs > core.leaseLimits.softMs
  if (expired) {
    if (releaseLease(core, file, path, undefined)) return true
    throw recoveryInProgress(`${attempt} because lease recovery is in progress. Try again later.`)
  }
  if (file.lastBlock?.state === 'UNDER_RECOVERY') {
    throw recoveryInProgress(
      `${attempt} because another recovery is in progress by ${owner} on ${construction.clientMachine}`,
    )
  }
  throw alreadyBeingCreated(
    `${attempt} because this file lease is currently owned by ${owner} on ${construction.clientMachine}`,
  )
}

/**
 * Closes a file whose writer is gone: at once when its blocks are settled, by block recovery otherwise. Returns
 * whether it is closed now; FSNamesystem.internalReleaseLease.
 */
export function releaseLease(core: Core, file: INodeFile, path: string, holder: string | undefined): boolean {
  const last = file.lastBlock
  const unsettled = file.blocks.findIndex((block) => !block.complete)
  if (last === undefined || unsettled < 0) {
    closeFile(core, file, path)
    return true
  }
  const penultimate = file.blocks[file.blocks.length - 2]
  if (unsettled < file.blocks.length - 2) {
    throw ioException(
      `DIR* NameSystem.internalReleaseLease: attempt to release a create lock on ${path} but file is already closed.`,
    )
  }
  if (last.state === 'COMPLETE' || last.state === 'COMMITTED') {
    core.blocks.completeWhenReplicated(last)
    if (penultimate !== undefined) core.blocks.completeWhenReplicated(penultimate)
    if (file.blocks.every((block) => block.complete)) {
      closeFile(core, file, path)
      return true
    }
    throw alreadyBeingCreated(
      `DIR* NameSystem.internalReleaseLease: Failed to release lease for file ${path}. Committed blocks are waiting to be minimally replicated.`,
    )
  }
  if (isRecovering(core, last)) return false
  if (last.underConstruction?.replicas.length === 0 && last.numBytes === 0) {
    // Soon after a start, DataNodes with bytes of the block may not have reported yet: nothing may be thrown away.
    if (core.env.elapsed() - core.startedMs < core.settings.staleIntervalMs) return false
    // The writer asked for the block and no DataNode ever heard of it: there is nothing to recover.
    core.commit({
      op: 'OP_UPDATE_BLOCKS',
      path,
      blocks: file.blocks.slice(0, -1).map(blockToEdit),
      rpcClientId: new Uint8Array(0),
      rpcCallId: -2,
    })
    closeFile(core, file, path)
    return true
  }
  startBlockRecovery(core, file, path, last, holder ?? nameNodeHolder)
  return false
}

/** Heartbeats within which a recovery should end; BlockManager.getBlockRecoveryTimeout. */
const recoveryHeartbeats = 30

/** Whether a living primary is at it: to begin anew would only undo its work. */
function isRecovering(core: Core, block: BlockInfo): boolean {
  const construction = block.underConstruction
  if (block.state !== 'UNDER_RECOVERY' || construction?.primary === undefined) return false
  const elapsed = core.env.elapsed() - construction.recoveryStartedMs
  return construction.primary.alive && elapsed < recoveryHeartbeats * core.settings.heartbeatIntervalMs
}

/** Gives the last block a new stamp, the lease to `holder`, and the work to one of the block's DataNodes. */
function startBlockRecovery(
  core: Core,
  file: INodeFile,
  path: string,
  block: BlockInfo,
  holder: string,
): void {
  const recoveryId = core.nextGenerationStamp()
  const owner = file.underConstruction?.clientName ?? ''
  if (holder !== owner) {
    core.commit({ op: 'OP_REASSIGN_LEASE', leaseHolder: owner, path, newHolder: holder })
  } else {
    core.namespace.leases.renew(holder, core.env.elapsed())
  }
  block.state = 'UNDER_RECOVERY'
  block.underConstruction ??= newUnderConstruction()
  block.underConstruction.recoveryId = recoveryId
  assignRecovery(core, block)
}

/** Picks the primary of a recovery: alive, longest not asked, heard of last; it learns of it at its next heartbeat. */
export function assignRecovery(core: Core, block: BlockInfo): void {
  const construction = block.underConstruction
  if (construction === undefined) return
  const candidates = construction.replicas
    .filter((replica) => replica.storage.datanode.alive && replica.state !== replicaState.TEMPORARY)
    .map((replica) => replica.storage.datanode)
  if (candidates.length === 0) return
  if (candidates.every((datanode) => construction.triedPrimaries.has(datanode.uuid))) {
    construction.triedPrimaries.clear()
  }
  const [primary] = candidates
    .filter((datanode) => !construction.triedPrimaries.has(datanode.uuid))
    .sort((a, b) => b.lastHeartbeatMs - a.lastHeartbeatMs)
  if (primary === undefined) return
  construction.triedPrimaries.add(primary.uuid)
  construction.primary = primary
  construction.recoveryStartedMs = core.env.elapsed()
  primary.toRecover.push(block)
}

/** How many files one round of {@link releaseExpiredLeases} closes at most. */
const releasesPerRound = 1000

/** Lease monitor: files of writers not heard of for the hard limit are closed by the NameNode. */
export function releaseExpiredLeases(core: Core): void {
  if (core.blocks.safeMode.on) return
  const before = core.env.elapsed() - core.leaseLimits.hardMs
  let left = releasesPerRound
  for (const lease of [...core.namespace.leases.values()]) {
    if (lease.renewedMs >= before) continue
    for (const file of [...lease.files]) {
      if (left-- <= 0) return
      releaseExpired(core, file)
    }
    // What is still open is being recovered: the next attempt comes when the hard limit is over again.
    core.namespace.leases.renew(lease.holder, core.env.elapsed())
  }
}

function releaseExpired(core: Core, file: INodeFile): void {
  try {
    releaseLease(core, file, pathOf(file), undefined)
  } catch (error) {
    // Committed blocks without a replica cannot be closed now; a later round finds them again.
    if (!(error instanceof Error) || !('javaClass' in error)) throw error
  }
}
