import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { kernel } from '@cairn/checksum'
import { CommandError, codeOf } from '../errors.ts'

/** Bytes that one checksum guards; `file.bytes-per-checksum` of Hadoop. */
const bytesPerChecksumDefault = 512
const headerBytes = 8

/** Where Hadoop's local file system looks for the checksums of a file. */
export function crcPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.crc`)
}

/** The name is that of a checksum file; Hadoop's local file system does not list these. */
export function isCrcName(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.crc')
}

/**
 * Collects what Java's ChecksumFileSystem keeps beside a local file:
 *
 *     | "crc\0" | int32 bytes per checksum | CRC32 of each chunk … |
 */
export class CrcFile {
  readonly #bytesPerChecksum: number
  readonly #sums: Uint8Array[] = []
  /** CRC of the chunk that has begun, and how much of it there is. */
  #crc = 0
  #partial = 0

  constructor(bytesPerChecksum = bytesPerChecksumDefault) {
    this.#bytesPerChecksum = bytesPerChecksum
  }

  /** Takes the next bytes of the file. */
  add(bytes: Uint8Array): void {
    const bytesPerChecksum = this.#bytesPerChecksum
    const head = this.#partial === 0 ? 0 : Math.min(bytes.length, bytesPerChecksum - this.#partial)
    if (head > 0) this.#extend(bytes.subarray(0, head))
    const whole = bytes.length - head - ((bytes.length - head) % bytesPerChecksum)
    if (whole > 0) {
      const sums = new Uint8Array((whole / bytesPerChecksum) * 4)
      kernel.compute('CRC32', bytes.subarray(head, head + whole), bytesPerChecksum, sums)
      this.#sums.push(sums)
    }
    if (head + whole < bytes.length) this.#extend(bytes.subarray(head + whole))
  }

  #extend(bytes: Uint8Array): void {
    this.#crc = kernel.crc('CRC32', bytes, this.#partial === 0 ? undefined : this.#crc)
    this.#partial += bytes.length
    if (this.#partial === this.#bytesPerChecksum) this.#endChunk()
  }

  #endChunk(): void {
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(this.#crc)
    this.#sums.push(sum)
    this.#partial = 0
  }

  /** The checksums, one of four bytes for each chunk. */
  end(): Buffer {
    if (this.#partial > 0) this.#endChunk()
    return Buffer.concat(this.#sums)
  }

  /** Writes the file that belongs to `path`. */
  async write(path: string): Promise<void> {
    const header = Buffer.from('crc\0\0\0\0\0', 'latin1')
    header.writeUInt32BE(this.#bytesPerChecksum, 4)
    await writeFile(crcPath(path), Buffer.concat([header, this.end()]))
  }
}

/** Compares a local file, while it is read, with the checksums that Hadoop's local file system left beside it. */
export class CrcCheck {
  readonly #path: string
  readonly #bytesPerChecksum: number
  readonly #expected: Uint8Array
  readonly #found: CrcFile

  /** `expected`: what stands behind the header. */
  private constructor(path: string, bytesPerChecksum: number, expected: Uint8Array) {
    this.#path = path
    this.#bytesPerChecksum = bytesPerChecksum
    this.#expected = expected
    this.#found = new CrcFile(bytesPerChecksum)
  }

  /** Undefined when the file has no checksums, or what has their name is something else; Java then does without too. */
  static async of(path: string): Promise<CrcCheck | undefined> {
    let bytes: Buffer
    try {
      bytes = await readFile(crcPath(path))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
    if (bytes.length < headerBytes || bytes.toString('latin1', 0, 4) !== 'crc\0') return undefined
    const bytesPerChecksum = bytes.readInt32BE(4)
    return bytesPerChecksum > 0
      ? new CrcCheck(path, bytesPerChecksum, bytes.subarray(headerBytes))
      : undefined
  }

  /** Takes the next bytes of the file. */
  add(bytes: Uint8Array): void {
    this.#found.add(bytes)
  }

  /** After the last byte. Throws `CommandError` with `EIO` when the file is not the one that the checksums were made of. */
  end(): void {
    const found = this.#found.end()
    if (found.equals(this.#expected)) return
    let at = 0
    while (at < found.length && found[at] === this.#expected[at]) at++
    const offset = Math.floor(at / 4) * this.#bytesPerChecksum
    throw new CommandError(
      `its bytes from ${offset} on do not match their checksum in ${basename(crcPath(this.#path))}`,
      {
        code: 'EIO',
        path: this.#path,
        hint: 'the file is damaged, or was changed without Hadoop: then remove the checksum file',
      },
    )
  }
}
