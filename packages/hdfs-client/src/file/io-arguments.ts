// The argument forms of FileHandle.read and FileHandle.write in node:fs/promises, reduced to one.

import { Buffer } from 'node:buffer'

/** Any view of bytes. */
export type ByteView = NodeJS.ArrayBufferView

/** Options form of `read`. */
export interface ReadOptions<T extends ByteView = ByteView> {
  /** Where the bytes go. Default: a new buffer of 16 KiB. */
  buffer?: T | undefined
  /** Where in the buffer. Default 0. */
  offset?: number | null | undefined
  /** How many bytes at most. Default: up to the buffer's end. */
  length?: number | null | undefined
  /** Where in the file; null or -1: where the last read ended. */
  position?: number | bigint | null | undefined
}

/** Options form of `write`. */
export interface WriteOptions {
  offset?: number | undefined
  length?: number | undefined
  /** Only the file's end is possible; null: there. */
  position?: number | null | undefined
}

/** A read, resolved: bytes for `target`, from `position` or from the cursor. */
export interface ReadRequest<T extends ByteView> {
  readonly buffer: T
  readonly target: Uint8Array
  readonly position: number | undefined
}

/** A write, resolved. */
export interface WriteRequest {
  readonly bytes: Uint8Array
  readonly position: number | undefined
}

const readBytesDefault = 16 * 1024

/** Resolves `read(buffer, offset, length, position)`, `read(buffer, options)` and `read(options)`. */
export function readRequest<T extends ByteView>(
  first: T | ReadOptions<T> | undefined,
  second: number | null | undefined | ReadOptions,
  length: number | null | undefined,
  position: number | bigint | null | undefined,
): ReadRequest<T> {
  if (!ArrayBuffer.isView(first)) {
    // Without a buffer of the caller's the result has one of ours, as in Node.
    const buffer = first?.buffer ?? (Buffer.alloc(readBytesDefault) as unknown as T)
    return resolveRead(buffer, first?.offset, first?.length, first?.position)
  }
  if (typeof second === 'object' && second !== null) {
    return resolveRead(first, second.offset, second.length, second.position)
  }
  return resolveRead(first, second, length, position)
}

function resolveRead<T extends ByteView>(
  buffer: T,
  offset: number | null | undefined,
  length: number | null | undefined,
  position: number | bigint | null | undefined,
): ReadRequest<T> {
  const at = position === null || position === undefined ? undefined : Number(position)
  const target = slice(buffer, offset ?? 0, length ?? undefined)
  return { buffer, target, position: at === undefined || at < 0 ? undefined : checkedPosition(at) }
}

/** Resolves `write(buffer, offset, length, position)`, `write(buffer, options)` and `write(text, position, encoding)`. */
export function writeRequest(
  data: ByteView | string,
  second: number | null | undefined | WriteOptions,
  third: number | string | null | undefined,
  position: number | null | undefined,
): WriteRequest {
  if (typeof data === 'string') {
    const encoding = typeof third === 'string' ? (third as BufferEncoding) : 'utf8'
    return { bytes: Buffer.from(data, encoding), position: typeof second === 'number' ? second : undefined }
  }
  if (typeof second === 'object' && second !== null) {
    return {
      bytes: slice(data, second.offset ?? 0, second.length),
      position: second.position ?? undefined,
    }
  }
  const length = typeof third === 'number' ? third : undefined
  return { bytes: slice(data, second ?? 0, length), position: position ?? undefined }
}

function slice(view: ByteView, offset: number, length: number | undefined): Uint8Array {
  const bytes = view.byteLength
  const count = length ?? bytes - offset
  if (
    !Number.isInteger(offset) ||
    !Number.isInteger(count) ||
    offset < 0 ||
    count < 0 ||
    offset + count > bytes
  ) {
    throw new RangeError(`use bytes ${offset} to ${offset + count} of a buffer: it has ${bytes}`)
  }
  return new Uint8Array(view.buffer, view.byteOffset + offset, count)
}

function checkedPosition(position: number): number {
  if (Number.isSafeInteger(position)) return position
  throw new RangeError(`read at ${position}: a whole number below 2^53 is needed`)
}
