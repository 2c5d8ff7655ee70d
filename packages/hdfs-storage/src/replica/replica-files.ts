/**
 * Names of replica files and where they lie in a block pool (`DatanodeUtil`, `BlockPoolSlice`, layout -57):
 *
 *     current/finalized/subdir<id>>16 & 31>/subdir<id>>8 & 31>/blk_<id>   and blk_<id>_<generation stamp>.meta
 *     current/rbw/blk_<id>   and blk_<id>_<generation stamp>.meta         being written
 *     tmp/blk_<id>           and …                                        copies not visible yet
 */

/** Directories that a block pool has, relative to `<volume>/current/<pool>`. */
export const blockPoolDirectories = {
  finalized: 'current/finalized',
  rbw: 'current/rbw',
  lazyPersist: 'current/lazypersist',
  tmp: 'tmp',
} as const

/** `blk_<id>`; ids of striped blocks are negative. */
export function formatBlockFileName(blockId: bigint): string {
  return `blk_${blockId}`
}

/** `blk_<id>_<generation stamp>.meta`. */
export function formatMetaFileName(blockId: bigint, generationStamp: bigint | number): string {
  return `blk_${blockId}_${generationStamp}.meta`
}

/** What the name of a file in a block directory says, or undefined where it is no replica's. */
export type ReplicaFileName =
  | { readonly kind: 'block'; readonly blockId: bigint }
  | { readonly kind: 'meta'; readonly blockId: bigint; readonly generationStamp: bigint }

/** Parses `blk_<id>` or `blk_<id>_<generation stamp>.meta`. */
export function parseReplicaFileName(name: string): ReplicaFileName | undefined {
  const match = /^blk_(-?\d{1,19})(?:_(\d{1,19})\.meta)?$/.exec(name)
  if (match === null) return undefined
  const blockId = BigInt(match[1]!)
  return match[2] === undefined
    ? { kind: 'block', blockId }
    : { kind: 'meta', blockId, generationStamp: BigInt(match[2]) }
}

/** Directory of a finalized replica below `current/finalized`, such as `subdir0/subdir31`. */
export function finalizedSubdirectory(blockId: bigint): string {
  const first = Number((blockId >> 16n) & 31n)
  const second = Number((blockId >> 8n) & 31n)
  return `subdir${first}/subdir${second}`
}
