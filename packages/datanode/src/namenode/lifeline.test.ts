import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { Lifeline } from './lifeline.ts'

test('a lifeline is due when a heartbeat is late by its interval, then once an interval [dnp.lifeline.1]', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    let now = 0
    const sent: number[] = []
    const lifeline = new Lifeline({
      heartbeatIntervalMs: 3_000,
      intervalMs: 9_000,
      now: () => now,
      send: () => sent.push(now),
    })
    const pass = (ms: number): void => {
      for (const end = now + ms; now < end; ) {
        now += 500
        mock.timers.tick(500)
      }
    }
    pass(60_000)
    assert.deepEqual(sent, [], 'none before the first heartbeat')
    for (let beats = 0; beats < 20; beats++) {
      lifeline.heartbeatBegan()
      pass(3_000)
    }
    assert.deepEqual(sent, [], 'none while heartbeats come')
    const last = now - 3_000
    pass(30_000)
    assert.deepEqual(
      sent.map((at) => at - last),
      [12_000, 21_000, 30_000],
    )
    lifeline.heartbeatBegan()
    sent.length = 0
    pass(11_500)
    assert.deepEqual(sent, [])
    lifeline.stop()
    pass(60_000)
    assert.deepEqual(sent, [])
  } finally {
    mock.timers.reset()
  }
})
