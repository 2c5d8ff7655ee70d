/**
 * The only way the namespace changes: one operation of the edit log at a time, live and on replay alike.
 * org.apache.hadoop.hdfs.server.namenode.FSEditLogLoader.applyEditLogOpInternal.
 *
 * Permissions, quotas and leases were checked before the operation was made; what does not fit here means that
 * journal and namespace disagree, which is an {@link EditMismatchError} and ends the process.
 */
import type { EditOp } from '@cairn/hdfs-storage'
import { applyAttributes } from './apply-attributes.ts'
import { applyFile } from './apply-files.ts'
import { applyTree } from './apply-tree.ts'
import { EditMismatchError } from './edit-mismatch.ts'
import type { Namespace } from './namespace.ts'

/**
 * Makes one change. `nowMs` is the monotonic clock, for the leases that the change renews.
 * Throws {@link EditMismatchError}.
 */
export function applyEdit(namespace: Namespace, op: EditOp, nowMs = 0): void {
  switch (op.op) {
    case 'OP_START_LOG_SEGMENT':
    case 'OP_END_LOG_SEGMENT':
      return
    case 'OP_SET_GENSTAMP_V2':
      namespace.generationStamp = op.genStampV2
      return
    case 'OP_ALLOCATE_BLOCK_ID':
      namespace.lastBlockId = Number(op.blockId)
      return
    // Stamps of blocks older than 2.0 and delegation tokens are nothing that this namespace keeps.
    case 'OP_SET_GENSTAMP_V1':
    case 'OP_UPDATE_MASTER_KEY':
    case 'OP_GET_DELEGATION_TOKEN':
    case 'OP_RENEW_DELEGATION_TOKEN':
    case 'OP_CANCEL_DELEGATION_TOKEN':
    case 'OP_ROLLING_UPGRADE_START':
    case 'OP_ROLLING_UPGRADE_FINALIZE':
      return
    default:
      if (applyFile(namespace, op, nowMs) || applyTree(namespace, op) || applyAttributes(namespace, op))
        return
      throw new EditMismatchError(op.op, 'the feature it belongs to is not supported')
  }
}
