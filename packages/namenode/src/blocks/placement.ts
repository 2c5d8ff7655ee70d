/**
 * Where new replicas go; org.apache.hadoop.hdfs.server.blockmanagement.BlockPlacementPolicyDefault on one rack.
 *
 * The first replica goes to a DataNode on the writer's own machine when there is one, the others to nodes drawn at
 * random. A node is good when it lives, has a healthy volume with room for the block, is heard of lately and is not
 * twice as busy as the average; when that leaves too few, load and staleness are overlooked.
 */
import type { Datanode } from '../datanodes/datanode.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import type { Environment } from '../environment.ts'
import type { Settings } from '../settings.ts'

/** Flags of addBlock; AddBlockFlagProto. */
export interface PlacementRequest {
  /** Replicas still wanted. */
  readonly count: number
  /** Bytes that each must have room for. */
  readonly blockSize: number
  /** Address of the writer; '' = unknown. */
  readonly writer: string
  /** Nodes that may not be chosen: excluded by the client, or holding a replica already. */
  readonly excluded: ReadonlySet<Datanode>
  /** Nodes that the client would like, in its order. */
  readonly favored: readonly Datanode[]
  /** NO_LOCAL_WRITE or IGNORE_CLIENT_LOCALITY. */
  readonly avoidLocal: boolean
}

/** How much load a node may have, times the average; dfs.namenode.redundancy.considerLoad.factor. */
const loadFactor = 2

/** StorageTypeProto DISK and its fallbacks in the HOT policy's order; RAM_DISK and PROVIDED never hold HOT replicas. */
const usableTypes: ReadonlySet<number> = new Set([1, 2, 3, 6])

/** Chooses at most `count` storages on distinct nodes. */
export function chooseTargets(
  nodes: Iterable<Datanode>,
  request: PlacementRequest,
  env: Environment,
  settings: Settings,
): DatanodeStorage[] {
  const usable: { node: Datanode; storage: DatanodeStorage }[] = []
  let load = 0
  let live = 0
  for (const node of nodes) {
    if (!node.alive) continue
    live++
    load += node.xceiverCount
    if (request.excluded.has(node)) continue
    const storage = chooseStorage(node, request.blockSize, env)
    if (storage !== undefined) usable.push({ node, storage })
  }
  shuffle(usable, env)
  const loadMax = (loadFactor * load) / Math.max(live, 1)
  const staleBefore = env.elapsed() - settings.staleIntervalMs
  const calm = (node: Datanode): boolean =>
    (live < 2 || node.xceiverCount <= loadMax) && node.lastHeartbeatMs >= staleBefore
  const ranked = usable
    .map((candidate) => ({ ...candidate, rank: rankOf(candidate.node, request, calm(candidate.node)) }))
    .sort((a, b) => a.rank - b.rank)
  return takeTargets(ranked, request)
}

/** Lower is better; equals stay in their shuffled order. */
function rankOf(node: Datanode, request: PlacementRequest, calm: boolean): number {
  const favored = request.favored.indexOf(node)
  if (favored >= 0) return favored
  return request.favored.length + (calm ? 0 : 1)
}

function takeTargets(
  ranked: readonly { node: Datanode; storage: DatanodeStorage }[],
  request: PlacementRequest,
): DatanodeStorage[] {
  const rest = [...ranked]
  const isLocal = (candidate: { node: Datanode }): boolean => candidate.node.address.ipAddr === request.writer
  if (request.favored.length === 0 && request.writer !== '') {
    const local = rest.findIndex(isLocal)
    if (request.avoidLocal && rest.some((candidate) => !isLocal(candidate))) {
      rest.sort((a, b) => Number(isLocal(a)) - Number(isLocal(b)))
    } else if (local > 0) {
      rest.unshift(...rest.splice(local, 1))
    }
  }
  return rest.slice(0, request.count).map((candidate) => candidate.storage)
}

/** A healthy volume with room for one block, drawn at random. */
function chooseStorage(node: Datanode, blockSize: number, env: Environment): DatanodeStorage | undefined {
  let chosen: DatanodeStorage | undefined
  let seen = 0
  for (const storage of node.storages.values()) {
    if (storage.failed || storage.state !== 0 || !usableTypes.has(storage.type)) continue
    if (storage.remaining < blockSize) continue
    if (chosen !== undefined && storage.type !== 1 && chosen.type === 1) continue
    seen = chosen !== undefined && storage.type === 1 && chosen.type !== 1 ? 1 : seen + 1
    if (seen === 1 || env.random() * seen < 1) chosen = storage
  }
  return chosen
}

/** Fisher–Yates. */
export function shuffle<T>(items: T[], env: Environment): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(env.random() * (i + 1))
    const held = items[i]!
    items[i] = items[j]!
    items[j] = held
  }
}
