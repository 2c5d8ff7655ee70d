/**
 * The parts of a stream, until the signal: a pipe that brings nothing more would otherwise hold a command for ever.
 * Rejects with `signal.reason`. The listener lives as long as one wait, so that a long stream leaves nothing behind.
 */
export async function* untilAborted(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  for (;;) {
    signal.throwIfAborted()
    const { value, done } = await nextOrAborted(iterator, signal)
    if (done) return
    yield value
  }
}

async function nextOrAborted<T>(iterator: AsyncIterator<T>, signal: AbortSignal): Promise<IteratorResult<T>> {
  let onAbort: () => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([iterator.next(), aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
