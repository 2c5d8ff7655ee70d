// Store and forward, as SMTP does it: a relay takes a message, keeps it on disk, says so, and then tries to hand it to
// the recipient's relay until that has it. `{ from, to }` and the text; `{ ok: true }` means "I have it, you may forget it".
//   node mail.js DOMAIN PORT DIRECTORY OTHER=PORT…      a relay for DOMAIN, and where the others are
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bodyText, connect, headerText, type Message, type Reply, type Server, serve } from '@cairn/petrichor'

interface Letter {
  readonly from: string
  readonly to: string
  readonly text: string
}

/** One relay: `mailbox/NAME` for its own people, `queue` for those of other domains. */
export class Relay {
  private readonly domain: string
  private readonly directory: string
  private readonly portOf: (domain: string) => number | undefined
  private server: Server | undefined
  private isForwarding = false
  private timer: NodeJS.Timeout | undefined

  constructor(domain: string, directory: string, portOf: (domain: string) => number | undefined) {
    this.domain = domain
    this.directory = directory
    this.portOf = portOf
  }

  async listen(port = 0): Promise<number> {
    await mkdir(join(this.directory, 'queue'), { recursive: true })
    this.server = await serve({ port, handle: (message) => this.take(message) })
    this.timer = setInterval(() => void this.forward(), 200).unref()
    return this.server.address.port
  }

  async close(): Promise<void> {
    clearInterval(this.timer)
    await this.server?.close()
  }

  private async take({ header, body }: Message): Promise<Reply> {
    const letter = { from: headerText(header, 'from'), to: headerText(header, 'to'), text: bodyText(body) }
    const [, name, domain] = /^([\w-]+)@([\w-]+)$/.exec(letter.to ?? '') ?? []
    if (letter.from === undefined || letter.text === undefined || name === undefined || domain === undefined)
      return { header: { ok: false }, body: 'from, to and a text, please' }
    await this.store(domain === this.domain ? join('mailbox', name) : 'queue', letter as Letter)
    if (domain !== this.domain) void this.forward()
    return { header: { ok: true } }
  }

  /** Whole and on disk before anyone hears of it. */
  private async store(folder: string, letter: Letter): Promise<void> {
    const directory = join(this.directory, folder)
    await mkdir(directory, { recursive: true })
    const path = join(directory, randomUUID())
    const file = await open(`${path}.part`, 'w')
    await file.writeFile(JSON.stringify(letter))
    await file.sync()
    await file.close()
    await rename(`${path}.part`, `${path}.letter`)
  }

  /** Tries every letter of the queue once; what cannot be handed over now stays. */
  async forward(): Promise<void> {
    if (this.isForwarding) return
    this.isForwarding = true
    try {
      const queue = join(this.directory, 'queue')
      for (const name of (await readdir(queue)).filter((one) => one.endsWith('.letter'))) {
        const letter = JSON.parse(await readFile(join(queue, name), 'utf8')) as Letter
        const port = this.portOf(letter.to.split('@')[1]!)
        if (port !== undefined && (await deliver(port, letter))) await rm(join(queue, name))
      }
    } catch (error) {
      // A disk that fails now may not fail later; the letters are where they were.
      console.error('cannot forward:', (error as Error).message)
    } finally {
      this.isForwarding = false
    }
  }

  /** Texts of a mailbox. */
  async read(name: string): Promise<Letter[]> {
    const directory = join(this.directory, 'mailbox', name)
    const names = await readdir(directory).catch(() => [])
    const letters = names.filter((one) => one.endsWith('.letter'))
    return Promise.all(
      letters.map(async (one) => JSON.parse(await readFile(join(directory, one), 'utf8')) as Letter),
    )
  }
}

/** Hands a letter to the relay at `port`; answers whether that has it now. */
export async function deliver(port: number, { from, to, text }: Letter): Promise<boolean> {
  try {
    const { conn } = await connect('127.0.0.1', port, { user: from }, '', { timeoutMs: 5000 })
    try {
      const answer = await conn.request({ from, to }, text, { timeoutMs: 5000 })
      return answer?.header.ok === true
    } finally {
      await conn.close()
    }
  } catch {
    // Not there now: it is tried again.
    return false
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [domain = '', port, directory = '', ...others] = process.argv.slice(2)
  const ports = new Map(others.map((one) => one.split('=') as [string, string]))
  const relay = new Relay(domain, directory, (name) =>
    ports.has(name) ? Number(ports.get(name)) : undefined,
  )
  console.log('RUNNING', await relay.listen(Number(port)))
}
