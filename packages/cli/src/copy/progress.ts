import { printable } from '../format/printable.ts'
import { formatSeconds, formatSize } from '../format/size.ts'
import type { Output } from '../io/output.ts'

/** How often the bar is drawn anew. */
const redrawMs = 100
/** The rate shown is that of about this long: long enough to be calm, short enough to follow. */
const rateWindowMs = 3_000

/** Characters of everything but the label, as good as always. */
const tailWidthMax = 68
const labelWidthMin = 8
const labelWidthMax = 40

/** How far a copy has come. */
export interface CopyState {
  readonly label: string
  readonly doneBytes: number
  /** Undefined while it is not known, as of standard input. */
  readonly totalBytes: number | undefined
  readonly doneFiles: number
  readonly totalFiles: number
  /** Bytes a second of late; 0 before anything can be said. */
  readonly rate: number
}

/** Counts what a copy moves and, on a terminal, shows it as one line that is drawn over and over. */
export class Progress {
  readonly #output: Output | undefined
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined
  #label = ''
  #doneBytes = 0
  #totalBytes: number | undefined = 0
  #doneFiles = 0
  #totalFiles = 0
  #samples: { at: number; bytes: number }[] = []
  #drawn = false

  /** Draws on `output` where it is a terminal; undefined draws nowhere. */
  constructor(output: Output | undefined, now: () => number = () => performance.now()) {
    this.#output = output?.isTerminal ? output : undefined
    this.#now = now
  }

  /** One more file is to be copied; `bytes` is undefined where nobody knows. */
  plan(bytes: number | undefined): void {
    this.#totalFiles++
    this.#totalBytes =
      bytes === undefined || this.#totalBytes === undefined ? undefined : this.#totalBytes + bytes
  }

  /** A file is begun. The first one starts the drawing. */
  begin(label: string): void {
    this.#label = label
    if (this.#output === undefined || this.#timer !== undefined) return
    this.#samples.push({ at: this.#now(), bytes: this.#doneBytes })
    this.#timer = setInterval(() => this.#draw(), redrawMs)
    this.#timer.unref()
  }

  /** Bytes have arrived. */
  add(bytes: number): void {
    this.#doneBytes += bytes
  }

  /** A file is there. */
  done(): void {
    this.#doneFiles++
  }

  /** Takes the line away, so that something else can be written; the next drawing brings it back. */
  clear(): void {
    if (!this.#drawn) return
    this.#drawn = false
    this.#output?.write('\r\x1b[K')
  }

  /** Draws for the last time and leaves the line, where `keep`; takes it away otherwise. */
  end(keep: boolean): void {
    clearInterval(this.#timer)
    if (this.#timer === undefined) return
    this.#timer = undefined
    if (!keep) {
      this.clear()
      return
    }
    this.#draw()
    this.#output?.write('\n')
    this.#drawn = false
  }

  #draw(): void {
    const now = this.#now()
    this.#samples.push({ at: now, bytes: this.#doneBytes })
    while (this.#samples.length > 2 && now - this.#samples[0]!.at > rateWindowMs) this.#samples.shift()
    const first = this.#samples[0]!
    const rate = now > first.at ? ((this.#doneBytes - first.bytes) / (now - first.at)) * 1000 : 0
    const line = progressLine(
      {
        label: this.#label,
        doneBytes: this.#doneBytes,
        totalBytes: this.#totalBytes,
        doneFiles: this.#doneFiles,
        totalFiles: this.#totalFiles,
        rate,
      },
      (this.#output?.columns ?? 80) - 1,
    )
    this.#output?.write(`\r${line}\x1b[K`)
    this.#drawn = true
  }
}

/** One line of at most `width` characters: what, bar, per cent, bytes, rate, time left. */
export function progressLine(state: CopyState, width: number): string {
  const { doneBytes, totalBytes, rate } = state
  const files = state.totalFiles > 1 ? `  ${state.doneFiles}/${state.totalFiles} files` : ''
  const size =
    totalBytes === undefined ? formatSize(doneBytes) : `${formatSize(doneBytes)}/${formatSize(totalBytes)}`
  let tail = `${files}  ${size}  ${formatSize(Math.round(rate))}/s`
  if (totalBytes !== undefined) {
    const left = rate > 0 ? (totalBytes - doneBytes) / rate : Number.POSITIVE_INFINITY
    const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes)
    tail = `${bar(share, 20)} ${String(Math.floor(share * 100)).padStart(3)}%${tail}  ${formatSeconds(left)} left`
  }
  // Of the same length in every line, so that the bar stands still.
  const labelWidth = Math.min(width - tailWidthMax, labelWidthMax)
  if (labelWidth < labelWidthMin || labelWidth + 1 + tail.length > width) return tail.slice(0, width)
  return `${shorten(printable(state.label), labelWidth)} ${tail}`
}

function bar(share: number, width: number): string {
  const full = Math.round(share * width)
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`
}

function shorten(text: string, width: number): string {
  const characters = [...text]
  return characters.length <= width
    ? text.padEnd(width)
    : `…${characters.slice(characters.length - width + 1).join('')}`
}
