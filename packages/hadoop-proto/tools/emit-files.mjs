// Emits one TypeScript module per .proto file, and the flat index.
import { emitRead, emitWrite, indent } from './emit-codec.mjs'
import { readModel } from './model.mjs'
import { clashName, packagesApart } from './names.mjs'

const banner = (from) => `// Generated from ${from} by tools/generate.mjs: change that instead.`

const typescriptTypes = { bool: 'boolean', string: 'string', bytes: 'Uint8Array' }
const longTypes = new Set(['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'])

/** The TypeScript type of one value of a field. */
function valueType(field) {
  if (field.ref !== undefined) return field.ref.name
  return typescriptTypes[field.type] ?? (longTypes.has(field.type) ? 'bigint' : 'number')
}

const docLines = (...parts) => {
  const text = parts.filter((part) => part !== '').join('; ')
  return text === '' ? [] : [`/** ${text} */`]
}

function emitEnum(model) {
  const lines = docLines(
    `\`${model.fullName}\` of ${model.proto}. Values that it does not name are legal`,
    model.doc,
  )
  lines.push(`export const ${model.name} = {`)
  for (const { name, number, doc } of model.values)
    lines.push(...indent([...docLines(doc), `${name}: ${number},`]))
  return [...lines, '} as const', `export type ${model.name} = number`, '']
}

function emitInterface(message) {
  const lines = docLines(`\`${message.fullName}\` of ${message.proto}`, message.doc)
  lines.push(`export interface ${message.name} {`)
  for (const field of message.fields) {
    const type = valueType(field)
    const doc = field.default === '' ? '' : `absent means ${field.default}`
    lines.push(...indent(docLines(doc, field.doc)))
    if (field.label === 'required') lines.push(`  ${field.name}: ${type}`)
    else if (field.label === 'repeated') lines.push(`  ${field.name}: ${type}[]`)
    else lines.push(`  ${field.name}?: ${type} | undefined`)
  }
  return [...lines, '}']
}

function defaultLiteral(field) {
  if (field.type === 'enum') return field.ref.values.find((value) => value.name === field.default).number
  if (field.type === 'string') return JSON.stringify(field.default)
  return longTypes.has(field.type) ? `${field.default}n` : field.default
}

function emitTable(message) {
  const rows = message.fields.map((field) => {
    const details = []
    if (field.packed) details.push('packed: true')
    if (field.default !== '') details.push(`default: ${defaultLiteral(field)}`)
    if (field.ref !== undefined) details.push(`${field.type}: ${field.ref.name}`)
    const tail = details.length === 0 ? '' : `, { ${details.join(', ')} }`
    return `field('${field.name}', ${field.number}, '${field.label}', '${field.type}'${tail}),`
  })
  return ['() => [', ...indent(rows), ']']
}

function emitEmptyMessage({ name, fullName, proto, doc }) {
  return [
    ...docLines(`\`${fullName}\` of ${proto}`, doc),
    `export type ${name} = EmptyMessage`,
    `export const ${name}: MessageCodec<${name}> = /* @__PURE__ */ defineEmptyMessage('${fullName}')`,
    '',
  ]
}

function emitMessage(message) {
  if (message.fields.length === 0) return emitEmptyMessage(message)
  const [first, ...rest] = emitTable(message)
  const names = `'${message.fullName}', write${message.name}, read${message.name}`
  return [
    ...emitInterface(message),
    `export const ${message.name}: MessageCodec<${message.name}> = /* @__PURE__ */ defineMessage(${names}, ${first}`,
    ...rest,
  ]
    .map((line, i, all) => (i === all.length - 1 ? `${line})` : line))
    .concat('', emitWrite(message), '', emitRead(message, valueType), '')
}

