import { CreateFlagProto, type HdfsFileStatusProto } from '@cairn/hadoop-proto'
import type { ClientContext } from '../client-context.ts'
import { erasureCodingPolicyName } from '../fs/erasure-coding.ts'
import { HdfsFileError, throwFileError } from '../fs/file-error.ts'
import { FileWriter } from './file-writer.ts'
import { type WriteFormatOptions, writeFormat } from './write-format.ts'
import type { WrittenFile } from './written-file.ts'

/** Opens an existing file to write at its end; a last block that is not full is filled up, or left with `newBlock`. */
export async function appendToFile(
  context: ClientContext,
  path: string,
  options: WriteFormatOptions & { readonly newBlock?: boolean | undefined },
): Promise<FileWriter> {
  const { clientName } = context.leases
  const { newBlock = false } = options
  const flag = newBlock ? CreateFlagProto.APPEND | CreateFlagProto.NEW_BLOCK : undefined
  const answer = await context.namenode
    .call('append', { src: path, clientName, flag }, options)
    .catch((error: unknown) => throwFileError(error, 'open', path))
  // NameNodes before Hadoop 2.6 do not send the status along.
  const fs = answer.stat ?? (await context.namenode.call('getFileInfo', { src: path }, options)).fs
  if (fs === undefined) throw new HdfsFileError('ENOENT', 'open', { path })
  const { block: last } = answer
  const blockSize = Number(fs.blocksize)
  const { checksum } = await writeFormat(context, { ...options, blockSize })
  const file: WrittenFile = {
    path,
    fileId: fs.fileId ?? 0n,
    blockSize,
    replication: fs.block_replication ?? 1,
    checksum,
    length: Number(fs.length),
    // With NEW_BLOCK the last block comes without DataNodes: not to be written to, but what the next one follows.
    lastBlock: last !== undefined && last.locs.length > 0 ? last : undefined,
    previous: last !== undefined && last.locs.length === 0 ? last.b : undefined,
  }
  const writer = new FileWriter(context, file, options.signal)
  // Hadoop before 2.7 knows no flags, and gives the last block to be filled up [hgen.absent.3].
  if (newBlock && file.lastBlock !== undefined) {
    await writer.close()
    const detail = 'this NameNode knows no newBlock; Hadoop has it since 2.7.0'
    throw new HdfsFileError('ENOTSUP', 'open', { path, detail })
  }
  const unwritable = whyUnwritable(fs)
  if (unwritable === undefined) return writer
  await writer.abort()
  throw new HdfsFileError('ENOTSUP', 'open', { path, detail: unwritable })
}

/** Plain bytes at the end of such a file would make it unreadable. */
function whyUnwritable(status: HdfsFileStatusProto): string | undefined {
  if (status.ecPolicy)
    return `the file is erasure coded (${erasureCodingPolicyName(status.ecPolicy)}), which this client does not write`
  return status.fileEncryptionInfo && 'the file is encrypted, which this client does not write'
}
