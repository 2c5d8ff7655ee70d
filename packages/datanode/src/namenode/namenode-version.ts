import type { NamespaceInfoProto } from '@cairn/hadoop-proto'
import { softwareVersion } from './registration.ts'

/** A NameNode of a release with which this DataNode cannot work; Java's `IncorrectVersionException` on this side. */
export class NamenodeVersionError extends Error {
  override readonly name = 'NamenodeVersionError'
  readonly code = 'ERR_DN_NAMENODE_VERSION'
}

/** Words in the order of the releases they mark: `-alpha` comes before the release itself. */
const qualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '']

type Part = number | string

/** Numbers and words: `2.1.0-beta` is 2, 1, 0, beta. */
function partsOf(version: string): Part[] {
  return (version.toLowerCase().match(/\d+|[a-z]+/g) ?? []).map((part) =>
    /\d/.test(part) ? Number(part) : part,
  )
}

/** A number is later than nothing, an unknown word too; `beta` is earlier. */
function compareParts(a: Part | undefined, b: Part | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'number') return b === undefined ? a : 1
  if (typeof b === 'number') return a === undefined ? -b : -1
  const rank = (part: string | undefined): number => {
    const found = qualifiers.indexOf(part ?? '')
    return found < 0 ? qualifiers.length : found
  }
  return rank(a) - rank(b) || (a ?? '').localeCompare(b ?? '')
}

/**
 * Compares two releases as Hadoop's `VersionUtil`: number by number, and `3.0.0-alpha1` before `3.0.0`. Negative when
 * `a` is the older one, 0 when they are equal.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareParts(left[index], right[index])
    if (order !== 0) return order
  }
  return 0
}

/** Throws `NamenodeVersionError`, which names both releases, for a NameNode older than `minimum` [dnp.handshake.2]. */
export function checkNamenodeVersion(info: NamespaceInfoProto, minimum: string): void {
  if (compareVersions(info.softwareVersion, minimum) >= 0) return
  throw new NamenodeVersionError(
    `join a NameNode: found release ${info.softwareVersion} (build ${info.buildVersion}); this DataNode, release ${softwareVersion}, works with ${minimum} and later (dfs.datanode.min.supported.namenode.version)`,
  )
}
