import type { ChecksumType } from '@cairn/checksum'
import { CreateFlagProto } from '@cairn/hadoop-proto'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError, throwFileError } from '../fs/file-error.ts'
import { parseMode } from '../fs/metadata.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'
import { FileReader } from '../read/file-reader.ts'
import { LocatedFile } from '../read/located-file.ts'
import { appendToFile } from '../write/append-to-file.ts'
import { FileWriter } from '../write/file-writer.ts'
import { writeFormat } from '../write/write-format.ts'
import type { WrittenFile } from '../write/written-file.ts'
import { FileHandle } from './file-handle.ts'
import { parseOpenFlags } from './open-flags.ts'

/** Options of open; those about new files matter only when one is made. */
export interface OpenOptions extends CallOptions {
  /** Permission bits before the umask. Default 0o666. */
  mode?: number | string | undefined
  /** Makes missing parent directories, as Hadoop's own shell does. Default false: ENOENT, as in Node. */
  createParents?: boolean | undefined
  /** Bytes per block. */
  blockSize?: number | undefined
  /** Copies of each block. */
  replication?: number | undefined
  checksumType?: ChecksumType | undefined
  bytesPerChecksum?: number | undefined
  /**
   * Lets DataNodes keep a new file's blocks in memory and write them to disk later (CreateFlag LAZY_PERSIST). Such a
   * file has one copy of each block where `replication` does not say otherwise. Default false.
   */
  lazyPersist?: boolean | undefined
  /** Appends in a new block, also where the last one is not full (CreateFlag NEW_BLOCK). Default false. */
  newBlock?: boolean | undefined
}

/** Opens a file for what `flags` say. */
export async function openFile(
  context: ClientContext,
  path: string,
  flags: string,
  options: OpenOptions,
): Promise<FileHandle> {
  const mode = parseOpenFlags(flags, path)
  options.signal?.throwIfAborted()
  if (mode.kind === 'read') {
    const file = await LocatedFile.open(context, path, { ...options, syscall: 'open' })
    const reader = new FileReader(context, file, { signal: options.signal })
    return new FileHandle(context, path, { kind: 'read', reader, truncate: mode.truncate })
  }
  const writer =
    mode.kind === 'append' && !mode.exclusive
      ? await openForAppend(context, path, options)
      : await createFile(context, path, mode.exclusive, options)
  return new FileHandle(context, path, { kind: 'write', writer })
}

/** Appends to the file, or creates it when there is none. */
async function openForAppend(
  context: ClientContext,
  path: string,
  options: OpenOptions,
): Promise<FileWriter> {
  try {
    return await appendToFile(context, path, options)
  } catch (error) {
    if (!(error instanceof HdfsFileError && error.code === 'ENOENT')) throw error
  }
  try {
    return await createFile(context, path, true, options)
  } catch (error) {
    if (!(error instanceof HdfsFileError && error.code === 'EEXIST')) throw error
    // Somebody created it in between.
    return await appendToFile(context, path, options)
  }
}

async function createFile(
  context: ClientContext,
  path: string,
  exclusive: boolean,
  options: OpenOptions,
): Promise<FileWriter> {
  const lazyPersist = options.lazyPersist === true
  const copies = options.replication ?? (lazyPersist ? 1 : undefined)
  const { blockSize, replication, checksum } = await writeFormat(context, { ...options, replication: copies })
  const unmasked = parseMode(options.mode ?? 0o666)
  // SHOULD_REPLICATE: under a directory with an erasure coding policy the file is made of plain replicas all the same,
  // since this client cannot write striped blocks.
  let flags = CreateFlagProto.CREATE | CreateFlagProto.SHOULD_REPLICATE
  if (lazyPersist) flags |= CreateFlagProto.LAZY_PERSIST
  const request = {
    src: path,
    masked: { perm: unmasked & ~context.settings.umask },
    clientName: context.leases.clientName,
    createFlag: exclusive ? flags : flags | CreateFlagProto.OVERWRITE,
    createParent: options.createParents === true,
    replication,
    blockSize: BigInt(blockSize),
    cryptoProtocolVersion: [],
    unmasked: { perm: unmasked },
  }
  const { fs } = await context.namenode
    .call('create', request, options)
    .catch((error: unknown) => throwFileError(error, 'open', path))
  const file: WrittenFile = {
    path,
    fileId: fs?.fileId ?? 0n,
    blockSize: Number(fs?.blocksize ?? blockSize),
    replication: fs?.block_replication ?? replication,
    checksum,
    length: 0,
    lastBlock: undefined,
    previous: undefined,
  }
  return new FileWriter(context, file, options.signal)
}
