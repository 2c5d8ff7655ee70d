// The replicas of one block pool without an object each: a million of them in some 50 MB. Open addressing in
// shards: a shard that grows moves some thousand rows, never the whole table, so nothing ever pauses for long.
//
//     row, six 32-bit words:  | id low | id high | stamp low | stamp high | length low | length high 16, owner 12, flags |

const rowWords = 6
const shardBits = 8
const shardCount = 1 << shardBits
const slotsInitial = 16
const occupied = 1
const liveFlag = 2
const unseenFlag = 4
const ownerShift = 4
const ownersMax = 1 << 12
const lengthHighShift = 16
const two32 = 2 ** 32

/** Longest replica that a row holds, bytes: the 48 bits that block reports have for it. */
export const rowLengthMax = 2 ** 48 - 1

/** One row as it was when asked for. */
export interface ReplicaRow {
  readonly generationStamp: bigint
  readonly length: number
  readonly owner: number
  /** Somebody holds a fresher object of this replica: the row only says that it is there. */
  readonly live: boolean
}

/** Takes rows of a shard; 64-bit numbers come in halves, as signed 32-bit words. */
export type RowVisitor = (
  idLow: number,
  idHigh: number,
  stampLow: number,
  stampHigh: number,
  length: number,
  owner: number,
  live: boolean,
) => void

interface Shard {
  words: Int32Array
  /** Slots − 1. */
  mask: number
  rows: number
}

export class ReplicaTable {
  readonly #shards: Shard[] = Array.from({ length: shardCount }, () => ({
    words: new Int32Array(0),
    mask: -1,
    rows: 0,
  }))
  readonly #ownerRows: number[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Parts in which the rows can be visited. */
  get shardCount(): number {
    return shardCount
  }

  /** Rows of one owner. */
  ownerRows(owner: number): number {
    return this.#ownerRows[owner] ?? 0
  }

  find(blockId: bigint): ReplicaRow | undefined {
    const low = lowOf(blockId)
    const high = highOf(blockId)
    const hash = hashOf(low, high)
    const shard = this.#shards[hash & (shardCount - 1)]!
    const at = locate(shard, hash, low, high)
    if (at < 0) return undefined
    const { words } = shard
    const last = words[at + 5]!
    return {
      generationStamp: (BigInt(words[at + 3]!) << 32n) | BigInt(words[at + 2]! >>> 0),
      length: lengthOf(words[at + 4]!, last),
      owner: ownerOf(last),
      live: (last & liveFlag) !== 0,
    }
  }

  /** Adds a row or overwrites the block's row. */
  set(blockId: bigint, generationStamp: bigint, length: number, owner: number, live: boolean): void {
    if (owner >= ownersMax || length > rowLengthMax)
      throw new RangeError(
        `keep a replica of ${length} bytes of volume ${owner}: at most ${rowLengthMax} bytes`,
      )
    const low = lowOf(blockId)
    const high = highOf(blockId)
    const hash = hashOf(low, high)
    const shard = this.#shards[hash & (shardCount - 1)]!
    let at = locate(shard, hash, low, high)
    if (at < 0) {
      if ((shard.rows + 1) * 4 > (shard.mask + 1) * 3) grow(shard)
      at = freeSlot(shard, hash)
      shard.rows++
      this.#count++
    } else {
      const before = ownerOf(shard.words[at + 5]!)
      this.#ownerRows[before] = this.#ownerRows[before]! - 1
    }
    this.#ownerRows[owner] = (this.#ownerRows[owner] ?? 0) + 1
    const { words } = shard
    words[at] = low
    words[at + 1] = high
    words[at + 2] = lowOf(generationStamp)
    words[at + 3] = highOf(generationStamp)
    words[at + 4] = (length % two32) | 0
    const lengthHigh = Math.floor(length / two32) << lengthHighShift
    words[at + 5] = lengthHigh | (owner << ownerShift) | (live ? liveFlag : 0) | occupied
  }

  /** False when there was no such row. */
  delete(blockId: bigint): boolean {
    const low = lowOf(blockId)
    const high = highOf(blockId)
    const hash = hashOf(low, high)
    const shard = this.#shards[hash & (shardCount - 1)]!
    const at = locate(shard, hash, low, high)
    if (at < 0) return false
    const owner = ownerOf(shard.words[at + 5]!)
    this.#ownerRows[owner] = this.#ownerRows[owner]! - 1
    closeGap(shard, at / rowWords)
    shard.rows--
    this.#count--
    return true
  }

  /** Visits the rows of one shard, in no order. The visitor must not change the table. */
  visit(shardIndex: number, visitor: RowVisitor): void {
    const { words } = this.#shards[shardIndex]!
    for (let at = 0; at < words.length; at += rowWords) {
      const last = words[at + 5]!
      if ((last & occupied) === 0) continue
      const length = lengthOf(words[at + 4]!, last)
      visitor(
        words[at]!,
        words[at + 1]!,
        words[at + 2]!,
        words[at + 3]!,
        length,
        ownerOf(last),
        (last & liveFlag) !== 0,
      )
    }
  }

  /** Marks the owner's rows of a shard as not seen yet; writing a row takes the mark away. */
  markUnseen(shardIndex: number, owner: number): void {
    const { words } = this.#shards[shardIndex]!
    for (let at = 5; at < words.length; at += rowWords) {
      if ((words[at]! & occupied) !== 0 && ownerOf(words[at]!) === owner) words[at] = words[at]! | unseenFlag
    }
  }

  /** Takes the mark of a row away. */
  see(blockId: bigint): void {
    const low = lowOf(blockId)
    const high = highOf(blockId)
    const hash = hashOf(low, high)
    const shard = this.#shards[hash & (shardCount - 1)]!
    const at = locate(shard, hash, low, high)
    if (at >= 0) shard.words[at + 5] = shard.words[at + 5]! & ~unseenFlag
  }

  /** The owner's blocks of a shard that still have the mark. */
  unseen(shardIndex: number, owner: number): bigint[] {
    const { words } = this.#shards[shardIndex]!
    const ids: bigint[] = []
    for (let at = 0; at < words.length; at += rowWords) {
      const last = words[at + 5]!
      if ((last & occupied) === 0 || (last & unseenFlag) === 0 || ownerOf(last) !== owner) continue
      ids.push(wholeOf(words[at]!, words[at + 1]!))
    }
    return ids
  }

  /** The blocks of one shard. */
  blockIds(shardIndex: number): bigint[] {
    const ids: bigint[] = []
    this.visit(shardIndex, (low, high) => ids.push(wholeOf(low, high)))
    return ids
  }
}

