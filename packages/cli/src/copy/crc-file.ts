import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { kernel } from '@cairn/checksum'

/** Bytes that one checksum guards; `file.bytes-per-checksum` of Hadoop. */
const bytesPerChecksum = 512

/** Where Hadoop's local file system looks for the checksums of a file. */
export function crcPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.crc`)
}

/**
 * Collects what Java's ChecksumFileSystem keeps beside a local file:
 *
 *     | "crc\0" | int32 bytes per checksum | CRC32 of each chunk … |
 */
export class CrcFile {
  readonly #sums: Uint8Array[] = []
  /** CRC of the chunk that has begun, and how much of it there is. */
  #crc = 0
  #partial = 0

  /** Takes the next bytes of the file. */
  add(bytes: Uint8Array): void {
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
    if (this.#partial === bytesPerChecksum) this.#endChunk()
  }

  #endChunk(): void {
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(this.#crc)
    this.#sums.push(sum)
    this.#partial = 0
  }

  /** Writes the file that belongs to `path`. */
  async write(path: string): Promise<void> {
    if (this.#partial > 0) this.#endChunk()
    const header = Buffer.from('crc\0\0\0\0\0', 'latin1')
    header.writeUInt32BE(bytesPerChecksum, 4)
    await writeFile(crcPath(path), Buffer.concat([header, ...this.#sums]))
  }
}
