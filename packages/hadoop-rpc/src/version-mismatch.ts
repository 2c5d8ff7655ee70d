// What two ends say to each other when their versions differ: `RPC$VersionMismatch` [hgen.refuse.1].
import type { RemoteException } from './remote-exception.ts'

/** The text of a refusal, which begins as Hadoop's: clients of every generation look at it [hgen.refuse.2]. */
export function formatVersionMismatch(
  found: number,
  spoken: readonly number[],
  hint: string | undefined,
): string {
  const text = `Server IPC version ${spoken[0]} cannot communicate with client version ${found}`
  const all = spoken.length === 1 ? '' : `; spoken here: ${spoken.join(', ')}`
  return hint === undefined ? text + all : `${text}${all} (${hint})`
}

const versionOfServer = /^Server IPC version (-?\d{1,3}) cannot communicate with client version -?\d{1,3}/
const allVersions = /; spoken here: ((?:\d{1,3}, )*\d{1,3})/

/**
 * The versions that a server which refuses a connection says it speaks, its favourite first; `undefined` when the
 * refusal has another reason [hgen.refuse.1].
 */
export function serverVersions(error: RemoteException): readonly number[] | undefined {
  if (error.simpleClass !== 'VersionMismatch') return undefined
  const found = versionOfServer.exec(error.message)
  if (found === null) return error.serverVersion === undefined ? undefined : [error.serverVersion]
  const list = allVersions.exec(error.message)
  return (list?.[1] ?? found[1]!).split(', ').map(Number)
}

/** Releases by version, for messages; what is not here never was in a release. */
const releases: readonly (readonly [number, string])[] = [
  [9, 'Hadoop 2.1 and later'],
  [8, 'Hadoop 2.0.3 to 2.0.6-alpha'],
  [7, 'Hadoop 2.0.0 to 2.0.2-alpha'],
  [5, 'Hadoop 0.23'],
  [4, 'Hadoop 1'],
]

/** `Hadoop RPC 5 (Hadoop 0.23)`. */
export function formatRpcVersion(version: number): string {
  const release = releases.find(([known]) => known === version)?.[1]
  return release === undefined ? `Hadoop RPC ${version}` : `Hadoop RPC ${version} (${release})`
}

/** Which releases speak a version; empty for one that none does. */
export function releasesOfRpcVersion(version: number): string {
  return releases.find(([known]) => known === version)?.[1] ?? ''
}

/** Texts by which servers say that a protocol has no such method, by class; those before 2.1 have no class for it. */
const noSuchMethod: Readonly<Record<string, RegExp>> = {
  RpcNoSuchMethodException: /^Unknown method /,
  RpcServerException: /^Unknown method /,
  IOException: /^java\.lang\.NoSuchMethodException: /,
}

/** Whether a server says that it lacks the method that was called [hgen.absent.2]. */
export function isNoSuchMethod(error: RemoteException): boolean {
  return noSuchMethod[error.simpleClass]?.test(error.message) === true
}
