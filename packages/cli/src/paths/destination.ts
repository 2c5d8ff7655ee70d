import type { HdfsClient } from '@cairn/hdfs-client'
import { CommandError } from '../errors.ts'
import { type Entry, findEntry } from '../files/entry.ts'
import { childOf, type Target } from './target.ts'

/** Where things are copied or moved to, looked at once. */
export interface Destination {
  readonly target: Target
  /** What is there now. */
  readonly found: Entry | undefined
}

/** Looks at the destination; several sources, and a slash at the end, need a directory. Throws `CommandError`. */
export async function openDestination(
  client: HdfsClient,
  target: Target,
  isMany: boolean,
): Promise<Destination> {
  const found = await findEntry(client, target)
  const needsDirectory = isMany || (target.shown.endsWith('/') && target.path !== '/')
  if (needsDirectory && found?.kind !== 'directory') {
    const why = isMany ? 'several sources need a directory' : 'the slash at its end says that it is one'
    throw new CommandError(`'${target.shown}' is not a directory`, {
      code: found === undefined ? 'ENOENT' : 'ENOTDIR',
      path: target.path,
      hint: found === undefined ? `${why}; cairn mkdir makes it` : why,
    })
  }
  return { target, found }
}

/** The target of one source: in the directory where there is one, else the destination itself. */
export function placeIn(destination: Destination, name: string): Target {
  return destination.found?.kind === 'directory' && name !== ''
    ? childOf(destination.target, name)
    : destination.target
}
