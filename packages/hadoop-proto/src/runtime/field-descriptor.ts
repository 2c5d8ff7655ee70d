import type { MessageCodec } from './message-codec.ts'

/** Scalar types by their names in a .proto file. */
export type ScalarType =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes'

/** Names of an enumeration's values; unknown numbers are legal and have none. */
export type EnumTable = Readonly<Record<string, number>>

/** One field of a message, as its .proto file declares it; for analyzers, formatters and tests. */
export interface FieldDescriptor {
  readonly name: string
  readonly number: number
  readonly label: 'required' | 'optional' | 'repeated'
  readonly type: ScalarType | 'message' | 'enum'
  /** Written packed; both ways are read. */
  readonly packed: boolean
  /** The declared default, which decoders do not fill in. */
  readonly default: number | bigint | boolean | string | undefined
  /** The codec of a message field. */
  readonly message: MessageCodec<unknown> | undefined
  /** The values of an enum field. */
  readonly enum: EnumTable | undefined
}

/** What a generated field table says beyond name, number, label and type. */
export interface FieldDetails {
  packed?: true
  default?: number | bigint | boolean | string
  message?: MessageCodec<unknown>
  enum?: EnumTable
}

/** A row of a generated field table. */
export function field(
  name: string,
  number: number,
  label: FieldDescriptor['label'],
  type: FieldDescriptor['type'],
  details: FieldDetails = {},
): FieldDescriptor {
  return {
    name,
    number,
    label,
    type,
    packed: details.packed ?? false,
    default: details.default,
    message: details.message,
    enum: details.enum,
  }
}
