import type { HdfsClient } from '@cairn/hdfs-client'

const clientName = 'DFSClient_in_order'

/**
 * Writes a file of one block through a pipeline in a wanted order of nodes (`host:port`), whatever order the NameNode
 * proposed: `order` names the nodes that must be at the front.
 */
export async function writeInOrder(
  client: HdfsClient,
  src: string,
  data: Uint8Array,
  order: (addresses: readonly string[]) => readonly string[],
): Promise<void> {
  const masked = { perm: 0o644 }
  const created = await client.call('create', {
    src,
    masked,
    clientName,
    createFlag: 1,
    createParent: true,
    replication: 3,
    blockSize: 1n << 20n,
    cryptoProtocolVersion: [],
  })
  const fileId = created.fs?.fileId
  const request = { src, clientName, excludeNodes: [], favoredNodes: [], flags: [], fileId }
  const { block } = await client.call('addBlock', request)
  const addresses = block.locs.map((node) => `${node.id.ipAddr}:${node.id.xferPort}`)
  const places = order(addresses).map((address) => addresses.indexOf(address))
  const ordered = {
    ...block,
    locs: places.map((place) => block.locs[place]!),
    storageTypes: places.map((place) => block.storageTypes[place]!),
    storageIDs: places.map((place) => block.storageIDs[place]!),
  }
  await client.writeBlock(ordered, data, { clientName })
  const last = { ...block.b, numBytes: BigInt(data.length) }
  while (!(await client.call('complete', { src, clientName, last, fileId })).result);
}

/** Reads a whole file, every block from the one DataNode at `address`. */
export async function readFrom(client: HdfsClient, path: string, address: string): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const { locatedBlock, length } of await client.blockLocations(path)) {
    const locs = locatedBlock.locs.filter(({ id }) => `${id.ipAddr}:${id.xferPort}` === address)
    parts.push(await client.readBlock({ ...locatedBlock, locs }, { length }))
  }
  return Buffer.concat(parts)
}
