import type { HdfsClient } from '@cairn/hdfs-client'
import { listEntries } from '../files/entry.ts'
import { compileComponent, expandBraces, hasWildcard, isPattern, unescapeName } from './glob-pattern.ts'
import { joinPath, type Target } from './target.ts'

/**
 * Every target that a pattern names, sorted; a target without wildcards is itself, there or not. An empty answer
 * means that a pattern matched nothing.
 */
export async function expandTarget(client: HdfsClient, target: Target): Promise<Target[]> {
  if (!isPattern(target.path)) return [target]
  const found = new Map<string, Target>()
  for (const pattern of expandBraces(target.path)) {
    for (const path of await expandPath(client, pattern)) {
      found.set(path, { authority: target.authority, path, shown: shownAs(target, path) })
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function expandPath(client: HdfsClient, pattern: string): Promise<string[]> {
  const components = pattern.split('/').filter((component) => component !== '')
  let bases = ['/']
  for (const [index, component] of components.entries()) {
    if (!hasWildcard(component)) {
      bases = bases.map((base) => joinPath(base, unescapeName(component)))
      continue
    }
    const isLast = index === components.length - 1
    const matches: string[] = []
    for (const base of bases)
      matches.push(...(await matchNames(client, base, compileComponent(component), isLast)))
    bases = matches
  }
  // Names after the last wildcard were taken on trust; a pattern without any wildcard too.
  const isTrusted = components.length > 0 && !hasWildcard(components[components.length - 1]!)
  return isTrusted ? await existing(client, bases) : bases
}

async function matchNames(
  client: HdfsClient,
  base: string,
  test: RegExp,
  isLast: boolean,
): Promise<string[]> {
  const matches: string[] = []
  try {
    for await (const { kind, target } of listEntries(client, { authority: '', path: base, shown: base })) {
      const name = target.path.slice(target.path.lastIndexOf('/') + 1)
      if (test.test(name) && (isLast || kind !== 'file')) matches.push(target.path)
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
  }
  return matches
}

async function existing(client: HdfsClient, paths: readonly string[]): Promise<string[]> {
  const there = await Promise.all(paths.map((path) => client.exists(path)))
  return paths.filter((_, index) => there[index])
}

/** Matches are shown as the user wrote the pattern: with its URI, or relative to home. */
function shownAs(target: Target, path: string): string {
  const uri = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*/.exec(target.shown)
  if (uri !== null) return uri[0] + path
  if (target.shown.startsWith('/') || target.shown.startsWith('hdfs:')) return path
  const home = /^\/user\/[^/]*\//.exec(path)
  return home === null || target.shown.includes('..') ? path : path.slice(home[0].length)
}