function emitService(service) {
  const lines = docLines(`Methods of service \`${service.fullName}\` by their names on the wire`)
  lines.push(`export const ${service.name} = {`)
  for (const { name, request, response, doc } of service.methods) {
    lines.push(...indent(docLines(doc)))
    lines.push(`  ${name}: { name: '${name}', request: ${request.name}, response: ${response.name} },`)
  }
  return [...lines, '} as const', '']
}

// What generated code may call, by the module that has it.
const runtime = {
  'field-descriptor': ['field'],
  'empty-message': ['defineEmptyMessage', 'type EmptyMessage'],
  'message-codec': ['defineMessage', 'type MessageCodec'],
  reading: [
    'mergeMessages',
    'nestedEnd',
    'overrun',
    'readBool',
    'readSint32',
    'readSint64',
    'requiredMissing',
    'skipField',
  ],
  writing: ['requiredUnset', 'writeFixed32', 'writeInt32', 'writeSint32', 'writeSint64', 'writeUint32'],
}

function emitImports(file, body, files) {
  const used = new Set(body.match(/\w+/g))
  const lines = []
  if (used.has('ByteReader')) lines.push("import type { ByteReader, ByteWriter } from '@cairn/bytes'")
  for (const [module, names] of Object.entries(runtime)) {
    const wanted = names.filter((name) => used.has(name.replace('type ', '')))
    if (wanted.length > 0) lines.push(`import { ${wanted.join(', ')} } from '../runtime/${module}.ts'`)
  }
  for (const other of files) {
    if (other === file) continue
    const own = new Set([...file.messages, ...file.enums].map(({ name }) => name))
    const exported = [
      ...other.messages.flatMap(({ name }) => [name, `read${name}`, `write${name}`]),
      ...other.enums.map(({ name }) => name),
    ]
    const wanted = exported.filter((name) => used.has(name) && !own.has(name.replace(/^(read|write)/, '')))
    const really = wanted.filter((name) => refers(file, other, name.replace(/^(read|write)(?=[A-Z])/, '')))
    if (really.length > 0) lines.push(`import { ${really.join(', ')} } from './${other.module}.ts'`)
  }
  return lines
}

/** Whether a message or service of `file` uses the type `name` of `other`. */
function refers(file, other, name) {
  const same = (model) => model !== undefined && model.module === other.module && model.name === name
  return (
    file.messages.some((message) => message.fields.some((field) => same(field.ref))) ||
    file.services.some(({ methods }) =>
      methods.some((method) => same(method.request) || same(method.response)),
    )
  )
}

function emitFile(file, files) {
  const parts = [
    ...file.enums.map(emitEnum),
    ...file.messages.map(emitMessage),
    ...file.services.map(emitService),
  ]
  const body = parts.flat(2).join('\n')
  const head = [banner(`proto/${file.proto}`), ...emitImports(file, body, files)]
  return `${head.join('\n')}\n\n${body.trimEnd()}\n`
}

function emitIndex(files) {
  const flat = files.filter((file) => !packagesApart.has(file.package))
  const owners = new Map()
  const exportsOf = (file) => [...file.enums, ...file.messages, ...file.services].map(({ name }) => name)
  for (const file of flat) for (const name of exportsOf(file)) owners.set(name, (owners.get(name) ?? 0) + 1)
  const seen = new Set()
  const lines = [banner('the file list')]
  for (const file of flat) {
    const names = exportsOf(file).map((name) => {
      const exported = owners.get(name) === 1 ? name : clashName(name, file.package)
      if (seen.has(exported)) throw new Error(`${file.proto}: ${exported} is exported twice`)
      seen.add(exported)
      return exported === name ? name : `${name} as ${exported}`
    })
    lines.push(`export { ${names.sort().join(', ')} } from './${file.module}.ts'`)
  }
  return `${lines.join('\n')}\n`
}

/** File names and texts of everything that belongs in src/gen. */
export function generate(protoDir) {
  const files = readModel(protoDir)
  const out = new Map(files.map((file) => [`${file.module}.ts`, emitFile(file, files)]))
  return out.set('index.ts', emitIndex(files))
}
