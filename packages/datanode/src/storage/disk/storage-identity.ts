// Whether a storage directory belongs to what this DataNode was told to join.
import { readFileSync } from 'node:fs'
import { ProtocolError } from '@cairn/bytes'

/** A storage directory that belongs to something else than what this DataNode was told to join. */
export class StorageIdentityError extends Error {
  override readonly name = 'StorageIdentityError'
  readonly code = 'ERR_DN_STORAGE_IDENTITY'
}

/** A storage directory in a layout that this DataNode does not write. */
export class StorageLayoutError extends Error {
  override readonly name = 'StorageLayoutError'
  readonly code = 'ERR_DN_STORAGE_LAYOUT'
}

/** Compares what a VERSION file says with what the NameNode says, and names both where they differ. */
export function checkSame(
  field: string,
  path: string,
  found: string,
  wanted: string,
  owner = "the NameNode's cluster",
): void {
  if (found === wanted) return
  throw new StorageIdentityError(
    `use storage directory ${path}: found ${field} ${found}; ${owner} has ${wanted}`,
  )
}

/** Reads a VERSION file. Another layout is a `StorageLayoutError`; a damaged file is a `ProtocolError`. */
export function readVersion<T>(path: string, parse: (text: string) => T): T {
  try {
    return parse(readFileSync(path, 'latin1'))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const message = `read ${path}: ${error.message}`
    if (error.code === 'ERR_HSTORAGE_LAYOUT_VERSION') throw new StorageLayoutError(message, { cause: error })
    throw new ProtocolError(error.code, message)
  }
}
