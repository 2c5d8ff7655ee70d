// A reporter of node:test that appends one JSON line for every case: {"release","file","name","outcome"}.
//   outcome  "passed", "failed", or "refused": a release cannot do it, and that was said as it should be
// The release is the one that the names of the tests around a case say ("… Hadoop 1.2.1"), else HADOOP_VERSION.
import { relative, sep } from 'node:path'
import { root } from '../build.mjs'

const releaseIn = /\bHadoop (\d+\.\d+\.\d+(?:-\w+)?)/
const rule = / \[[a-z]+(?:\.[\w-]+)+\]/g
const refused = / \[refused: since ([^\]]+)\]$/

/** `packages/cluster/dist/x.interop.js` as `cluster/x`. */
export function fileKey(path) {
  return relative(root, path)
    .split(sep)
    .filter((part) => !['packages', 'dist', 'src'].includes(part))
    .join('/')
    .replace(/\.interop\.(js|ts)$/, '')
}

export function caseLine(names, file, passed) {
  const named = names.map((name) => releaseIn.exec(name)?.[1]).find((found) => found !== undefined)
  const release = named ?? process.env.HADOOP_VERSION ?? '3.4.3'
  return {
    release,
    file: fileKey(file),
    name: caseName(names, release),
    outcome: !passed ? 'failed' : refused.test(names[names.length - 1]) ? 'refused' : 'passed',
  }
}

/** The names below the suite's, without the rules that they prove and without the release: the same for every release. */
function caseName(names, release) {
  const inner =
    names.length > 1 && releaseIn.test(names[0]) && !releaseIn.test(names[1]) ? names.slice(1) : names
  const plain = inner.map((name) => name.replace(refused, '').replaceAll(rule, ''))
  return plain.join(' / ').replaceAll(release, 'the release').replaceAll('Hadoop the release', 'the release')
}

export default async function* interopReporter(events) {
  const names = []
  /** Depth of the test that ended last: deeper than the one that ends now, that one had parts and is none itself. */
  let endedDepth = -1
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      names.length = data.nesting
      names[data.nesting] = data.name
      if (data.nesting > endedDepth) endedDepth = -1
    } else if (type === 'test:pass' || type === 'test:fail') {
      const isLeaf = endedDepth <= data.nesting
      endedDepth = data.nesting
      names[data.nesting] = data.name
      const path = names.slice(0, data.nesting + 1)
      if (isLeaf && !data.skip && data.file) {
        yield `${JSON.stringify(caseLine(path, data.file, type === 'test:pass'))}\n`
      }
    }
  }
}
