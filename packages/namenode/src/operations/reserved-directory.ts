/** `/.reserved`, which is in no listing but can be asked for; FSDirectory.DOT_RESERVED_STATUS, getReservedStatuses. */
import type { HdfsFileStatusProto } from '@cairn/hadoop-proto'
import type { Core } from '../core.ts'
import { encodeName } from './file-status.ts'

function directory(name: string, perm: number, group: string, timeMs: number): HdfsFileStatusProto {
  return {
    fileType: 1,
    path: encodeName(name),
    length: 0n,
    permission: { perm },
    owner: '',
    group,
    modification_time: BigInt(timeMs),
    access_time: BigInt(timeMs),
    block_replication: 0,
    blocksize: 0n,
    fileId: 0n,
    childrenNum: 0,
    storagePolicy: 0,
    flags: 0,
  }
}

/** The directory itself. */
export const reservedDirectory: HdfsFileStatusProto = directory('', 0o1770, '', 0)

/** What it holds: the ways to nodes by their ids, and to what is stored as it is stored. */
export function reservedEntries({ namespace, settings }: Core): HdfsFileStatusProto[] {
  return ['.inodes', 'raw'].map((name) =>
    directory(name, 0o770, settings.supergroup, namespace.identity.cTime),
  )
}
