import { readFile } from 'node:fs/promises'

/** The version of this package, as its package.json says. */
export async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { version: unknown }).version)
}
