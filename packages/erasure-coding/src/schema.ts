/** Codec names as the NameNode gives them in `ECSchemaProto.codecName`. */
export type CodecName = 'rs' | 'rs-legacy' | 'xor'

/** Which code, and over how many units; Java's `ECSchema`. */
export interface Schema {
  readonly codec: CodecName
  readonly dataUnits: number
  readonly parityUnits: number
}

/** A schema and how a file is cut into it; Java's `ErasureCodingPolicy`. */
export interface SystemPolicy {
  /** Java's id, a byte on the wire. */
  readonly id: number
  readonly name: string
  readonly schema: Schema
  /** Bytes that go to one unit before the next unit's turn. */
  readonly cellSize: number
}

/** Units of one group at most: the last four bits of a block id number them. */
export const unitsMax = 16

const cellSize = 1024 * 1024

function policy(id: number, codec: CodecName, dataUnits: number, parityUnits: number): SystemPolicy {
  const name = `${codec.toUpperCase()}-${dataUnits}-${parityUnits}-${cellSize / 1024}k`
  return { id, name, schema: { codec, dataUnits, parityUnits }, cellSize }
}

/** The policies every Hadoop knows; Java's `SystemErasureCodingPolicies`. */
export const systemPolicies: readonly SystemPolicy[] = [
  policy(1, 'rs', 6, 3),
  policy(2, 'rs', 3, 2),
  policy(3, 'rs-legacy', 6, 3),
  policy(4, 'xor', 2, 1),
  policy(5, 'rs', 10, 4),
]

export function isCodecName(name: string): name is CodecName {
  return name === 'rs' || name === 'rs-legacy' || name === 'xor'
}
