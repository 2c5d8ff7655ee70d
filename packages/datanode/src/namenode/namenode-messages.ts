import { RemoteException } from '@cairn/hadoop-ipc'
import { namenodeMessagesMax } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { NamenodeLink } from './namenode-link.ts'

/** One message, and what the log calls it. */
export interface NamenodeMessage {
  readonly what: string
  send(link: NamenodeLink): Promise<void>
}

/**
 * Messages that a NameNode hears once, when it is there again if it is away now: Java's `BPServiceActorAction`s, which
 * are reports of bad blocks and of errors [dnp.error.1].
 */
export class NamenodeMessages {
  readonly #link: NamenodeLink
  readonly #logger: Logger
  readonly #waiting: NamenodeMessage[] = []
  #sending = false

  constructor(link: NamenodeLink, logger: Logger) {
    this.#link = link
    this.#logger = logger
  }

  /** Queues a message; when very many wait, the oldest is dropped. */
  add(message: NamenodeMessage): void {
    this.#waiting.push(message)
    if (this.#waiting.length > namenodeMessagesMax) this.#waiting.splice(this.#sending ? 1 : 0, 1)
  }

  /** Sends what waits. What the NameNode refuses is not said again; what did not reach it stays. */
  async flush(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    try {
      for (let message = this.#waiting[0]; message; message = this.#waiting[0]) {
        await message.send(this.#link)
        this.#waiting.shift()
      }
    } catch (error) {
      const { what } = this.#waiting[0]!
      this.#logger.warn({ error: (error as Error).message }, `could not ${what}`)
      if (error instanceof RemoteException) this.#waiting.shift()
    } finally {
      this.#sending = false
    }
  }
}
