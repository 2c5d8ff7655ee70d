/** Sums over subtrees, and quotas; FSDirStatAndListingOp.getContentSummary, FSDirAttrOp.setQuota. */
import type { ContentSummaryProto, QuotaUsageProto } from '@cairn/hadoop-proto'
import type { Core } from '../core.ts'
import { accessControl, fileNotFound, illegalArgument, pathIsNotDirectory } from '../java-exceptions.ts'
import { quotaUnchanged } from '../namespace/apply-attributes.ts'
import type { INode } from '../namespace/inode.ts'
import { storageSpaceOf, usageOf } from '../namespace/quota.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess, checkSuperuser } from '../permissions/permission-checker.ts'
import { existing, resolve } from './resolve.ts'

/** A quota on the wire: −1 as an unsigned 64-bit number. */
const none = 0xffff_ffff_ffff_ffffn

function wire(limit: number | undefined): bigint {
  return limit === undefined || limit < 0 ? none : BigInt(limit)
}

/** The root always has a limit in Java; where none is set, it is the largest number. */
function namesLimit({ namespace }: Core, inode: INode): bigint {
  const limit = inode.features?.quota?.namespaceQuota ?? -1
  return limit < 0 && inode === namespace.root ? quotaUnchanged : wire(limit)
}

export function getContentSummary(core: Core, caller: Caller, src: string): ContentSummaryProto {
  const { inode: found, path } = resolve(core, caller, src)
  const inode = existing(found, path)
  let length = 0
  let files = 0
  let directories = 0
  let space = 0
  const pending: INode[] = [inode]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.kind === 'directory') {
      checkAccess(caller, node, access.read | access.execute)
      directories++
      if (node.children !== undefined) for (const child of node.children.values()) pending.push(child)
    } else {
      files++
      if (node.kind !== 'file') continue
      length += node.length
      space += storageSpaceOf(node)
    }
  }
  const quota = inode.features?.quota
  return {
    length: BigInt(length),
    fileCount: BigInt(files),
    directoryCount: BigInt(directories),
    quota: namesLimit(core, inode),
    spaceConsumed: BigInt(space),
    spaceQuota: wire(quota?.storageSpaceQuota),
    snapshotLength: 0n,
    snapshotFileCount: 0n,
    snapshotDirectoryCount: 0n,
    snapshotSpaceConsumed: 0n,
    erasureCodingPolicy: inode.kind === 'directory' ? '' : 'Replicated',
  }
}

export function getQuotaUsage(core: Core, caller: Caller, src: string): QuotaUsageProto {
  const { inode, path } = resolve(core, caller, src)
  if (inode === undefined) throw fileNotFound(`File/Directory does not exist: ${path}`)
  if (inode.kind === 'directory') checkAccess(caller, inode, access.read | access.execute)
  const quota = inode.features?.quota
  const usage = quota === undefined ? usageOf(inode) : undefined
  return {
    fileAndDirectoryCount: BigInt(quota?.namespaceUsed ?? usage?.names ?? 0),
    quota: namesLimit(core, inode),
    spaceConsumed: BigInt(quota?.storageSpaceUsed ?? usage?.space ?? 0),
    spaceQuota: wire(quota?.storageSpaceQuota),
  }
}

/** Java's `StorageType` ordinals by StorageTypeProto number. */
const ordinalOfStorageType = [0, 2, 1, 3, 0, 4, 5] as const

/** What Java's audit log calls the change. */
function quotaCommand(names: bigint, space: bigint): string {
  if (names === -1n && space === quotaUnchanged) return 'clearQuota'
  if (names === quotaUnchanged && space === -1n) return 'clearSpaceQuota'
  return space === quotaUnchanged ? 'setQuota' : 'setSpaceQuota'
}

/** Limits as on the wire: −1 clears, `Long.MAX_VALUE` leaves as it is. */
export function setQuota(
  core: Core,
  caller: Caller,
  request: {
    readonly src: string
    readonly names: bigint
    readonly space: bigint
    readonly storageType: number | undefined
  },
): void {
  const names = BigInt.asIntN(64, request.names)
  const space = BigInt.asIntN(64, request.space)
  const { ownerMaySetQuota } = core.settings
  if (!ownerMaySetQuota) checkSuperuser(caller, quotaCommand(names, space))
  core.checkNotSafeMode(`Cannot set quota on ${request.src}`)
  const { inode, path, ancestor } = resolve(core, caller, request.src)
  if (ownerMaySetQuota && !caller.unchecked && caller.user !== ancestor.owner) {
    throw accessControl(
      `Access denied for user ${caller.user}. Superuser or owner of parent folder privilege is required`,
    )
  }
  if (names < -1n || space < -1n) {
    throw illegalArgument(`Illegal value for nsQuota or ssQuota : ${names} and ${space}`)
  }
  if (inode === undefined) throw fileNotFound(`Directory does not exist: ${path}`)
  if (inode.kind !== 'directory') throw pathIsNotDirectory(path)
  if (request.storageType === undefined) {
    core.commit({ op: 'OP_SET_QUOTA', src: path, nsQuota: names, dsQuota: space })
  } else {
    const type = ordinalOfStorageType[request.storageType] ?? 2
    core.commit({ op: 'OP_SET_QUOTA_BY_STORAGETYPE', src: path, type, dsQuota: space })
  }
}
