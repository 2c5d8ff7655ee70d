import type { ClientContext } from '../client-context.ts'
import { HdfsFileError, throwFileError } from '../fs/file-error.ts'
import { FileWriter } from './file-writer.ts'
import { type WriteFormatOptions, writeFormat } from './write-format.ts'

/** Opens an existing file to write at its end; a last block that is not full is filled up first. */
export async function appendToFile(
  context: ClientContext,
  path: string,
  options: WriteFormatOptions,
): Promise<FileWriter> {
  const { clientName } = context.leases
  const answer = await context.namenode
    .call('append', { src: path, clientName }, options)
    .catch((error: unknown) => throwFileError(error, 'open', path))
  // NameNodes before Hadoop 2.6 do not send the status along.
  const fs = answer.stat ?? (await context.namenode.call('getFileInfo', { src: path }, options)).fs
  if (fs === undefined) throw new HdfsFileError('ENOENT', 'open', { path })
  const blockSize = Number(fs.blocksize)
  const { checksum } = await writeFormat(context, { ...options, blockSize })
  const file = {
    path,
    fileId: fs.fileId ?? 0n,
    blockSize,
    replication: fs.block_replication ?? 1,
    checksum,
    length: Number(fs.length),
    lastBlock: answer.block,
  }
  return new FileWriter(context, file, options.signal)
}
