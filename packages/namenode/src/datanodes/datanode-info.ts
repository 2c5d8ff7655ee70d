/** A DataNode as others see it; DatanodeInfoProto, made once per heartbeat. */
import type { DatanodeInfoProto } from '@cairn/hadoop-proto'
import type { Datanode } from './datanode.ts'

const made = new WeakMap<Datanode, DatanodeInfoProto>()

/** Forgets the description, after anything in it changed. */
export function refreshDatanodeInfo(datanode: Datanode): void {
  made.delete(datanode)
}

export function datanodeInfo(datanode: Datanode): DatanodeInfoProto {
  let info = made.get(datanode)
  if (info === undefined) {
    info = makeDatanodeInfo(datanode)
    made.set(datanode, info)
  }
  return info
}

function makeDatanodeInfo(datanode: Datanode): DatanodeInfoProto {
  const whole = (value: number): bigint => BigInt(Math.trunc(Math.max(value, 0)))
  return {
    id: { datanodeUuid: datanode.uuid, ...datanode.address },
    capacity: whole(datanode.total('capacity')),
    dfsUsed: whole(datanode.total('dfsUsed')),
    remaining: whole(datanode.total('remaining')),
    blockPoolUsed: whole(datanode.total('blockPoolUsed')),
    nonDfsUsed: whole(datanode.total('nonDfsUsed')),
    lastUpdate: whole(datanode.lastUpdateMs),
    xceiverCount: datanode.xceiverCount,
    location: datanode.networkLocation,
    adminState: 0,
    cacheCapacity: whole(datanode.cacheCapacity),
    cacheUsed: whole(datanode.cacheUsed),
    lastUpdateMonotonic: whole(datanode.lastHeartbeatMs),
    lastBlockReportTime: whole(datanode.lastBlockReportMs),
    lastBlockReportMonotonic: 0n,
    numBlocks: datanode.blockCount,
  }
}
