import type { ErasureCodingPolicyProto } from '@cairn/hadoop-proto'

/** Policies that every NameNode has and sends by number only (SystemErasureCodingPolicies). */
const systemPolicyNames: ReadonlyMap<number, string> = new Map([
  [1, 'RS-6-3-1024k'],
  [2, 'RS-3-2-1024k'],
  [3, 'RS-LEGACY-6-3-1024k'],
  [4, 'XOR-2-1-1024k'],
  [5, 'RS-10-4-1024k'],
])

/** The name of an erasure coding policy; `policy 64` when only its number is known. */
export function erasureCodingPolicyName({ id, name }: ErasureCodingPolicyProto): string {
  return name ?? systemPolicyNames.get(id) ?? `policy ${id}`
}
