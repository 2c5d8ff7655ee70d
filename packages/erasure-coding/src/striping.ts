import { argumentError } from './coding-kernel.ts'
import { isCodecName, type Schema, systemPolicies, unitsMax } from './schema.ts'

/** A policy as messages name it (`ErasureCodingPolicyProto`): a system policy by its id alone. */
export interface NamedPolicy {
  readonly id: number
  readonly cellSize?: number | undefined
  readonly schema?:
    | { readonly codecName: string; readonly dataUnits: number; readonly parityUnits: number }
    | undefined
}

/** How a file is cut into units. */
export interface Striping {
  readonly schema: Schema
  /** Bytes that go to one unit before the next unit's turn. */
  readonly cellSize: number
}

const cellSizeMax = 0x7fff_ffff

/**
 * The code and the cell size that a message names [ec.policy.1].
 *
 * @throws RangeError `ERR_ERASURE_CODING_ARGUMENT` for one that is not known
 */
export function stripingOf(policy: NamedPolicy): Striping {
  const known = systemPolicies.find(({ id }) => id === policy.id)
  if (known) return { schema: known.schema, cellSize: known.cellSize }
  const { codecName, dataUnits, parityUnits } = policy.schema ?? {
    codecName: '',
    dataUnits: 0,
    parityUnits: 0,
  }
  const cellSize = policy.cellSize ?? 0
  const fits = dataUnits >= 1 && parityUnits >= 1 && dataUnits + parityUnits <= unitsMax
  if (!isCodecName(codecName) || !fits || cellSize < 1 || cellSize > cellSizeMax) {
    throw argumentError(
      `read the erasure coding policy ${policy.id}: found codec "${codecName}" with ${dataUnits} and ${parityUnits} units in cells of ${cellSize} bytes; rs, rs-legacy and xor with up to ${unitsMax} units are known`,
    )
  }
  return { schema: { codec: codecName, dataUnits, parityUnits }, cellSize }
}
