/** The trash of HDFS (org.apache.hadoop.fs.TrashPolicyDefault): a directory of the user to which removed paths move. */
import type { HdfsClient } from '@cairn/hdfs-client'
import type { Context } from '../context.ts'
import { CommandError, codeOf } from '../errors.ts'
import { isWithin, joinPath, parentOf } from '../paths/target.ts'

/** How many names are tried where the trash already has a file of the same path. */
const namesMax = 1_000

/** Where a removed path goes, or undefined where the cluster keeps no trash or the path is in the trash already. */
export async function trashRootOf(
  context: Context,
  client: HdfsClient,
  path: string,
): Promise<string | undefined> {
  const { trashIntervalMinutes } = await client.serverDefaults({ signal: context.signal })
  if (trashIntervalMinutes <= 0) return undefined
  const root = `/user/${context.user}/.Trash`
  if (isWithin(path, root)) return undefined
  if (isWithin(root, path)) {
    throw new CommandError('it contains the trash', { path, hint: '-skipTrash removes it for good' })
  }
  return joinPath(root, 'Current')
}

/** Moves a path into the trash under its own full path; a time is added where that is taken. Answers the new path. */
export async function moveToTrash(
  client: HdfsClient,
  path: string,
  trash: string,
  signal: AbortSignal,
): Promise<string> {
  const wanted = trash + path
  await client.mkdir(parentOf(wanted), { recursive: true, mode: 0o700, signal })
  for (let attempt = 0; attempt < namesMax; attempt++) {
    const name = attempt === 0 ? wanted : `${wanted}${Date.now() + attempt}`
    try {
      if (!(await client.exists(name, { signal }))) {
        await client.rename(path, name, { overwrite: false, signal })
        return name
      }
    } catch (error) {
      // Another rm took the name between the look and the move.
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
  throw new CommandError(`the trash has ${namesMax} things of this name`, {
    path,
    hint: '-skipTrash removes it for good',
  })
}
