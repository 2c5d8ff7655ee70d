/** A namespace on a simulated disk and a load of changes for it, for the tests of the journal. */
import type { EditOp } from '@cairn/hdfs-storage'
import { type Logger, silentLogger } from '../../logger.ts'
import { applyEdit } from '../../namespace/apply-edit.ts'
import { Namespace } from '../../namespace/namespace.ts'
import { writeCheckpoint } from '../checkpoint.ts'
import { FileJournal } from '../file-journal.ts'
import { type RecoveredNamespace, recoverInto } from '../recover-into.ts'
import type { StorageFileSystem } from '../storage-file-system.ts'
import { formatStorage, readIdentity } from '../storage-format.ts'

/** Where everything lies. */
export const directory = '/nn/current'

const identity = { namespaceId: 42, clusterId: 'CID-test', blockPoolId: 'BP-1-127.0.0.1-1', cTime: 0 }

/** A change that leaves a trace of its own. */
export function mkdir(number: number): EditOp {
  return {
    op: 'OP_MKDIR',
    inodeId: 16385 + number,
    path: `/d${number}`,
    timestamp: number,
    permissions: { username: `user${number % 7}`, groupname: 'staff', mode: 0o755 },
    aclEntries: [],
    xAttrs: [],
  }
}

/** Names below the root, in order of their numbers. */
export function namesOf(namespace: Namespace): number[] {
  const names = [...(namespace.root.children?.values() ?? [])].map((inode) => Number(inode.name.slice(1)))
  return names.sort((a, b) => a - b)
}

/** Formats where that was not done, and recovers. */
export async function openNamespace(
  disk: StorageFileSystem,
  options: { readonly logger?: Logger; readonly truncateDamagedTail?: boolean } = {},
): Promise<RecoveredNamespace> {
  if ((await readIdentity(disk, directory)) === undefined) {
    await formatStorage(disk, directory, new Namespace(identity, 'root', 'supergroup'), 0)
  }
  const { logger = silentLogger, truncateDamagedTail } = options
  return recoverInto({ fileSystem: disk, directory, identity, logger, truncateDamagedTail })
}

/** A journal behind what was recovered. */
export function openJournal(
  disk: StorageFileSystem,
  recovered: RecoveredNamespace,
  checkpointTransactions?: number,
): Promise<FileJournal> {
  return FileJournal.open({
    fileSystem: disk,
    directory,
    lastTxid: recovered.lastTxid,
    imageTxid: recovered.imageTxid,
    checkpointTransactions,
    // Small, so that segments claim room more than once and tests are quick.
    preallocateBytes: 512,
    writeCheckpoint: async (txid) => {
      await writeCheckpoint({ fileSystem: disk, directory, identity, txid, logger: silentLogger })
    },
  })
}

/** Appends one change and makes it in memory. */
export function commit(journal: FileJournal, namespace: Namespace, op: EditOp): bigint {
  const txid = journal.append(op)
  applyEdit(namespace, op)
  return txid
}
