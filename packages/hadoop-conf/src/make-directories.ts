import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory that a configuration names, and those above it that are not there. Throws the system's error.
 *
 * Not `mkdirSync(path, { recursive: true })`: under a parent that exists and takes no directories (`/proc`) the system
 * answers ENOENT, which Node takes for a missing parent and tries again for ever.
 */
export function makeDirectories(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  const parent = dirname(path)
  if (parent !== path) makeDirectories(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    const another = (error as NodeJS.ErrnoException).code === 'EEXIST'
    if (!another || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}
