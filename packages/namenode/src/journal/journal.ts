/**
 * The seam between the namespace and where its changes are kept.
 *
 * A change is made in three steps by `Core.commit`: `append(op)` gives it its transaction id, `applyEdit(namespace,
 * op)` makes it, and the answer to the client waits for `sync(txid)`. Reads may see a change before it is durable,
 * as in Java's NameNode; no answer that depends on a change goes out before it.
 */
import type { EditOp } from '@cairn/hdfs-storage'

export interface Journal {
  /** Id of the last transaction appended; 0n in a fresh namespace. */
  readonly lastTxId: bigint
  /** Id of the last transaction that is durable. */
  readonly syncedTxId: bigint
  /** Buffers one operation and returns the id it got. Throws only when the journal is closed or broken. */
  append(op: EditOp): bigint
  /**
   * Resolves when everything up to `txid` (default: all appended so far) is durable; one fsync serves all that wait.
   * Rejects when writing failed: from then on the journal is broken and the NameNode must stop.
   */
  sync(txid?: bigint): Promise<void>
  /** Ends the current segment and starts a new one; returns the first id of the new one (ClientProtocol.rollEdits). */
  roll(): Promise<bigint>
  /** Writes an image of the namespace as it is now (ClientProtocol.saveNamespace); absent without a directory. */
  checkpoint?(): Promise<void>
  /** Makes all durable and releases the files. */
  close(): Promise<void>
}
