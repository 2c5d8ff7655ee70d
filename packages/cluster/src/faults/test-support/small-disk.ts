import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory on a file system of its own with so little room that it can be filled. */
export interface SmallDisk {
  readonly path: string
  /** From now on nothing can be written. */
  makeReadOnly(): void
  /** The disk is pulled out: the directory stays, what was in it is gone. */
  unmount(): void
  close(): Promise<void>
}

/** Mounts a small file system; undefined where that is not allowed, which takes root on Linux. */
export async function smallDisk(mebibytes: number): Promise<SmallDisk | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'cairn-disk-'))
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path]
    execFileSync('mount', options, { stdio: 'ignore' })
  } catch {
    await rm(path, { recursive: true, force: true })
    return undefined
  }
  let mounted = true
  return {
    path,
    makeReadOnly() {
      // A file that is open for writing keeps a file system from becoming read-only, unless the disk says so itself.
      execFileSync('mount', ['-o', 'remount,ro', path], { stdio: 'ignore' })
    },
    unmount() {
      execFileSync('umount', ['-l', path], { stdio: 'ignore' })
      mounted = false
    },
    async close() {
      if (mounted) execFileSync('umount', ['-l', path], { stdio: 'ignore' })
      await rm(path, { recursive: true, force: true })
    },
  }
}
