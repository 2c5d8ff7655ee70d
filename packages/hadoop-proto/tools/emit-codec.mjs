// Emits the two functions of a message: straight-line code for its fields and nothing else.
import { localName } from './names.mjs'

/** How to read one value of a type; `r` is the ByteReader. */
const readValue = {
  double: 'r.f64le()',
  float: 'r.f32le()',
  int32: 'r.varint32() | 0',
  int64: 'r.varintSigned64()',
  uint32: 'r.varint32()',
  uint64: 'r.varint64()',
  sint32: 'readSint32(r)',
  sint64: 'readSint64(r)',
  fixed32: 'r.u32le()',
  fixed64: 'r.u64le()',
  sfixed32: 'r.i32le()',
  sfixed64: 'r.i64le()',
  bool: 'readBool(r)',
  enum: 'r.varint32() | 0',
  string: 'r.utf8(r.varint32())',
  bytes: 'r.copy(r.varint32())',
}

/** How to write the value named `x`; `w` is the ByteWriter. */
const writeValue = {
  double: (x) => `w.f64le(${x})`,
  float: (x) => `w.f32le(${x})`,
  int32: (x) => `writeInt32(w, ${x})`,
  int64: (x) => `w.varint64(${x})`,
  uint32: (x) => `writeUint32(w, ${x})`,
  uint64: (x) => `w.varint64(${x})`,
  sint32: (x) => `writeSint32(w, ${x})`,
  sint64: (x) => `writeSint64(w, ${x})`,
  fixed32: (x) => `writeFixed32(w, ${x})`,
  fixed64: (x) => `w.i64le(${x})`,
  sfixed32: (x) => `writeFixed32(w, ${x})`,
  sfixed64: (x) => `w.i64le(${x})`,
  bool: (x) => `w.u8(${x} ? 1 : 0)`,
  enum: (x) => `writeInt32(w, ${x})`,
  string: (x) => `w.utf8Delimited(${x})`,
  bytes: (x) => `w.bytesDelimited(${x})`,
}

const wireTypes = {
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  float: 5,
  fixed32: 5,
  sfixed32: 5,
  string: 2,
  bytes: 2,
  message: 2,
}
const wireType = (field) => wireTypes[field.type] ?? 0
const canPack = (field) => field.label === 'repeated' && wireType(field) !== 2
const tagOf = (field, wire) => field.number * 8 + wire

/** A tag is constant: one or two bytes in all of Hadoop's messages. */
function writeTag(field, wire) {
  const tag = tagOf(field, wire)
  if (tag < 0x80) return `w.u8(${tag})`
  if (tag < 0x4000) return `w.u16le(0x${(((tag >> 7) << 8) | 0x80 | (tag & 0x7f)).toString(16)})`
  return `w.varint32(${tag})`
}

/** Messages without fields have no functions of their own: there are too many of them. */
function codecCall(message, verb) {
  return message.fields.length === 0 ? `${message.name}.${verb}` : `${verb}${message.name}`
}

function writeOne(field, x) {
  if (field.type !== 'message') return [`${writeTag(field, wireType(field))}`, writeValue[field.type](x)]
  return [
    writeTag(field, 2),
    'at = w.openDelimited()',
    `${codecCall(field.ref, 'write')}(w, ${x})`,
    'w.closeDelimited(at)',
  ]
}

function writeField(field) {
  const x = `m.${field.name}`
  if (field.label === 'required') return writeOne(field, x)
  const local = localName(field.name)
  const declared = `const ${local} = ${x}`
  if (field.label === 'optional') {
    return [declared, `if (${local} !== undefined) {`, ...indent(writeOne(field, local)), '}']
  }
  if (field.packed) {
    const each = [`for (const item of ${local}) ${writeValue[field.type]('item')}`]
    const lines = [writeTag(field, 2), 'at = w.openDelimited()', ...each, 'w.closeDelimited(at)']
    return [declared, `if (${local} !== undefined && ${local}.length > 0) {`, ...indent(lines), '}']
  }
  const lines = [`for (const item of ${local}) {`, ...indent(writeOne(field, 'item')), '}']
  return [declared, `if (${local} !== undefined) {`, ...indent(lines), '}']
}

/** `function writeX(w, m)`: the fields in order of their numbers, as every protobuf writes them. */
export function emitWrite(message) {
  const required = message.fields.filter((field) => field.label === 'required')
  const body = []
  if (required.length > 0) {
    const unset = required.map((field) => `m.${field.name} === undefined`).join(' || ')
    body.push(`if (${unset}) throw requiredUnset(${message.name}, m)`)
  }
  if (message.fields.some((field) => field.type === 'message' || field.packed)) body.push('let at: number')
  for (const field of message.fields) body.push(...writeField(field))
  return [
    '/** @internal */',
    `export function write${message.name}(w: ByteWriter, m: ${message.name}): void {`,
    ...indent(body),
    '}',
  ]
}

function readOne(field) {
  if (field.type !== 'message') return readValue[field.type]
  return `${codecCall(field.ref, 'read')}(r, nestedEnd(r, end))`
}

function readCases(message, field) {
  const local = localName(field.name)
  const lines = [`case ${tagOf(field, wireType(field))}:`]
  if (field.label !== 'repeated') {
    const value = readOne(field)
    const merged = field.type === 'message' ? `mergeMessages(${field.ref.name}, ${local}, ${value})` : value
    lines.push(`  ${local} = ${merged}`)
    return [...lines, '  break']
  }
  lines.push(`  ${local}.push(${readOne(field)})`, '  break')
  if (canPack(field)) {
    lines.push(`case ${tagOf(field, 2)}: {`, '  const stop = nestedEnd(r, end)')
    lines.push(`  while (r.position < stop) ${local}.push(${readOne(field)})`)
    lines.push(`  if (r.position !== stop) throw overrun('${message.fullName}.${field.name}', r, stop)`)
    lines.push('  break', '}')
  }
  return lines
}

/** `function readX(r, end)`: a switch over whole tags, then one object literal whose shape never varies. */
export function emitRead(message, valueType) {
  const body = []
  for (const field of message.fields) {
    const type = valueType(field)
    const local = localName(field.name)
    body.push(
      field.label === 'repeated' ? `const ${local}: ${type}[] = []` : `let ${local}: ${type} | undefined`,
    )
  }
  const cases = message.fields.flatMap((field) => readCases(message, field))
  const skip = `skipField(r, tag, end, ${message.name})`
  body.push('while (r.position < end) {', '  const tag = r.varint32()')
  body.push('  switch (tag) {', ...indent(indent([...cases, 'default:', `  ${skip}`])), '  }')
  body.push('}', `if (r.position !== end) throw overrun('${message.fullName}', r, end)`)
  const required = message.fields.filter((field) => field.label === 'required')
  if (required.length > 0) {
    const missing = required.map((field) => `${localName(field.name)} === undefined`).join(' || ')
    const found = literal(required)
    body.push(`if (${missing}) throw requiredMissing(${message.name}, ${found}, r)`)
  }
  body.push(`return ${literal(message.fields)}`)
  return [
    '/** @internal */',
    `export function read${message.name}(r: ByteReader, end: number): ${message.name} {`,
    ...indent(body),
    '}',
  ]
}

function literal(fields) {
  const part = ({ name }) => (localName(name) === name ? name : `${name}: ${localName(name)}`)
  return `{ ${fields.map(part).join(', ')} }`
}

export const indent = (lines) => lines.map((line) => `  ${line}`)
