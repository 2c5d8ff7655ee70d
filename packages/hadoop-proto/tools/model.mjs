// Compiles the .proto files and turns their descriptors into plain objects that the emitters need.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { moduleName, serviceName } from './names.mjs'

// FieldDescriptorProto.Type and .Label by number.
const types =
  ' double float int64 uint64 int32 fixed64 fixed32 bool string group message bytes uint32 enum sfixed32 sfixed64 sint32 sint64'.split(
    ' ',
  )
const labels = ['', 'optional', 'required', 'repeated']
/**
 * Fields that the files declare as uint64 and in which Java keeps negative numbers as often as others: the ids of
 * blocks of striped files. On the wire int64 and uint64 are the same bytes; here they decode as Java sees them.
 */
const signedNames = new Set(['blockId', 'blockIds', 'newBlockId'])
// SourceCodeInfo paths are numbers of fields of FileDescriptorProto, DescriptorProto and EnumDescriptorProto.
const path = {
  message: 4,
  enum: 5,
  nestedMessage: 3,
  nestedEnum: 4,
  field: 2,
  value: 2,
  service: 6,
  method: 2,
  syntax: 12,
}

/** Runs buf, whose executable npm brings. */
export function compile(protoDir) {
  const buf = createRequire(import.meta.url).resolve('@bufbuild/buf/package.json')
  const bin = join(dirname(buf), JSON.parse(readFileSync(buf, 'utf8')).bin.buf)
  const built = spawnSync(process.execPath, [bin, 'build', protoDir, '-o', '-#format=binpb'], {
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (built.status !== 0)
    throw new Error(`compile ${protoDir}: buf ended with ${built.status ?? built.error}`)
  return built.stdout
}

/** All files, sorted so that each comes after those that it imports. */
export function readModel(protoDir) {
  const set = fromBinary(FileDescriptorSetSchema, compile(protoDir))
  const index = new Map()
  const files = set.file.map((file) => fileModel(file, index))
  for (const file of files) for (const message of file.messages) linkMessage(message, index)
  for (const message of index.values()) if (message.fields) refuseRecursion(message, [])
  for (const file of files) {
    for (const service of file.services) {
      for (const method of service.methods) {
        method.request = index.get(method.inputType)
        method.response = index.get(method.outputType)
      }
    }
  }
  return files
}

function fileModel(file, index) {
  const comments = new Map()
  for (const location of file.sourceCodeInfo?.location ?? []) {
    const text = [location.leadingComments, location.trailingComments].join(' ').replace(/\s+/g, ' ').trim()
    const detached = location.leadingDetachedComments.join(' ').replace(/\s+/g, ' ').trim()
    if (text !== '' || detached !== '') comments.set(location.path.join('.'), text || detached)
  }
  const model = {
    proto: file.name,
    package: file.package,
    module: moduleName(file.name),
    doc: comments.get(`${path.syntax}`) ?? '',
    messages: [],
    enums: [],
    services: [],
  }
  const scope = { model, index, comments }
  file.enumType.forEach((desc, i) => {
    addEnum(scope, desc, file.package, '', `${path.enum}.${i}`)
  })
  file.messageType.forEach((desc, i) => {
    addMessage(scope, desc, file.package, '', `${path.message}.${i}`)
  })
  model.services = file.service.map((service, s) => ({
    name: serviceName(service.name),
    fullName: `${file.package}.${service.name}`,
    methods: service.method.map((method, i) => ({
      name: method.name,
      inputType: method.inputType,
      outputType: method.outputType,
      doc: comments.get(`${path.service}.${s}.${path.method}.${i}`) ?? '',
    })),
  }))
  return model
}

function addEnum({ model, index, comments }, desc, parent, prefix, at) {
  const added = {
    kind: 'enum',
    module: model.module,
    proto: model.proto,
    name: prefix + desc.name,
    fullName: `${parent}.${desc.name}`,
    doc: comments.get(at) ?? '',
    values: desc.value.map((value, i) => ({
      name: value.name,
      number: value.number,
      doc: comments.get(`${at}.${path.value}.${i}`) ?? '',
    })),
  }
  model.enums.push(added)
  index.set(`.${added.fullName}`, added)
}

function addMessage(scope, desc, parent, prefix, at) {
  const { model, index, comments } = scope
  const fullName = `${parent}.${desc.name}`
  const name = prefix + desc.name
  desc.enumType.forEach((inner, i) => {
    addEnum(scope, inner, fullName, `${name}_`, `${at}.${path.nestedEnum}.${i}`)
  })
  desc.nestedType.forEach((inner, i) => {
    addMessage(scope, inner, fullName, `${name}_`, `${at}.${path.nestedMessage}.${i}`)
  })
  const fields = desc.field.map((field, i) => ({
    name: field.name,
    number: field.number,
    label: labels[field.label],
    type: types[field.type] === 'uint64' && signedNames.has(field.name) ? 'int64' : types[field.type],
    typeName: field.typeName,
    packed: field.options?.packed ?? false,
    default: field.defaultValue,
    doc: comments.get(`${at}.${path.field}.${i}`) ?? '',
  }))
  fields.sort((a, b) => a.number - b.number)
  const added = {
    kind: 'message',
    module: model.module,
    proto: model.proto,
    name,
    fullName,
    doc: comments.get(at) ?? '',
    fields,
  }
  model.messages.push(added)
  index.set(`.${fullName}`, added)
}

function linkMessage(message, index) {
  for (const field of message.fields) {
    if (field.type === 'group') throw new Error(`${message.fullName}.${field.name}: groups have no codec`)
    if (field.typeName !== '') field.ref = index.get(field.typeName)
  }
}

/** The decoders keep no depth count, which is sound only while no message can contain itself. */
function refuseRecursion(message, above) {
  if (above.includes(message))
    throw new Error(`${message.fullName} contains itself: decoders need a depth count`)
  for (const field of message.fields) {
    if (field.type === 'message') refuseRecursion(field.ref, [...above, message])
  }
}
