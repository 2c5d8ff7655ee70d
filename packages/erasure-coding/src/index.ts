export { chooseKernel, kernel } from './choose-kernel.ts'
export type { CodingKernel } from './coding-kernel.ts'
export { ErasureCoder, UnitsLostError } from './erasure-coder.ts'
export { nativeKernel, nativeWays } from './native-kernel.ts'
export { portableKernel } from './portable-kernel.ts'
export {
  type CodecName,
  isCodecName,
  type Schema,
  type SystemPolicy,
  systemPolicies,
  unitsMax,
} from './schema.ts'
export {
  blockGroupId,
  internalBlockId,
  internalBlockLength,
  isStripedBlockId,
  unitOfBlockId,
} from './striped-block.ts'
export { type NamedPolicy, type Striping, stripingOf } from './striping.ts'
export { wasmKernel } from './wasm-kernel.ts'
