import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInteger, seededRandom } from '@cairn/testkit'
import { ChildList, compareUtf8 } from './child-list.ts'
import { INodeDirectory } from './inode.ts'

const attributes = { owner: 'o', group: 'g', mode: 0, modificationTime: 0, accessTime: 0 }
const node = (name: string): INodeDirectory => new INodeDirectory(1, name, attributes)

test('compareUtf8 orders like the bytes of UTF-8', () => {
  const names = [
    '',
    'a',
    'aa',
    'b',
    'é',
    'z',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
    'a\u{1f600}',
    'a\uffee',
  ]
  for (const a of names) {
    for (const b of names) {
      assert.equal(
        Math.sign(compareUtf8(a, b)),
        Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
        `${a} ${b}`,
      )
    }
  }
})

test('ChildList lists what is there, whatever was added, removed and renamed between listings', () => {
  const random = seededRandom(7)
  for (let run = 0; run < 20; run++) {
    const list = new ChildList()
    const nodes: INodeDirectory[] = []
    for (let step = 0; step < 400; step++) {
      const name = `n${randomInteger(random, 60)}`
      const known = list.get(name)
      const other = `m${randomInteger(random, 60)}`
      if (known === undefined) {
        const made = node(name)
        nodes.push(made)
        list.add(made)
      } else if (random() < 0.5) {
        list.remove(known)
      } else if (list.get(other) === undefined) {
        list.remove(known)
        known.name = other
        list.add(known)
      }
      if (random() < 0.1) check(list)
    }
    check(list)
  }
})

function check(list: ChildList): void {
  const sorted = list.sorted()
  const expected = [...list.values()].map((inode) => inode.name).sort()
  assert.deepEqual(
    sorted.map((inode) => inode.name),
    expected,
  )
  assert.equal(sorted.length, list.size)
  for (const [index, inode] of sorted.entries()) {
    assert.equal(list.get(inode.name), inode)
    assert.equal(list.indexAfter(inode.name), index + 1)
  }
  assert.equal(list.indexAfter(''), 0)
}

test('ChildList forgets its order when changes outgrow it', () => {
  const list = new ChildList()
  list.sorted()
  for (let i = 0; i < 5000; i++) {
    const made = node(`x${i}`)
    list.add(made)
    list.remove(made)
  }
  assert.deepEqual(list.sorted(), [])
})
