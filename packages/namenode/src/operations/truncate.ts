/** truncate; FSDirTruncateOp. */

import type { EditBlock } from '@cairn/hdfs-storage'
import type { Core } from '../core.ts'
import { alreadyBeingCreated, hadoopIllegalArgument, ioException } from '../java-exceptions.ts'
import type { INodeFile } from '../namespace/inode.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess } from '../permissions/permission-checker.ts'
import { refuseLazyPersist } from './lazy-persist.ts'
import { assignRecovery, takeOver } from './leases.ts'
import { fileOf, resolve } from './resolve.ts'

export interface TruncateRequest {
  readonly src: string
  readonly newLength: number
  readonly clientName: string
  readonly clientMachine: string
}

/** True when the file has its new length now; false when its last block is still being cut on DataNodes. */
export function truncate(core: Core, caller: Caller, request: TruncateRequest): boolean {
  const { src, newLength, clientName, clientMachine } = request
  core.checkNotSafeMode(`Cannot truncate for ${src}`)
  if (newLength < 0) {
    throw hadoopIllegalArgument(`Cannot truncate to a negative file size: ${newLength}.`)
  }
  const { inode, path } = resolve(core, caller, src)
  const file = fileOf(inode, path)
  checkAccess(caller, file, access.write)
  refuseLazyPersist(file, 'truncate', path)
  const underWay = lengthBeingTruncatedTo(file)
  if (underWay === newLength) return false
  if (underWay !== undefined) {
    throw alreadyBeingCreated(
      `Failed to TRUNCATE_FILE ${path} for ${clientName} on ${clientMachine} because ${path} is being truncated.`,
    )
  }
  takeOver(core, 'TRUNCATE_FILE', file, path, clientName, clientMachine, false)
  const { length } = file
  if (length === newLength) return true
  if (length < newLength) {
    throw hadoopIllegalArgument(
      `Cannot truncate to a larger file size. Current size: ${length}, truncate size: ${newLength}.`,
    )
  }
  if (file.blocks.some((block) => !block.complete)) {
    throw ioException(`truncate: lastBlock of src=${path} is not COMPLETE.`)
  }
  const cut = cutBlock(core, file.blocks, newLength)
  core.commit({
    op: 'OP_TRUNCATE',
    src: path,
    clientName,
    clientMachine,
    newLength,
    timestamp: core.env.now(),
    blocks: cut === undefined ? [] : [cut],
  })
  if (cut === undefined) return true
  if (file.lastBlock !== undefined) assignRecovery(core, file.lastBlock)
  return false
}

/** Length that an earlier truncation will leave once DataNodes have cut the last block; undefined: none is under way. */
function lengthBeingTruncatedTo(file: INodeFile): number | undefined {
  const { lastBlock } = file
  const cut = lastBlock?.state === 'UNDER_RECOVERY' ? lastBlock.underConstruction?.truncateTo : undefined
  return lastBlock === undefined || cut === undefined
    ? undefined
    : file.length - lastBlock.numBytes + cut.numBytes
}

/** The block in which the new end lies, under its new stamp; undefined when the end is a block's end. */
function cutBlock(
  core: Core,
  blocks: readonly { readonly id: number; readonly numBytes: number }[],
  newLength: number,
): EditBlock | undefined {
  let end = 0
  for (const block of blocks) {
    end += block.numBytes
    if (end === newLength || newLength === 0) return undefined
    if (end > newLength) {
      return {
        blockId: BigInt(block.id),
        numBytes: block.numBytes,
        generationStamp: core.nextGenerationStamp(),
      }
    }
  }
  return undefined
}
