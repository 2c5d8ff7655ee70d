// The XML of org.apache.hadoop.conf.Configuration:
//
//   <configuration>
//     <property><name>N</name><value>V</value><final>true</final></property>
//     <property name="N" value="V" final="true"/>
//     <xi:include href="other.xml"><xi:fallback> … used when other.xml cannot be read … </xi:fallback></xi:include>
//   </configuration>
//
// The parser knows no external entities and no DTD, so a file cannot make it open or expand anything.

import sax from 'sax'
import { ConfigurationError } from './configuration-error.ts'
import { elementDepthMax, propertiesMax } from './limits.ts'

/** What a file says, in its order. */
export type ConfigurationItem =
  | { readonly kind: 'property'; readonly name: string; readonly value: string; readonly final: boolean }
  | {
      readonly kind: 'include'
      readonly href: string
      readonly fallback: readonly ConfigurationItem[] | undefined
    }

interface OpenProperty {
  name: string | undefined
  value: string | undefined
  final: boolean
}

interface OpenInclude {
  readonly href: string
  readonly outer: ConfigurationItem[]
  fallback: ConfigurationItem[] | undefined
}

/** Reads one configuration file's text; `source` names it in errors. */
export function parseConfiguration(text: string, source: string): ConfigurationItem[] {
  const reader = new ItemReader(source)
  const parser = sax.parser(true, { position: true })
  parser.onerror = (error) => {
    throw new ConfigurationError('ERR_CONF_XML', `parse ${source}: ${error.message.split('\n').join(', ')}`, {
      cause: error,
    })
  }
  parser.onopentag = (tag) => reader.open(localName(tag.name), attributesOf(tag.attributes))
  parser.onclosetag = (name) => reader.close(localName(name))
  parser.ontext = (chunk) => reader.text(chunk)
  parser.oncdata = (chunk) => reader.text(chunk)
  parser.write(text.startsWith('\uFEFF') ? text.slice(1) : text).close()
  if (!reader.sawRoot) {
    throw new ConfigurationError(
      'ERR_CONF_XML',
      `parse ${source}: found no element; <configuration> is needed`,
    )
  }
  return reader.items
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function attributesOf(attributes: Readonly<Record<string, string | { value: string }>>): Map<string, string> {
  return new Map(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.value,
    ]),
  )
}

/** Turns tags into items; elements it does not know (description, source, tag) hold nothing for us. */
class ItemReader {
  readonly items: ConfigurationItem[] = []
  sawRoot = false
  readonly #source: string
  #target = this.items
  #depth = 0
  #count = 0
  #property: OpenProperty | undefined
  #text: string | undefined
  readonly #includes: OpenInclude[] = []

  constructor(source: string) {
    this.#source = source
  }

  open(name: string, attributes: Map<string, string>): void {
    this.#depth += 1
    if (this.#depth > elementDepthMax) {
      throw new ConfigurationError(
        'ERR_CONF_LIMIT',
        `parse ${this.#source}: elements nest deeper than ${elementDepthMax}`,
      )
    }
    if (this.#depth === 1 && name !== 'configuration') {
      throw new ConfigurationError(
        'ERR_CONF_XML',
        `parse ${this.#source}: found <${name}>; a Hadoop configuration starts with <configuration>`,
      )
    }
    this.sawRoot = true
    if (name === 'property') {
      const final = attributes.get('final')?.trim() === 'true'
      this.#property = { name: attributes.get('name'), value: attributes.get('value'), final }
    } else if (name === 'name' || name === 'value' || name === 'final') {
      this.#text = ''
    } else if (name === 'include') {
      this.#openInclude(attributes.get('href') ?? '')
    } else if (name === 'fallback') {
      const include = this.#includes.at(-1)
      if (include) this.#target = include.fallback = []
    }
  }

  text(chunk: string): void {
    if (this.#text !== undefined) this.#text += chunk
  }

  close(name: string): void {
    this.#depth -= 1
    const property = this.#property
    const text = this.#text
    if (property && text !== undefined) {
      if (name === 'name') property.name = text
      else if (name === 'value') property.value = text
      else if (name === 'final') property.final = text.trim() === 'true'
    }
    if (name === 'name' || name === 'value' || name === 'final') this.#text = undefined
    else if (name === 'property') this.#closeProperty()
    else if (name === 'include') this.#closeInclude()
  }

  #openInclude(href: string): void {
    const include: OpenInclude = { href, outer: this.#target, fallback: undefined }
    this.#includes.push(include)
  }

  #closeInclude(): void {
    const include = this.#includes.pop()
    if (!include) return
    this.#target = include.outer
    this.#add({ kind: 'include', href: include.href, fallback: include.fallback })
  }

  #closeProperty(): void {
    const property = this.#property
    this.#property = undefined
    const name = property?.name?.trim()
    // Hadoop, too, passes over a property without a name or without a value.
    if (!property || !name || property.value === undefined) return
    this.#add({ kind: 'property', name, value: property.value, final: property.final })
  }

  #add(item: ConfigurationItem): void {
    this.#count += 1
    if (this.#count > propertiesMax) {
      throw new ConfigurationError(
        'ERR_CONF_LIMIT',
        `parse ${this.#source}: more than ${propertiesMax} properties in one file`,
      )
    }
    this.#target.push(item)
  }
}
