// `in_use.lock`: one process a directory. Java holds a POSIX lock on the file and writes `pid@host` into it. Node has
// no POSIX locks, so the content is the lock: a directory whose file names a live process of this host is refused.
import { readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'

/** Another process, or another DataNode of this process, uses the directory. */
export class DirectoryLockedError extends Error {
  override readonly name = 'DirectoryLockedError'
  readonly code = 'ERR_DN_DIRECTORY_LOCKED'
}

/** Clock ticks a second in `/proc`, on every Linux that Node runs on. */
const ticksPerSecond = 100
/** The start time from `/proc` and the file's time come from two clocks that agree within this. */
const clockSlackMs = 2_000

const heldHere = new Set<string>()

/** Claims a storage directory until the returned function is called. */
export function lockDirectory(directory: string): () => void {
  const path = resolve(join(directory, 'in_use.lock'))
  if (heldHere.has(path)) {
    throw new DirectoryLockedError(`lock ${directory}: found it in use by this very process`)
  }
  const holder = liveHolder(path)
  if (holder !== undefined) {
    throw new DirectoryLockedError(
      `lock ${directory}: found ${path} held by live process ${holder}; end it, or give this DataNode another directory`,
    )
  }
  writeFileSync(path, `${process.pid}@${hostname()}`)
  heldHere.add(path)
  return () => {
    if (!heldHere.delete(path)) return
    try {
      unlinkSync(path)
    } catch {
      // The directory may be gone with its disk: then nothing is locked any more.
    }
  }
}

function liveHolder(path: string): number | undefined {
  let content: string
  let writtenMs: number
  try {
    content = readFileSync(path, 'utf8')
    writtenMs = statSync(path).mtimeMs
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const match = /^(\d+)@(.*)$/.exec(content.trim())
  // Java leaves the file empty or torn when it is killed; a foreign host's process cannot be looked at.
  if (!match || match[2] !== hostname()) return undefined
  const pid = Number(match[1])
  // Containers start every time as the same pid: our own number in an old file is our predecessor's.
  if (pid === process.pid || !isAlive(pid)) return undefined
  const found = lookUpProcess(pid)
  if (found === undefined) return pid
  return found.dead || found.startedMs > writtenMs + clockSlackMs ? undefined : pid
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * What Linux tells of a process: the number may have been given to a later one, and a killed process whose parent
 * has not looked yet still has its number. Undefined on other systems.
 */
function lookUpProcess(pid: number): { dead: boolean; startedMs: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // Fields are counted after the command name, which may hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const uptimeSeconds = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0])
    const startedMs = Date.now() - uptimeSeconds * 1000 + (Number(fields[19]) / ticksPerSecond) * 1000
    return { dead: fields[0] === 'Z' || fields[0] === 'X', startedMs }
  } catch {
    return undefined
  }
}
