import { mkdirSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory that a configuration names, and those above it that are not there. Throws the system's error.
 *
 * Not `mkdirSync(path, { recursive: true })`: under a parent that exists and takes no directories (`/proc`) the system
 * answers ENOENT, which Node takes for a missing parent and tries again for ever.
 */
export function makeDirectories(path: string): void {
  if (stat(path)?.isDirectory()) return
  const parent = dirname(path)
  // What is there and is no directory is what `mkdir` complains of, by the name that was asked for.
  if (stat(parent) === undefined) makeDirectories(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    const another = (error as NodeJS.ErrnoException).code === 'EEXIST'
    if (!another || !stat(path)?.isDirectory()) throw error
  }
}

/** Undefined where nothing is, also because something above it is no directory. */
function stat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  }
}
