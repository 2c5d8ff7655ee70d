/**
 * One process per storage directory (`in_use.lock`). Java holds a file lock on it; Node has none, so the file says who
 * holds it and a start looks whether that process still lives:
 *
 *     <pid>@<host>
 *     <when that process was started, as its system says it>        absent where Java wrote the file
 *
 * A number is given again after a restart, a process is not: the second line tells them apart. Java does not look at
 * the text, and so does not see that we hold the directory ([edits.file.4]).
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { lockFileName } from '@cairn/hdfs-storage'
import { StorageError } from './storage-error.ts'

/** Held by this very process, which may run several NameNodes. */
const held = new Set<string>()

/** A killed process whose parent has not looked yet still has its number; it holds nothing any more. */
const ended = 'ended'

/**
 * What this system says of when a process was started, `ended` for one that is only waiting to be collected; undefined
 * where there is no such process or no such file system.
 */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'latin1'),
      readFile('/proc/sys/kernel/random/boot_id', 'latin1'),
    ])
    // The command in parentheses may hold blanks; the start time is field 22, the twentieth behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return ended
    const started = fields[19]
    return started === undefined ? undefined : `${boot.trim()} ${started}`
  } catch {
    // Not Linux, or the process is gone: the caller goes by the process id alone.
    return undefined
  }
}

async function isAlive(pid: number, started: string | undefined): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const now = await startOf(pid)
  if (now === ended) return false
  return started === undefined || now === undefined || started === now
}

/** A directory held by this process until `release`. */
export interface StorageLock {
  release(): Promise<void>
}

/** Takes a storage directory, or throws `ERR_NAMENODE_STORAGE_LOCKED` naming the process that has it. */
export async function lockStorage(directory: string): Promise<StorageLock> {
  const path = `${directory}/${lockFileName}`
  if (held.has(path)) throw locked(path, `this process (${process.pid}) holding it already`)
  held.add(path)
  try {
    const text = `${process.pid}@${hostname()}\n${(await startOf(process.pid)) ?? ''}\n`
    for (;;) {
      if (await tryCreate(path, text)) break
      await removeStale(path)
    }
  } catch (error) {
    held.delete(path)
    throw error
  }
  let released = false
  return {
    release: async () => {
      if (released) return
      released = true
      await rm(path, { force: true })
      held.delete(path)
    },
  }
}

function locked(path: string, found: string): StorageError {
  return new StorageError(
    'ERR_NAMENODE_STORAGE_LOCKED',
    `lock ${path}: found ${found}; one process may use a storage directory (stop it, or remove the file if it runs on another machine and is gone)`,
  )
}

async function tryCreate(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function removeStale(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const [, pid, host] = /^(\d+)@([^\n]*)/.exec(text) ?? []
  const started = text.split('\n')[1] || undefined
  const foreign = host !== undefined && started === undefined && host !== hostname()
  if (pid !== undefined && Number(pid) !== process.pid && !foreign && (await isAlive(Number(pid), started))) {
    throw locked(path, `process ${pid} on ${host} holding it`)
  }
  // Two starts may both see a dead holder: what is moved aside must still be what was read.
  const aside = `${path}.${process.pid}`
  await rename(path, aside).catch(() => {
    // Somebody else was faster; the next attempt to create the file decides.
  })
  const moved = await readFile(aside, 'utf8').catch(() => text)
  if (moved === text) await rm(aside, { force: true })
  else await rename(aside, path)
}
