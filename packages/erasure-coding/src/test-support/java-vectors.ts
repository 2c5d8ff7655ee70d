import { ErasureCoder } from '../erasure-coder.ts'
import { isCodecName } from '../schema.ts'

/** Does what java/JavaCoders.java does, for the codes that its lines name. */
export function parityLines(lines: readonly string[]): string[] {
  let state = 1
  const unit = (bytes: number): Uint8Array =>
    Uint8Array.from({ length: bytes }, () => {
      state = (Math.imul(state, 1103515245) + 12345) | 0
      return state >>> 16
    })
  return lines.map((line) => {
    const [codec, dataUnits, parityUnits, bytes] = line.split(' ')
    if (codec === undefined || !isCodecName(codec)) throw new Error(`no such codec: ${line}`)
    const length = Number(bytes)
    const schema = { codec, dataUnits: Number(dataUnits), parityUnits: Number(parityUnits) }
    const data = Array.from({ length: schema.dataUnits }, () => unit(length))
    const parity = Array.from({ length: schema.parityUnits }, () => new Uint8Array(length))
    new ErasureCoder(schema).encode(data, parity)
    const hex = parity.map((bytesOfUnit) => Buffer.from(bytesOfUnit).toString('hex'))
    return [codec, dataUnits, parityUnits, bytes, ...hex].join(' ')
  })
}
