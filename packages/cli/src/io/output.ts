import type { Writable } from 'node:stream'

/** Text waits for this many characters, or for the end of the turn, before it goes to the stream. */
const gatheredMax = 64 * 1024

/** Where a command writes: standard output or standard error. */
export interface Output {
  readonly isTerminal: boolean
  /** Width of the terminal in characters; 80 where there is none. */
  readonly columns: number
  /** Queues text. Never waits; pair with `drained()` in long loops. */
  write(text: string): void
  /** Writes bytes after all text before them; resolves when more can be taken and the bytes may be used again. */
  writeBytes(bytes: Uint8Array): Promise<void>
  /** Resolves when the stream wants more. */
  drained(): Promise<void>
  /** Resolves when everything is with the operating system. */
  flush(): Promise<void>
}

interface TerminalLike extends Writable {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** `Output` over a Node stream; gathers small writes, and tells when the reader has gone away. */
export class StreamOutput implements Output {
  readonly #stream: TerminalLike
  #gathered: string[] = []
  #length = 0
  #scheduled = false
  #full = false
  #broken = false

  /** `onBroken` runs once when the reader has gone (`| head`) or the stream fails otherwise. */
  constructor(stream: TerminalLike, onBroken: (error: NodeJS.ErrnoException) => void) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#broken) return
      this.#broken = true
      onBroken(error)
    })
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true
  }

  get columns(): number {
    return this.#stream.columns ?? 80
  }

  write(text: string): void {
    this.#gathered.push(text)
    this.#length += text.length
    if (this.#length >= gatheredMax) this.#release()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.#release()
      })
    }
  }

  #release(): void {
    if (this.#length === 0) return
    const text = this.#gathered.join('')
    this.#gathered = []
    this.#length = 0
    if (!this.#broken && !this.#stream.write(text)) this.#full = true
  }

  writeBytes(bytes: Uint8Array): Promise<void> {
    this.#release()
    if (this.#broken) return Promise.resolve()
    return new Promise((resolve) => {
      this.#stream.write(bytes, () => resolve())
    })
  }

  async drained(): Promise<void> {
    if (!this.#full || this.#broken) return
    await new Promise<void>((resolve) => this.#stream.once('drain', resolve).once('error', () => resolve()))
    this.#full = false
  }

  flush(): Promise<void> {
    this.#release()
    if (this.#broken) return Promise.resolve()
    return new Promise((resolve) => {
      this.#stream.write('', () => resolve())
    })
  }
}

/** `Output` that keeps what was written: for tests, and for commands that run others. */
export class CapturedOutput implements Output {
  readonly isTerminal: boolean
  readonly columns = 80
  #chunks: Buffer[] = []

  constructor(isTerminal = false) {
    this.isTerminal = isTerminal
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get text(): string {
    return this.bytes.toString('utf8')
  }

  write(text: string): void {
    this.#chunks.push(Buffer.from(text))
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    this.#chunks.push(Buffer.from(bytes))
  }

  async drained(): Promise<void> {}

  async flush(): Promise<void> {}
}
