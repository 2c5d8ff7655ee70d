/** Anything that a TNetstring can hold, as it is read. [tns.value.1] */
export type Value = null | boolean | number | bigint | TnsFloat | string | Uint8Array | Value[] | Dict

/** A dict as it is read: without a prototype, so that no key means anything but itself. [tns.dict.4] */
export interface Dict {
  [key: string]: Value
}

/** What may be written: strings become UTF-8 bytes, keys that are `undefined` are left out, maps are dicts. */
export type Encodable =
  | null
  | boolean
  | number
  | bigint
  | TnsFloat
  | string
  | Uint8Array
  | readonly Encodable[]
  | ReadonlyMap<string, Encodable>
  | { readonly [key: string]: Encodable | undefined }

/** A number that is written as a float (`^`) even where it is whole. Read back only with `floats: 'wrapped'`. */
export class TnsFloat {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }

  valueOf(): number {
    return this.value
  }

  toJSON(): number {
    return this.value
  }
}
