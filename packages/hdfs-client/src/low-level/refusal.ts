import { UnsupportedByReleaseError } from '@cairn/hadoop-ipc'
import { RemoteException } from '@cairn/hadoop-rpc'
import { FileNotFoundException, makeProtocolException, type ProtocolException } from '@cairn/hdfs-protocol'
import { HdfsFileError } from '../fs/file-error.ts'
import { NamenodeError, type NamenodeErrorCode } from '../namenode/namenode-error.ts'

/** Errors of ours that stand for an exception of the NameNode, which says as much. */
const standsForException: ReadonlySet<NamenodeErrorCode> = new Set([
  'ERR_HDFS_STANDBY',
  'ERR_HDFS_SAFE_MODE',
  'ERR_HDFS_BUSY',
])

/** The server's refusal as an exception of its own class, which says what was attempted; any other error as it is. */
export function asProtocolException(error: unknown, attempted: string): unknown {
  const remote = refusalIn(error)
  if (remote === undefined) return isMissingFile(error) ? fileNotFound(error, attempted) : error
  // It was not the server that said so, and it names the release that can.
  if (remote instanceof UnsupportedByReleaseError) return remote
  const { javaClass, message, address, detail, trace } = remote
  const cause = error === remote ? remote.cause : error
  return makeProtocolException(javaClass, message, { attempted, address, detail, trace, cause })
}

function refusalIn(error: unknown): RemoteException | undefined {
  if (error instanceof RemoteException) return error
  if (error instanceof NamenodeError && !standsForException.has(error.code)) return undefined
  if (!(error instanceof NamenodeError || error instanceof HdfsFileError)) return undefined
  return error.cause instanceof RemoteException ? error.cause : undefined
}

/** Hadoop 1 answers null where later releases throw. */
function isMissingFile(error: unknown): error is HdfsFileError {
  return error instanceof HdfsFileError && error.code === 'ENOENT'
}

function fileNotFound(error: HdfsFileError, attempted: string): ProtocolException {
  return new FileNotFoundException(`File does not exist: ${error.path ?? ''}`, { attempted, cause: error })
}
