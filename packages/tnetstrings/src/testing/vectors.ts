import { readFileSync } from 'node:fs'
import { type Encodable, TnsFloat, type Value } from '../value.ts'

/** The vectors that all four languages run; `test-data/vectors.json`. */
export interface Vectors {
  readonly accept: readonly {
    readonly hex: string
    readonly value: VectorValue
    readonly reencodes_same_except_dict_order: boolean
  }[]
  readonly reject: readonly { readonly hex: string; readonly why: string }[]
  readonly petrichor_pairs: readonly {
    readonly header: VectorValue
    readonly body: VectorValue
    readonly ascii: string
  }[]
}

/** A value as the vectors write it: bytes in hex, dicts as pairs, floats and large integers as text. */
export type VectorValue =
  | null
  | boolean
  | number
  | readonly VectorValue[]
  | { readonly b: string }
  | { readonly f: string }
  | { readonly int: string }
  | { readonly dict: readonly (readonly [string, VectorValue])[] }

export function readVectors(): Vectors {
  const path = new URL('../../test-data/vectors.json', import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as Vectors
}

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

/** The value that `decode` must answer, and that `encode` takes. */
export function vectorValue(value: VectorValue): Value & Encodable {
  if (value === null || typeof value !== 'object') return value
  if ('b' in value) return fromHex(value.b)
  if ('f' in value) return new TnsFloat(Number(value.f))
  if ('int' in value) return BigInt(value.int)
  if ('dict' in value) {
    const dict: Record<string, Value & Encodable> = Object.create(null)
    for (const [key, one] of value.dict) dict[Buffer.from(key, 'hex').toString()] = vectorValue(one)
    return dict
  }
  return value.map(vectorValue) as Value & Encodable
}
