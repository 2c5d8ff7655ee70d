/** The last step of every file's writing; FSNamesystem.finalizeINodeFileUnderConstruction. */
import type { Core } from '../core.ts'
import { blockToEdit } from '../namespace/file-blocks.ts'
import type { INodeFile } from '../namespace/inode.ts'

/** Closes the file durably; all its blocks are settled. */
export function closeFile(core: Core, file: INodeFile, path: string): void {
  core.commit({
    op: 'OP_CLOSE',
    inodeId: 0,
    path,
    replication: file.replication,
    mtime: core.env.now(),
    atime: file.accessTime,
    blockSize: file.preferredBlockSize,
    blocks: file.blocks.map(blockToEdit),
    permissions: { username: file.owner, groupname: file.group, mode: file.mode },
  })
  for (const block of file.blocks) core.blocks.judge(block)
}
