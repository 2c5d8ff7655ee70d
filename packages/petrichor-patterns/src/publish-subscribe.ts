import {
  type Acceptance,
  type Connection,
  type Encodable,
  type HeaderInit,
  headerText,
  type Message,
  type ServeOptions,
  type Server,
  serve,
} from '@cairn/petrichor'
import type { WhenFull } from './bounded-queue.ts'
import { Outbound } from './outbound.ts'

export interface PublisherOptions extends Omit<ServeOptions, 'handle' | 'session' | 'accept'> {
  readonly accept?: (connect: Message, connection: Connection) => Acceptance | Promise<Acceptance>
  /** Messages that wait for one slow subscriber. Default 1,000. */
  readonly queueMax?: number
  /** Which messages a full queue drops. Default `drop-oldest`: news are worth more than what is old. */
  readonly whenFull?: WhenFull
  /** Topics of one subscriber. Default 1,000. */
  readonly topicsMax?: number
}

interface Subscriber {
  readonly out: Outbound
  readonly topics: Set<string>
}

/** Sends every message to those who have subscribed to its topic; who is slow loses messages, nobody else. [petri.pattern.2] */
export class Publisher {
  private readonly server: Server
  private readonly subscribers: Map<Connection, Subscriber>

  private constructor(server: Server, subscribers: Map<Connection, Subscriber>) {
    this.server = server
    this.subscribers = subscribers
  }

  static async listen(options: PublisherOptions = {}): Promise<Publisher> {
    const { queueMax = 1000, whenFull = 'drop-oldest', topicsMax = 1000, ...serving } = options
    const subscribers = new Map<Connection, Subscriber>()
    const session = async (connection: Connection) => {
      const subscriber = { out: new Outbound(connection, queueMax, whenFull), topics: new Set<string>() }
      subscribers.set(connection, subscriber)
      connection.done.then(() => subscribers.delete(connection))
      for await (const { header } of connection) {
        const sub = headerText(header, 'sub')
        if (sub !== undefined && subscriber.topics.size < topicsMax) subscriber.topics.add(sub)
        const unsub = headerText(header, 'unsub')
        if (unsub !== undefined) subscriber.topics.delete(unsub)
      }
    }
    return new Publisher(await serve({ ...serving, session }), subscribers)
  }

  get address(): Server['address'] {
    return this.server.address
  }

  /** Subscribers at this moment, each with what waits for it and what it has lost. */
  get status(): { readonly topics: readonly string[]; readonly queued: number; readonly dropped: number }[] {
    return [...this.subscribers.values()].map(({ out, topics }) => ({
      topics: [...topics],
      queued: out.queued,
      dropped: out.dropped,
    }))
  }

  /** Sends to everyone whose topic `topic` begins with. Never waits. Answers how many it was meant for. */
  publish(topic: string, body: Encodable, header: HeaderInit = {}): number {
    let count = 0
    for (const { out, topics } of this.subscribers.values()) {
      if (!covers(topics, topic)) continue
      count++
      out.send({ header: { ...header, topic }, body })
    }
    return count
  }

  close(): Promise<void> {
    return this.server.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function covers(topics: ReadonlySet<string>, topic: string): boolean {
  for (const prefix of topics) if (topic.startsWith(prefix)) return true
  return false
}

/** Subscribes on a connection to a publisher; its messages come by `recv` or iteration, with `topic` and maybe `lost`. */
export function subscribe(connection: Connection, ...topics: readonly string[]): Promise<void> {
  return Promise.all(topics.map((sub) => connection.send({ sub }))).then(() => {})
}

/** Takes subscriptions back; what is under way still comes. */
export function unsubscribe(connection: Connection, ...topics: readonly string[]): Promise<void> {
  return Promise.all(topics.map((unsub) => connection.send({ unsub }))).then(() => {})
}
