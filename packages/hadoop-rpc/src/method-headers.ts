// RequestHeaderProto (ProtobufRpcEngine2.proto) names method, protocol and version of every call in some 65 bytes
// that are the same for each call of a method. So the client encodes it once per method, and the server compares
// bytes before it decodes text.
import { type ByteReader, ByteWriter, ProtocolError } from '@cairn/bytes'
import { RequestHeaderProto } from '@cairn/hadoop-proto'
import { methodHeadersKept, nameBytesMax } from './limits.ts'
import { sameAt } from './request-header.ts'

/** The delimited RequestHeaderProto of each method of one protocol, made when first asked for. */
export class MethodHeaderWriter {
  readonly #protocol: string
  readonly #version: bigint
  readonly #encoded = new Map<string, Uint8Array>()

  constructor(protocol: string, version: bigint) {
    this.#protocol = protocol
    this.#version = version
  }

  header(method: string): Uint8Array {
    const known = this.#encoded.get(method)
    if (known !== undefined) return known
    const writer = new ByteWriter()
    RequestHeaderProto.encodeDelimited(writer, {
      methodName: method,
      declaringClassProtocolName: this.#protocol,
      clientProtocolVersion: this.#version,
    })
    const made = writer.take()
    this.#encoded.set(method, made)
    return made
  }
}

/** Reads delimited RequestHeaderProtos, remembering the latest few by their bytes. */
export class MethodHeaderReader {
  readonly #known: { readonly bytes: Uint8Array; readonly header: RequestHeaderProto }[] = []
  #next = 0

  /** Reads one and moves past it; names are at most `nameBytesMax` long. */
  read(reader: ByteReader): RequestHeaderProto {
    const start = reader.position
    for (const candidate of this.#known) {
      const { bytes } = candidate
      if (bytes.length <= reader.remaining && sameAt(reader.bytes, start, bytes)) {
        reader.position = start + bytes.length
        return candidate.header
      }
    }
    const header = RequestHeaderProto.decodeDelimited(reader)
    checkName('RequestHeaderProto.methodName', header.methodName)
    checkName('RequestHeaderProto.declaringClassProtocolName', header.declaringClassProtocolName)
    const bytes = reader.bytes.slice(start, reader.position)
    // Extensions may be long; only headers of bare names are worth keeping.
    if (bytes.length <= 3 * nameBytesMax) {
      this.#known[this.#next] = { bytes, header }
      this.#next = (this.#next + 1) % methodHeadersKept
    }
    return header
  }
}

/** Refuses a name that is longer than any real one [hrpc.header.4]. */
export function checkName(path: string, name: string): void {
  if (name.length > nameBytesMax) {
    throw new ProtocolError(
      'ERR_HRPC_HEADER',
      `read ${path}: found ${name.length} characters; ${nameBytesMax} is the limit`,
      { path },
    )
  }
}
