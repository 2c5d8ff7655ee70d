import { createHash } from 'node:crypto'
import { patternBytes, type Random, randomInteger } from '@cairn/testkit'

/** What is at a path: a directory, or a file of a known content. */
export type Node =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly size: number; readonly seed: number }

/** A tree by absolute path. */
export type Tree = ReadonlyMap<string, Node>

/** One change of a worker's tree: what it was before, what it is when it was done. */
export type Operation =
  | { readonly name: 'mkdir'; readonly path: string }
  | { readonly name: 'write'; readonly path: string; readonly file: Extract<Node, { kind: 'file' }> }
  | { readonly name: 'rename'; readonly path: string; readonly to: string }
  | { readonly name: 'remove'; readonly path: string }

/** Nodes of one worker's tree at most: all of it is read after every crash. */
const nodesMax = 14
/** Bytes of one file at most: more than one packet, and more than one block of the smallest size. */
const fileBytesMax = 200_000

/** The content that a file of this size and seed has. */
export function contentOf(file: { size: number; seed: number }): Uint8Array {
  return patternBytes(file.size, file.seed)
}

/** A short name of a content, for messages. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12)
}

/** The next change of a tree, by chance. */
export function nextOperation(tree: Tree, root: string, random: Random): Operation {
  const paths = [...tree.keys()].filter((path) => path !== root)
  const directories = [...tree].filter(([, node]) => node.kind === 'directory').map(([path]) => path)
  const pick = <T>(from: readonly T[]): T => from[randomInteger(random, from.length)]!
  const fresh = () => `${pick(directories)}/${randomInteger(random, 0xfffffff).toString(36)}`
  const choice = random()
  if (paths.length >= nodesMax || (paths.length > 3 && choice < 0.2))
    return { name: 'remove', path: pick(paths) }
  if (paths.length > 2 && choice < 0.4) {
    const path = pick(paths)
    const elsewhere = directories.filter(
      (directory) => directory !== path && !directory.startsWith(`${path}/`),
    )
    return { name: 'rename', path, to: `${pick(elsewhere)}/${randomInteger(random, 0xfffffff).toString(36)}` }
  }
  if (choice < 0.5) return { name: 'mkdir', path: fresh() }
  const files = paths.filter((path) => tree.get(path)!.kind === 'file')
  const path = files.length > 0 && choice < 0.6 ? pick(files) : fresh()
  const size = random() < 0.2 ? 0 : 1 + randomInteger(random, fileBytesMax)
  return { name: 'write', path, file: { kind: 'file', size, seed: randomInteger(random, 0xffff) } }
}

/** The tree after a change. */
export function applyOperation(tree: Tree, operation: Operation): Tree {
  const next = new Map(tree)
  switch (operation.name) {
    case 'mkdir':
      return next.set(operation.path, { kind: 'directory' })
    case 'write':
      return next.set(operation.path, operation.file)
    case 'remove':
      for (const path of below(tree, operation.path)) next.delete(path)
      return next
    case 'rename':
      for (const path of below(tree, operation.path)) {
        next.delete(path)
        next.set(operation.to + path.slice(operation.path.length), tree.get(path)!)
      }
      return next
  }
}

function below(tree: Tree, top: string): string[] {
  return [...tree.keys()].filter((path) => path === top || path.startsWith(`${top}/`))
}
