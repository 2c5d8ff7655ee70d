import { setTimeout as delay } from 'node:timers/promises'
import type { HdfsClient } from '@cairn/hdfs-client'
import type { Random } from '@cairn/testkit'
import {
  applyOperation,
  contentOf,
  digestOf,
  type Node,
  nextOperation,
  type Operation,
  type Tree,
} from './crash-model.ts'

/** What was acknowledged has to be readable this long after the cluster came back. */
const readableMs = 10_000

/**
 * One writer with a directory of its own. It knows what was acknowledged; after an error it stops, as the operation
 * under way may or may not have been done, and `verify` finds out which.
 */
export class CrashWorker {
  readonly #client: HdfsClient
  readonly #root: string
  readonly #random: Random
  #tree: Tree
  #doubt: Operation | undefined
  /** Acknowledged operations. */
  acknowledged = 0
  /** Operations that ended in an error. */
  doubted = 0

  constructor(client: HdfsClient, root: string, random: Random) {
    this.#client = client
    this.#root = root
    this.#random = random
    this.#tree = new Map<string, Node>([[root, { kind: 'directory' }]])
  }

  async prepare(): Promise<void> {
    await this.#client.mkdir(this.#root)
  }

  /** Changes the tree, one operation after another, until `isOver` or the first error. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const operation = nextOperation(this.#tree, this.#root, this.#random)
      try {
        await this.#perform(operation)
      } catch {
        // With the cluster shot down under it, anything may go wrong; what counts is what is there afterwards.
        this.#doubt = operation
        this.doubted++
        return
      }
      this.#tree = applyOperation(this.#tree, operation)
      this.acknowledged++
    }
  }

  async #perform(operation: Operation): Promise<void> {
    const { path } = operation
    switch (operation.name) {
      case 'mkdir':
        return void (await this.#client.mkdir(path))
      case 'write':
        return await this.#client.writeFile(path, contentOf(operation.file))
      case 'rename':
        return await this.#client.rename(path, operation.to)
      case 'remove':
        return await this.#client.rm(path, { recursive: true })
    }
  }

  /** Compares everything with what was acknowledged; answers what is wrong, nothing where all is well. */
  async verify(): Promise<string[]> {
    const found = await this.#readTree()
    const doubt = this.#doubt
    this.#doubt = undefined
    const before = await this.#differences(this.#tree, found, doubt)
    if (before.length === 0) return []
    if (doubt === undefined) return before
    const done = applyOperation(this.#tree, doubt)
    const after = await this.#differences(done, found, undefined)
    if (after.length > 0)
      return [`neither before nor after ${JSON.stringify(doubt)}:`, ...before, '---', ...after]
    this.#tree = done
    return []
  }

  /** Takes away what an unfinished write left, so that the next round begins with what is known. */
  async #differences(expected: Tree, found: Tree, doubt: Operation | undefined): Promise<string[]> {
    const wrong: string[] = []
    const leftover = doubt?.name === 'write' ? doubt.path : undefined
    for (const path of found.keys()) {
      if (!expected.has(path) && path !== leftover) wrong.push(`${path} should not be there`)
    }
    for (const [path, node] of expected) {
      const there = found.get(path)
      if (path === leftover) continue
      if (there === undefined) wrong.push(`${path} is lost`)
      else if (there.kind !== node.kind) wrong.push(`${path} is a ${there.kind}`)
      else if (node.kind === 'file') wrong.push(...(await this.#contentFaults(path, node)))
    }
    if (wrong.length === 0 && leftover !== undefined) await this.#settleWrite(leftover)
    return wrong
  }

  /** A file whose writer was cut off is whatever it is: complete, partial, or not there. It is taken away. */
  async #settleWrite(path: string): Promise<void> {
    await this.#client.rm(path, { force: true })
    const tree = new Map(this.#tree)
    tree.delete(path)
    this.#tree = tree
  }

  async #contentFaults(path: string, node: Extract<Node, { kind: 'file' }>): Promise<string[]> {
    const wanted = digestOf(contentOf(node))
    const giveUpAt = performance.now() + readableMs
    for (;;) {
      try {
        const bytes = await this.#client.readFile(path)
        const got = digestOf(bytes)
        if (got === wanted) return []
        return [`${path}: ${bytes.length} bytes, digest ${got}; ${node.size}, ${wanted} were written`]
      } catch (error) {
        // A DataNode that has just come back may not have reported its blocks yet.
        if (performance.now() > giveUpAt) return [`${path} cannot be read: ${String(error)}`]
        await delay(50)
      }
    }
  }

  async #readTree(): Promise<Tree> {
    const tree = new Map<string, Node>([[this.#root, { kind: 'directory' }]])
    for (const entry of await this.#client.readdir(this.#root, { recursive: true, withFileTypes: true })) {
      const { path, stats } = entry
      tree.set(
        path,
        stats.isDirectory() ? { kind: 'directory' } : { kind: 'file', size: stats.size, seed: 0 },
      )
    }
    return tree
  }
}
