import { ByteWriter, ReceiveBuffer } from '@cairn/bytes'
import { inputBytesInitial, outputBytesInitialMax, outputBytesInitialMin, readAheadBytes } from './limits.ts'
import type { RpcSession } from './session.ts'

/** A receive buffer for frames of up to `frameBytesMax`. */
export function sessionInput(frameBytesMax: number): ReceiveBuffer {
  return new ReceiveBuffer({ initialBytes: inputBytesInitial, maxBytes: frameBytesMax + readAheadBytes })
}

/** The buffers of a session: what came and is not handled yet, and what waits to be sent. */
export abstract class BufferedSession implements RpcSession {
  readonly input: ReceiveBuffer
  /** What waits to be sent. */
  protected readonly writer: ByteWriter = new ByteWriter(outputBytesInitialMin)

  constructor(input: ReceiveBuffer) {
    this.input = input
  }

  abstract process(): void

  receive(chunk: Uint8Array): void {
    this.input.push(chunk)
    this.process()
  }

  get hasOutput(): boolean {
    return this.writer.length > 0
  }

  /** The next output begins with as much memory as this one needed, within bounds. */
  takeOutput(): Uint8Array {
    const { writer } = this
    return writer.take(Math.max(outputBytesInitialMin, Math.min(outputBytesInitialMax, writer.length)))
  }

  get output(): Uint8Array {
    return this.writer.view()
  }

  /** Its memory is used again unless somebody still holds it, or it has grown large. */
  releaseOutput(reusable: boolean): void {
    if (reusable && this.writer.length <= outputBytesInitialMax) this.writer.clear()
    else this.takeOutput()
  }

  get midFrame(): boolean {
    return this.input.length > 0
  }
}
