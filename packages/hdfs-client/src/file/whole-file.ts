import type { Buffer } from 'node:buffer'
import type { ClientContext } from '../client-context.ts'
import type { FileHandle } from './file-handle.ts'
import { type OpenOptions, openFile } from './open-file.ts'
import type { FileData } from './transfer.ts'

/** Options of readFile. */
export interface ReadFileOptions {
  encoding?: BufferEncoding | undefined
  signal?: AbortSignal | undefined
  timeoutMs?: number | undefined
}

/** Options of writeFile and appendFile. */
export interface WriteFileOptions extends OpenOptions {
  encoding?: BufferEncoding | undefined
  /** `w` replaces, `wx` refuses an existing file, `a` appends. Default `w` for writeFile, `a` for appendFile. */
  flag?: string | undefined
  /** Resolves only when the data survives power cuts (hsync). Default false. */
  flush?: boolean | undefined
}

/** Reads a whole file. */
export async function readFile(
  context: ClientContext,
  path: string,
  options: ReadFileOptions = {},
): Promise<Buffer | string> {
  const handle = await openFile(context, path, 'r', options)
  try {
    const bytes = await handle.readFile()
    return options.encoding === undefined ? bytes : bytes.toString(options.encoding)
  } finally {
    await handle.close()
  }
}

/** Writes a whole file; when that fails halfway the file is given up, and others may recover or replace it. */
export async function writeFile(
  context: ClientContext,
  path: string,
  data: FileData,
  options: WriteFileOptions = {},
): Promise<void> {
  const handle = await openFile(context, path, options.flag ?? 'w', options)
  try {
    await handle.writeFile(data, {
      ...(options.encoding && { encoding: options.encoding }),
      ...(options.signal && { signal: options.signal }),
    })
    if (options.flush === true) await handle.hsync()
  } catch (error) {
    await giveUp(handle)
    throw error
  }
  await handle.close()
}

/** Writes at the end of a file. */
export function appendFile(
  context: ClientContext,
  path: string,
  data: FileData,
  options: WriteFileOptions = {},
): Promise<void> {
  return writeFile(context, path, data, { flag: 'a', ...options })
}

/** The error that led here matters to the caller, not what goes wrong while cleaning up. */
async function giveUp(handle: FileHandle): Promise<void> {
  await handle.abort().catch(() => undefined)
}