/** Both halves of a 64-bit number as one. */
export function wholeOf(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0)
}

function lowOf(value: bigint): number {
  return Number(BigInt.asIntN(32, value))
}

function highOf(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n))
}

function lengthOf(low: number, last: number): number {
  return (low >>> 0) + (last >>> lengthHighShift) * two32
}

function ownerOf(last: number): number {
  return (last >>> ownerShift) & (ownersMax - 1)
}

function hashOf(low: number, high: number): number {
  let hash = low ^ Math.imul(high, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Word index of the row, -1 when there is none. */
function locate(shard: Shard, hash: number, low: number, high: number): number {
  const { words, mask } = shard
  if (mask < 0) return -1
  for (let slot = (hash >>> shardBits) & mask; ; slot = (slot + 1) & mask) {
    const at = slot * rowWords
    if ((words[at + 5]! & occupied) === 0) return -1
    if (words[at] === low && words[at + 1] === high) return at
  }
}

function freeSlot(shard: Shard, hash: number): number {
  const { words, mask } = shard
  let slot = (hash >>> shardBits) & mask
  while ((words[slot * rowWords + 5]! & occupied) !== 0) slot = (slot + 1) & mask
  return slot * rowWords
}

function grow(shard: Shard): void {
  const before = shard.words
  const slots = Math.max(slotsInitial, (shard.mask + 1) * 2)
  shard.words = new Int32Array(slots * rowWords)
  shard.mask = slots - 1
  for (let at = 0; at < before.length; at += rowWords) {
    if ((before[at + 5]! & occupied) === 0) continue
    const to = freeSlot(shard, hashOf(before[at]!, before[at + 1]!))
    for (let word = 0; word < rowWords; word++) shard.words[to + word] = before[at + word]!
  }
}

/** Empties a slot and moves up those rows behind it that would not be found over the gap. */
function closeGap(shard: Shard, gap: number): void {
  const { words, mask } = shard
  for (let slot = (gap + 1) & mask; ; slot = (slot + 1) & mask) {
    const at = slot * rowWords
    if ((words[at + 5]! & occupied) === 0) break
    const home = (hashOf(words[at]!, words[at + 1]!) >>> shardBits) & mask
    if (((slot - home) & mask) < ((slot - gap) & mask)) continue
    words.copyWithin(gap * rowWords, at, at + rowWords)
    gap = slot
  }
  words[gap * rowWords + 5] = 0
}
