/** A core in memory with DataNodes that exist on paper: for tests of operations, without sockets and timers. */

import { noRpcIds } from '@cairn/hdfs-storage'
import { Core } from '../core.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import { MemoryJournal } from '../journal/memory-journal.ts'
import { Namespace } from '../namespace/namespace.ts'
import type { ClientBlock } from '../operations/client-block.ts'
import { create } from '../operations/create.ts'
import { addBlock, complete } from '../operations/write-blocks.ts'
import type { Caller } from '../permissions/caller.ts'
import { defaultSettings, type Settings } from '../settings.ts'

const identity = { namespaceId: 42, clusterId: 'CID-test', blockPoolId: 'BP-1-127.0.0.1-1', cTime: 0 }
const mebibyte = 1024 * 1024

/** Name under which `writer` creates files. */
export const clientName = 'DFSClient_NONMAPREDUCE_1_1'

/** A core, its clock in the caller's hand, and one storage of each DataNode. */
export interface CoreWithDatanodes {
  readonly core: Core
  readonly root: Caller
  readonly storages: readonly DatanodeStorage[]
  /** Lets time pass, milliseconds. */
  advance(ms: number): void
}

/** Makes a core that has left safe mode, with so many DataNodes of plenty of room. */
export function coreWithDatanodes(datanodes: number, settings: Partial<Settings> = {}): CoreWithDatanodes {
  let clock = 1_000_000
  const env = { now: () => 1_700_000_000_000 + clock, elapsed: () => clock, random: () => 0.5 }
  const core = new Core({
    namespace: new Namespace(identity, 'root', 'supergroup'),
    journal: new MemoryJournal(),
    env,
    settings: { ...defaultSettings, ...settings },
    groupsOf: () => [],
  })
  const storages = Array.from({ length: datanodes }, (_, i) => {
    const ports = { xferPort: 9866 + i, infoPort: 0, infoSecurePort: 0, ipcPort: 9967 + i }
    const address = { ipAddr: '127.0.0.1', hostName: 'localhost', ...ports }
    const { datanode } = core.datanodes.register(`dn-${i}`, address, '3.4.3')
    const storage = datanode.storage(`DS-${i}`)
    return Object.assign(storage, { capacity: 1024 * mebibyte, remaining: 1024 * mebibyte })
  })
  core.checkSafeMode()
  const advance = (ms: number): void => {
    clock += ms
  }
  return { core, root: core.callers.of('root', 0), storages, advance }
}

/** Opens a new file. */
export function createFile(
  { core, root }: CoreWithDatanodes,
  src: string,
  options: { readonly blockSize?: number; readonly replication?: number } = {},
): void {
  create(core, root, {
    src,
    mode: 0o644,
    unmaskedMode: 0o666,
    clientName,
    clientMachine: '127.0.0.1',
    flags: 1,
    createParent: true,
    replication: options.replication ?? 1,
    blockSize: options.blockSize ?? mebibyte,
    rpcIds: noRpcIds,
  })
}

/** Has the file's writer ask for its next block, `previous` being written. */
export function nextBlock(
  { core, root }: CoreWithDatanodes,
  src: string,
  previous: ClientBlock | undefined,
  tellsPrevious = true,
): ClientBlock {
  const { b } = addBlock(core, root, {
    src,
    clientName,
    clientMachine: '127.0.0.1',
    fileId: 0,
    previous,
    tellsPrevious,
    excluded: [],
    favored: [],
    avoidLocal: false,
  })
  return { id: Number(b.blockId), generationStamp: Number(b.generationStamp), numBytes: 0 }
}

/** Makes a closed file of blocks of these lengths, each with a replica on every one of the first DataNodes. */
export function writeFile(
  cluster: CoreWithDatanodes,
  src: string,
  lengths: readonly number[],
  options: { readonly blockSize?: number; readonly replication?: number } = {},
): void {
  const { core, root, storages } = cluster
  createFile(cluster, src, options)
  let last: ClientBlock | undefined
  for (const numBytes of lengths) {
    last = { ...nextBlock(cluster, src, last), numBytes }
    const block = core.namespace.blocks.get(last.id)!
    for (const storage of storages.slice(0, options.replication ?? 1)) core.blocks.addReplica(storage, block)
  }
  if (!complete(core, root, { src, clientName, fileId: 0, last })) throw new Error(`${src} does not close`)
}
