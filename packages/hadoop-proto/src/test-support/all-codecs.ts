import { readdirSync } from 'node:fs'
import type { MessageCodec } from '../runtime/message-codec.ts'

function isCodec(value: unknown): value is MessageCodec<unknown> {
  return typeof value === 'object' && value !== null && 'typeName' in value && 'decode' in value
}

/** Every generated codec by its full name. */
export async function allCodecs(): Promise<Map<string, MessageCodec<unknown>>> {
  const gen = new URL('../gen/', import.meta.url)
  const codecs = new Map<string, MessageCodec<unknown>>()
  for (const file of readdirSync(gen)) {
    if (!file.endsWith('.js') || file === 'index.js') continue
    const module: Record<string, unknown> = await import(new URL(file, gen).href)
    for (const value of Object.values(module)) if (isCodec(value)) codecs.set(value.typeName, value)
  }
  return codecs
}
