// /conf as Java's `ConfServlet`: what the files say, as XML or JSON; secrets are not shown.
import type { Configuration } from '@cairn/hadoop-conf'

/** Hadoop's `hadoop.security.sensitive-config-keys`, drawn together. */
const secret = /secret$|password$|pass$|credential$|oauth.*token$|\.key$|access\.key/i
const hidden = '<redacted>'

interface Shown {
  readonly key: string
  readonly value: string
  readonly isFinal: boolean
  readonly resource: string
}

function shown(conf: Configuration, only: string | undefined): Shown[] {
  const properties = [...conf.properties()].filter(({ name }) => only === undefined || name === only)
  return properties.map(({ name, final, source }) => ({
    key: name,
    value: secret.test(name) ? hidden : (conf.get(name) ?? ''),
    isFinal: final,
    resource: source,
  }))
}

export function confAsJson(conf: Configuration, only: string | undefined): string {
  return `${JSON.stringify({ properties: shown(conf, only) })}\n`
}

export function confAsXml(conf: Configuration, only: string | undefined): string {
  const lines = shown(conf, only).map(
    ({ key, value, isFinal, resource }) =>
      `<property><name>${xml(key)}</name><value>${xml(value)}</value><final>${isFinal}</final><source>${xml(resource)}</source></property>\n`,
  )
  return `<?xml version="1.0" encoding="UTF-8" standalone="no"?><configuration>\n${lines.join('')}</configuration>\n`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function xml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write them.
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '\ufffd').replace(/[&<>]/g, (one) => entities[one]!)
}
