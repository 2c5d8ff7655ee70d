import { connect, type Socket } from 'node:net'

/** A peer that sends whatever it is told to, byte for byte. */
export class RawPeer {
  readonly socket: Socket
  private received = Buffer.alloc(0)
  private isEnded = false
  private wake: (() => void) | undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.wake?.()
    })
    for (const event of ['end', 'close', 'error'])
      socket.on(event, () => {
        this.isEnded = true
        this.wake?.()
      })
  }

  static connect(port: number): Promise<RawPeer> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => resolve(new RawPeer(socket)))
      socket.once('error', reject)
    })
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Everything received once `done` is content with it, or once the other side has ended. */
  async read(done: (text: string) => boolean): Promise<string> {
    for (;;) {
      const text = this.received.toString('latin1')
      if (done(text) || this.isEnded) return text
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  /** What came until the other side ended or dropped the connection. */
  ended(): Promise<string> {
    return this.read(() => false)
  }

  close(): void {
    this.socket.destroy()
  }
}

/** Waits until something holds; looks again and again. Rejects after `limitMs`. */
export async function until(holds: () => boolean, what: string, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!holds()) {
    if (performance.now() > end) throw new Error(`it did not come to pass that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
