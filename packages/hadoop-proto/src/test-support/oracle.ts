import {
  create,
  createFileRegistry,
  type DescField,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf'
import { FieldDescriptorProto_Type, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'

// The oracle is protobuf-es: another implementation, working from buf's descriptors and not from our generator.

/** Compiles the .proto files and registers them with protobuf-es. */
export async function oracleRegistry(): Promise<FileRegistry> {
  const tools = new URL('../../tools/model.mjs', import.meta.url)
  const { compile }: { compile(dir: string): Uint8Array } = await import(tools.href)
  const proto = new URL('../../proto/', import.meta.url)
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, compile(proto.pathname)))
}

type Fields = Record<string, unknown>

/** The ids of blocks: ours are signed, as in Java, where the files say uint64. */
const signedNames = ['blockId', 'blockIds', 'newBlockId']

function mapField(
  field: DescField,
  value: unknown,
  one: (type: DescMessage, value: Fields) => unknown,
): unknown {
  const isUnsigned = field.proto.type === FieldDescriptorProto_Type.UINT64
  if (isUnsigned && signedNames.includes(field.name)) {
    const bits = one === toOracle ? BigInt.asUintN : BigInt.asIntN
    return Array.isArray(value) ? value.map((item: bigint) => bits(64, item)) : bits(64, value as bigint)
  }
  if (field.message === undefined) return value
  const type = field.message
  if (field.fieldKind === 'list') return (value as Fields[]).map((item) => one(type, item))
  return one(type, value as Fields)
}

function toOracle(type: DescMessage, value: Fields) {
  const init: Fields = {}
  for (const field of type.fields) {
    const given = value[field.name]
    if (given !== undefined) init[field.localName] = mapField(field, given, toOracle)
  }
  return create(type, init)
}

function fromOracle(type: DescMessage, message: Fields): Fields {
  const value: Fields = {}
  for (const field of type.fields) {
    const present = field.fieldKind === 'list' || Object.hasOwn(message, field.localName)
    value[field.name] = present ? mapField(field, message[field.localName], fromOracle) : undefined
  }
  return value
}

/** What protobuf-es makes of our value. */
export function oracleEncode(type: DescMessage, value: unknown): Uint8Array {
  return toBinary(type, toOracle(type, value as Fields))
}

/** What protobuf-es reads from the bytes, in the shape of our messages. */
export function oracleDecode(type: DescMessage, bytes: Uint8Array): unknown {
  return fromOracle(type, fromBinary(type, bytes) as unknown as Fields)
}
