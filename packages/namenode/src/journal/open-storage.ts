/** Opens a NameNode's directory: lock, format where it is new, recover, and a journal to go on with. */
import { dirname, resolve } from 'node:path'
import type { EditOp } from '@cairn/hdfs-storage'
import { type Logger, silentLogger } from '../logger.ts'
import { Namespace, type NamespaceIdentity } from '../namespace/namespace.ts'
import { runCheckpointThread } from './checkpoint-thread.ts'
import { FileJournal } from './file-journal.ts'
import type { Journal } from './journal.ts'
import { recoverInto } from './recover-into.ts'
import type { StorageError } from './storage-error.ts'
import { nodeFileSystem } from './storage-file-system.ts'
import { formatStorage, newNamespaceIdentity, readIdentity } from './storage-format.ts'
import { lockStorage } from './storage-lock.ts'

/** Options of `openNameNodeStorage`. */
export interface NameNodeStorageOptions {
  /** Storage directory as `dfs.namenode.name.dir` names it; made where it is absent. */
  readonly dir: string
  /** Owner and group of the root of a new namespace. */
  readonly superuser: string
  readonly supergroup: string
  /** Address that goes into a new block pool's id. Default 127.0.0.1. */
  readonly host?: string | undefined
  /** Milliseconds since 1970. Default the machine's clock. */
  readonly now?: (() => number) | undefined
  readonly logger?: Logger | undefined
  /** Transactions since the last image after which one is written by itself. Default 1,000,000. */
  readonly checkpointTransactions?: number | undefined
  /** Gives up what follows a damaged transaction in the last segment, instead of refusing. Default false. */
  readonly truncateDamagedTail?: boolean | undefined
  /** Told of every operation that recovery replays, before it is applied. */
  readonly onReplay?: ((op: EditOp, namespace: Namespace) => void) | undefined
  /** The journal failed: nothing more may be acknowledged. Called once. */
  readonly onFailure?: ((error: StorageError) => void) | undefined
}

/** A namespace and the journal that keeps it. `close` makes all durable and gives the directory free. */
export interface NameNodeStorage {
  readonly namespace: Namespace
  readonly journal: Journal
  close(): Promise<void>
}

/** Opens the directory; throws `StorageError`. */
export async function openNameNodeStorage(options: NameNodeStorageOptions): Promise<NameNodeStorage> {
  const { logger = silentLogger } = options
  const root = resolve(options.dir)
  const directory = `${root}/current`
  await nodeFileSystem.makeDirectory(directory)
  const lock = await lockStorage(root)
  try {
    const identity = await identify(options, directory)
    const { truncateDamagedTail, onReplay } = options
    const recovered = await recoverInto({
      fileSystem: nodeFileSystem,
      directory,
      identity,
      logger,
      truncateDamagedTail,
      onReplay,
    })
    const { namespace, imageTxid, lastTxid } = recovered
    logger.info({ directory, imageTxid, lastTxid, inodes: namespace.inodes.size }, 'namespace loaded')
    const journal = await FileJournal.open({
      fileSystem: nodeFileSystem,
      directory,
      lastTxid,
      imageTxid,
      checkpointTransactions: options.checkpointTransactions,
      writeCheckpoint: async (txid, signal) => {
        const bytes = await runCheckpointThread({ directory, identity, txid }, signal)
        logger.info({ directory, txid, bytes }, 'image written')
      },
      onFailure: options.onFailure,
      onCheckpointFailure: (error) => logger.error({ directory, err: error }, 'image not written'),
    })
    const close = async () => {
      try {
        await journal.close()
      } finally {
        await lock.release()
      }
    }
    return { namespace, journal, close }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function identify(options: NameNodeStorageOptions, directory: string): Promise<NamespaceIdentity> {
  const known = await readIdentity(nodeFileSystem, directory)
  if (known !== undefined) return known
  const timeMs = (options.now ?? Date.now)()
  const identity = newNamespaceIdentity(options.host ?? '127.0.0.1', timeMs)
  const namespace = new Namespace(identity, options.superuser, options.supergroup)
  namespace.root.modificationTime = timeMs
  await formatStorage(nodeFileSystem, directory, namespace, timeMs)
  // The directories themselves may be new, and must be there after a power cut like what is in them.
  await nodeFileSystem.syncDirectory(dirname(directory))
  await nodeFileSystem.syncDirectory(dirname(dirname(directory)))
  options.logger?.info({ directory, ...identity }, 'storage directory formatted')
  return identity
}
