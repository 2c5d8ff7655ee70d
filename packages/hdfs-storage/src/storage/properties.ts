/**
 * Java `.properties` text, as `java.util.Properties` loads and stores it: `#` and `!` comments, `=`, `:` or blank
 * between key and value, `\` escapes (`\t \n \r \f \uXXXX`, anything else stands for itself) and continued lines.
 */
import { ProtocolError } from '@cairn/bytes'
import { propertiesCharsMax } from '../limits.ts'

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }
const escapeOf: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' }

/** Joins lines that end in an odd number of backslashes with the next, whose indentation is dropped. */
function logicalLines(source: string): string[] {
  const lines: string[] = []
  let pending = ''
  for (const natural of source.split(/\r\n|\n|\r/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    if (pending === '' && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const slashes = /\\*$/.exec(line)![0].length
    if (slashes % 2 === 1) {
      pending += line.slice(0, -1)
    } else {
      lines.push(pending + line)
      pending = ''
    }
  }
  if (pending !== '') lines.push(pending)
  return lines
}

function unescapeText(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, escaped: string) =>
    escaped.length === 5
      ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
      : (escapes[escaped] ?? escaped),
  )
}

/** Parses properties; the last of equal keys wins, as in Java. */
export function parseProperties(source: string): Map<string, string> {
  if (source.length > propertiesCharsMax) {
    throw new ProtocolError(
      'ERR_HSTORAGE_PROPERTIES_TOO_LARGE',
      `parse properties: found ${source.length} characters; up to ${propertiesCharsMax} are allowed`,
    )
  }
  const properties = new Map<string, string>()
  for (const line of logicalLines(source)) {
    const [, key, value] = /^((?:\\[\s\S]|[^\\=: \t\f])*)[ \t\f]*(?:[=:][ \t\f]*)?([\s\S]*)$/.exec(line) ?? []
    if (key === undefined || value === undefined || /\\u(?![0-9a-fA-F]{4})/.test(line.replace(/\\\\/g, ''))) {
      throw new ProtocolError(
        'ERR_HSTORAGE_PROPERTIES',
        `parse properties: found ${JSON.stringify(line.slice(0, 80))}`,
      )
    }
    properties.set(unescapeText(key), unescapeText(value))
  }
  return properties
}

function escapeText(text: string, isKey: boolean): string {
  let escaped = ''
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!
    if (char === ' ') escaped += isKey || index === 0 ? '\\ ' : ' '
    else if ('\\=:#!'.includes(char)) escaped += `\\${char}`
    else if (char in escapeOf) escaped += escapeOf[char]
    else if (char < ' ' || char > '~') {
      escaped += `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
    } else escaped += char
  }
  return escaped
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A time as `java.util.Date` prints it, in UTC: `Thu Jan 01 00:00:00 UTC 1970`. */
export function formatJavaDate(timeMs: number): string {
  const date = new Date(timeMs)
  const [clock] = date.toISOString().slice(11).split('.')
  const day = String(date.getUTCDate()).padStart(2, '0')
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${day} ${clock} UTC ${date.getUTCFullYear()}`
}

/** Formats properties with Java's date comment in front; `timeMs` since 1970. */
export function formatProperties(properties: Iterable<readonly [string, string]>, timeMs: number): string {
  let text = `#${formatJavaDate(timeMs)}\n`
  for (const [key, value] of properties) text += `${escapeText(key, true)}=${escapeText(value, false)}\n`
  return text
}
