import type { TokenProto } from '@cairn/hadoop-proto'

/** A token that says nothing: what is sent where block tokens are off. */
export function emptyToken(): TokenProto {
  return { identifier: new Uint8Array(0), password: new Uint8Array(0), kind: '', service: '' }
}
