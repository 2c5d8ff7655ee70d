import { setTimeout as delay } from 'node:timers/promises'

/** Looks again and again until `look` gives something; after `limitMs` fails with what it was waiting for. */
export async function until<T>(
  what: string,
  limitMs: number,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  pauseMs = 100,
): Promise<T> {
  const giveUpAt = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > giveUpAt) throw new Error(`waited ${limitMs} ms for ${what}`)
    await delay(pauseMs)
  }
}
